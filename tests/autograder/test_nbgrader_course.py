"""An nbgrader course in and out: its class, due date and extensions, and scores that nbgrader itself shows."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from nbgrader.api import Gradebook as Book

from autograder import course as decided
from autograder.cli import main
from autograder.gradebook import Gradebook
from autograder.grades import grades
from autograder.nbgrader_course import Course
from tests.autograder.command import HONEST, autograder
from tests.autograder.fixtures import code_cell, lost, notebook, result
from tools import labs
from upright import checks
from upright.checks.verdict import Check

LAB = "lab1_episodes"
POINTS = {"check_run_episode": 5.0, "check_evaluate": 2.0, "check_td_target": 3.0}
ATTACK = "<script>document.title = 'owned'</script>"
RELEASE = f"release/{LAB}/{LAB}.ipynb"
LATE = "2026-12-02 10:00:00.000000 UTC"


def nbgrader(folder: Path, *arguments: str) -> None:
    programs = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=folder, capture_output=True, env=environment
    )
    assert done.returncode == 0, done.stderr.decode()


@contextlib.contextmanager
def book(folder: Path) -> Iterator[Any]:
    with Book(f"sqlite:///{folder / 'gradebook.db'}") as found:
        yield found


def handed_in(folder: Path, student: str, text: str, timestamp: str = "") -> None:
    place = folder / "submitted" / student / LAB
    place.mkdir(parents=True)
    (place / f"{LAB}.ipynb").write_text(text, encoding="utf-8")
    if timestamp:
        (place / "timestamp.txt").write_text(timestamp)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with its release and class, as nbgrader's own commands make them, and nothing handed in."""
    folder = tmp_path_factory.mktemp("made") / "course"
    labs.write_course(folder)
    nbgrader(folder, "generate_assignment", LAB)
    with book(folder) as found:
        found.add_student("ada", first_name="Ada", last_name="Lovelace")
        found.add_student("eve", first_name="Eve")
        found.update_or_create_assignment(LAB, duedate="2026-12-01 23:59:00 UTC")
    return folder


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "course")
    return tmp_path / "course"


def graded(folder: Path, *results: Any, policy: str = "{}") -> Path:
    """A gradebook with these results beside the course."""
    (folder.parent / "policy.json").write_text(f'{{"format": "upright-grading/1", {policy[1:]}')
    with Gradebook.open(folder.parent / "grades") as found:
        for one in results:
            found.record(one, submitted_at="2026-12-02T10:00:00+00:00")
        if policy != "{}":
            read = decided.read_policy(folder.parent / "policy.json")
            decided.keep(found, LAB, decided.Decisions(policy=read))
    return folder.parent / "grades"


def points(run_episode: float, evaluate: float, td_target: float) -> list[Check]:
    """Checks that give so many points to each function."""
    made = []
    left = {"run_episode": run_episode, "evaluate": evaluate, "td_target": td_target}
    for spec in checks.lab(LAB).checks:
        given = min(left[spec.function], spec.points)
        left[spec.function] -= given
        made.append(Check(spec.name, given, spec.points, "passed" if given == spec.points else "failed", hint="Look."))
    return made


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def export(course: Path) -> Done:
    """The command in this process: to import nbgrader for each would take most of the time."""
    given = ["export", "nbgrader", str(course.parent / "grades"), "--lab", LAB, "--course", str(course)]
    with contextlib.redirect_stdout(io.StringIO()) as told, contextlib.redirect_stderr(io.StringIO()) as wrong:
        return Done(main(given), told.getvalue(), wrong.getvalue())


def scores(course: Path) -> dict[str, tuple[dict[str, float], float | None]]:
    """Each student's points by cell, and the penalty, as nbgrader has them."""
    with book(course) as found:
        return {
            one.student.id: (
                {grade.name: grade.score for grade in one.notebooks[0].grades},
                one.notebooks[0].late_submission_penalty,
            )
            for one in found.assignment_submissions(LAB)
        }


def shown(course: Path, student: str) -> Any:
    """The notebook that formgrader shows."""
    found = nbformat.read(course / "autograded" / student / LAB / f"{LAB}.ipynb", as_version=4)
    nbformat.validate(found)
    return found


def test_a_course_goes_in_and_its_scores_come_out_as_nbgrader_itself_exports_them(course: Path, tmp_path: Path) -> None:
    shutil.copytree(course / "source" / LAB, course / "submitted" / "ada" / LAB)
    (course / "submitted" / "ada" / LAB / "timestamp.txt").write_text(LATE)
    ran = tmp_path / "ran"
    handed_in(
        course, "mallory", notebook(code_cell(f"open({str(ran)!r}, 'w')\n{HONEST}".replace("reward if t", "1 if t")))
    )
    (tmp_path / "policy.json").write_text('{"format": "upright-grading/1", "late": "per_day", "percent": 10}')
    grading = ("--lab", LAB, "--out", tmp_path / "grades", "--policy", tmp_path / "policy.json")
    graded_now = autograder("grade", "--course", course, *grading)
    assert graded_now.returncode == 0, graded_now.stderr
    assert "missing" in graded_now.stdout + graded_now.stderr
    done = export(course)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 grades of lab1_episodes, in nbgrader's database" in done.stdout
    nbgrader(course, "export", "--to", "grades.csv")
    rows = {row["student_id"]: row for row in csv.DictReader(io.StringIO((course / "grades.csv").read_text()))}
    with (tmp_path / "grades" / "gradebook.csv").open(encoding="utf-8") as table:
        ours = {row["student"]: row for row in csv.DictReader(table)}
    assert ours["ada"]["name"] == "Ada Lovelace"
    assert (ours["ada"]["raw"], ours["ada"]["penalty"], ours["ada"]["score"]) == ("10", "1", "9")
    for student in ("ada", "mallory"):
        theirs = rows[student]
        assert float(theirs["raw_score"]) == float(ours[student]["raw"])
        assert float(theirs["late_submission_penalty"]) == float(ours[student]["penalty"])
        assert float(theirs["score"]) == float(ours[student]["score"])
        assert float(theirs["max_score"]) == 10
    assert float(rows["mallory"]["raw_score"]) < 10
    assert not ran.exists()


def test_formgrader_shows_the_students_code_the_checks_and_no_text_of_the_student(course: Path) -> None:
    answer = code_cell(
        "def run_episode(env, policy):\n    return 0.0", metadata={"nbgrader": {"grade_id": "run_episode"}}
    )
    html = {"output_type": "display_data", "data": {"text/html": ATTACK}, "metadata": {}}
    helper = code_cell("def helper():\n    return 1", outputs=[html], metadata={"evil": ATTACK})
    handed_in(course, "ada", notebook({"cell_type": "markdown", "metadata": {}, "source": ATTACK}, answer, helper))
    graded(course, result("ada", checks=points(3, 2, 3), score=8.0))
    assert export(course).returncode == 0
    page = shown(course, "ada")
    assert "owned" not in json.dumps(page)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in page.cells}
    assert cells["run_episode"].source.endswith("return 0.0")
    assert page.cells[page.cells.index(cells["run_episode"]) + 1].source.startswith("def helper")
    assert "no cell of this name" in cells["evaluate"].source
    assert "✗ run_episode: sums the rewards (0 of 1 points)" in cells["check_run_episode"].outputs[0].text
    assert "Hint: Look." in cells["check_run_episode"].outputs[0].text
    assert "✗" not in cells["check_td_target"].outputs[0].text
    assert scores(course) == {"ada": ({**POINTS, "check_run_episode": 3.0}, None)}


def test_points_that_a_person_gave_in_formgrader_stay_and_the_person_is_told(course: Path) -> None:
    handed_in(course, "ada", notebook(code_cell("pass")))
    graded(course, result("ada", checks=points(3, 2, 3), score=8.0))
    export(course)
    with book(course) as found:
        found.find_grade("check_run_episode", LAB, LAB, "ada").manual_score = 4.5
        found.db.commit()
    assert "a person gave in formgrader were kept, and count there: 1 (ada)" in export(course).stdout
    assert scores(course)["ada"][0]["check_run_episode"] == 4.5


def test_of_an_average_each_cell_gives_its_mean_and_the_sum_is_the_raw_score(course: Path) -> None:
    handed_in(course, "ada", notebook(code_cell("pass")))
    first = result("ada", checks=points(5, 0, 0), score=5.0, submission_sha256="1" * 64)
    graded(course, first, result("ada", checks=points(5, 2, 3), score=10.0), policy='{"attempts": "average"}')
    export(course)
    assert scores(course)["ada"][0] == {"check_run_episode": 5.0, "check_evaluate": 1.0, "check_td_target": 1.5}
    with Gradebook.open(course.parent / "grades") as ours:
        assert next(grades(ours, LAB)).score == 7.5


def test_a_student_without_a_grade_keeps_what_nbgrader_has(course: Path) -> None:
    graded(course, lost("ada"))
    assert "0 grades" in export(course).stdout
    assert scores(course) == {}


def test_who_is_not_in_the_course_and_who_handed_in_another_file_is_named(course: Path) -> None:
    handed_in(course, "ada", notebook(code_cell("pass")))
    graded(course, result("ada", checks=points(5, 2, 3), score=10.0), result("stranger"))
    done = export(course)
    assert "/course: 1 (stranger)" in done.stdout
    assert "Another file was handed in than the one that counts: 1 (ada)" in done.stdout
    assert "This is not the file that the points are for" in shown(course, "ada").cells[0].outputs[0].text


def test_a_student_with_two_notebooks_stops_nobody_elses_score(course: Path) -> None:
    handed_in(course, "ada", notebook(code_cell("pass")))
    for name in ("one", "two"):
        path = course / "submitted" / "eve" / LAB / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(code_cell("pass")))
    graded(course, result("ada", checks=points(5, 2, 3), score=10.0))
    assert export(course).returncode == 0
    assert scores(course) == {"ada": (POINTS, None)}


def test_an_invalid_submission_has_its_zero_and_its_reason_in_formgrader(course: Path) -> None:
    handed_in(course, "ada", "no notebook")
    graded(course, result("ada", outcome="invalid_submission", checks=[], score=0.0, notes=["It is not JSON."]))
    assert export(course).returncode == 0
    assert "It is not JSON." in shown(course, "ada").cells[0].outputs[0].text
    assert scores(course) == {"ada": (dict.fromkeys(POINTS, 0.0), None)}


def test_a_grade_of_another_version_of_the_checks_is_refused_by_name(course: Path) -> None:
    graded(course, result("ada"))
    assert "The check evaluate is of another version of the grader" in export(course).stderr


def test_points_that_differ_from_the_release_are_refused_and_nothing_is_written(course: Path) -> None:
    handed_in(course, "ada", notebook(code_cell("pass")))
    graded(course, result("ada", checks=points(5, 2, 3), score=10.0))
    with book(course) as found:
        found.find_grade_cell("check_evaluate", LAB, LAB).max_score = 4
        found.db.commit()
    done = export(course)
    assert done.returncode == 2
    assert "the cell check_evaluate of lab1_episodes gives 2 points here, and nbgrader has 4 points" in done.stderr
    assert scores(course) == {}


def test_the_class_the_due_date_and_the_extensions_are_nbgraders(course: Path) -> None:
    with book(course) as found:
        found.add_submission(LAB, "eve")
        found.grant_extension(LAB, "eve", days=1, hours=12)
    with Course(course) as opened:
        known = opened.decisions(LAB)
    assert known.roster == {"ada": "Ada Lovelace", "eve": "Eve"}
    assert known.extensions is not None
    assert known.extensions["eve"].days == 1.5
    assert known.deadline == "2026-12-01T23:59:00+00:00"


def test_nbgraders_due_date_takes_the_place_of_the_deadline_and_the_rest_of_the_policy_stays(course: Path) -> None:
    with book(course) as found:
        found.update_or_create_assignment(LAB, duedate="2027-01-15 12:00:00 UTC")
    late = '{"late": "per_day", "percent": 10, "deadline": "2026-12-01T23:59:00+00:00"}'
    folder = graded(course, result("ada", score=8.0), policy=late)
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["policy", str(folder), "--lab", LAB, "--course", str(course)]) == 0
    with Gradebook.open(folder) as ours:
        policy = decided.policy(ours, LAB)
        assert (policy.deadline, policy.late, policy.percent) == ("2027-01-15T12:00:00+00:00", "per_day", 10)
        assert [(grade.student, grade.score) for grade in grades(ours, LAB)] == [("ada", 8.0), ("eve", None)]


@pytest.mark.parametrize(
    ("broken", "told", "code"),
    [
        (lambda folder: shutil.rmtree(folder), "is no folder", 2),
        (lambda folder: (folder / "gradebook.db").unlink(), "holds no gradebook.db", 2),
        (lambda folder: (folder / "gradebook.db").write_bytes(b"no database at all" * 99), "cannot be read", 5),
        (lambda folder: (folder / "nbgrader_config.py").write_text("1 / 0"), "nbgrader_config.py: cannot be loaded", 2),
        (lambda folder: shutil.rmtree(folder / "release"), "run nbgrader generate_assignment", 2),
        (lambda folder: (folder / RELEASE).write_text('{"cells": [1]}'), "is not there or no notebook; run", 2),
    ],
)
def test_what_is_no_course_is_refused_by_name(broken: Any, told: str, code: int, course: Path) -> None:
    graded(course, result("ada"))
    broken(course)
    done = export(course)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
