"""The README's section for instructors, followed literally: a class of 30 on Canvas, from downloads to grades."""

from __future__ import annotations

import csv
import itertools
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.autograder.command import HONEST, LAB
from tests.autograder.fixtures import code_cell, notebook
from tests.upright.checks.mistakes import Mistake, mistakes
from tools.chapters import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COUNT = 30
BROKEN, LATE, EXTENDED, MISSING = 3, 5, 7, 31  # which students are special
ELSEWHERE = {"moodle", "nbgrader", "gradescope", "--course", "lab-1-submissions", "--cluster"}  # other ways than this


def commands() -> list[list[str]]:
    """What the README tells instructors to type, in its order, without what is for other systems than Canvas."""
    section = README[README.index("### Grade a folder of downloads") : README.index("## For authors")]
    lines = re.findall(r"^\.venv/bin/autograder .*$", section, re.MULTILINE)
    return [words for words in map(shlex.split, lines) if not ELSEWHERE & set(words)]


def student(number: int) -> str:
    return f"lovelace{number:02}ada_{5000 + number}"


def mistake(number: int) -> Mistake | None:
    """Every third student makes one, all of them in functions that end."""
    quick = [one for one in mistakes(LAB) if one.check.startswith(("run_episode: sums", "evaluate", "td_target"))]
    return quick[number // 3 % len(quick)] if number % 3 == 0 and number != BROKEN else None


def hand_in(folder: Path) -> None:
    """What an instructor has: Canvas's download and gradebook, the class, the times, and the policy of the README."""
    (folder / "downloads").mkdir()
    for number in range(1, COUNT + 1):
        wrong = mistake(number)
        cells = [code_cell(HONEST), *([code_cell(wrong.source)] if wrong else [])]
        late = "_LATE" if number == LATE else ""
        name = f"lovelace{number:02}ada{late}_{5000 + number}_{8000 + number}_{LAB}.ipynb"
        (folder / "downloads" / name).write_text("half a noteb" if number == BROKEN else notebook(*cells))
    policy = re.search(r"```\n(\{\n  \"format\": \"upright-grading/1\".*?\n\})\n```", README, re.DOTALL)
    assert policy
    (folder / "policy.json").write_text(policy[1])
    on_time, late = "2026-12-01T12:00:00+01:00", "2026-12-02T12:00:00+01:00"
    everybody = range(1, COUNT + 1)
    tables = {
        "times.csv": [
            "student,submitted_at",
            *(f"{student(n)},{late if n in (LATE, EXTENDED) else on_time}" for n in everybody),
        ],
        "more.csv": ["student,days", f"{student(EXTENDED)},1"],
        "canvas.csv": [
            "Student,ID,SIS Login ID,Section,Lab 1 (901),Homework (902)",
            "    Points Possible,,,,10,100",
            *(f'"Lovelace{n:02}, Ada",{5000 + n},ada{n},A,,77' for n in [*everybody, MISSING]),
        ],
    }
    tables["class.csv"] = tables["canvas.csv"]  # Canvas's gradebook says who is in the class
    for name, lines in tables.items():
        (folder / name).write_text("\n".join([*lines, ""]))


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The instructor's folder when all is done, and what each command printed, by its first words."""
    folder = tmp_path_factory.mktemp("course")
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    hand_in(folder)
    printed = {}
    for words in commands():
        more = ["--feedback", "feedback.zip"] if words[1] == "export" else []
        done = subprocess.run([*words, *more], cwd=folder, capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        printed[words[1]] = done.stdout
    return folder, printed


def scores(folder: Path) -> dict[str, float]:
    """By student, in the gradebook."""
    with (folder / "grades" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: float(row["score"]) for row in csv.DictReader(file) if row["score"]}


def test_the_readme_names_every_step_of_the_afternoon() -> None:
    assert [words[1] for words in commands()] == ["doctor", "grade", "grade", "policy", "report", "export"]


def test_the_gradebook_has_everybody_s_points_with_lateness_and_extension(
    afternoon: tuple[Path, dict[str, str]],
) -> None:
    folder, printed = afternoon
    found = scores(folder)
    assert len(found) == COUNT
    assert found[student(BROKEN)] == 0
    assert (found[student(LATE)], found[student(EXTENDED)]) == (9, 10)
    for number in set(range(1, COUNT + 1)) - {BROKEN, LATE, EXTENDED}:
        assert (found[student(number)] < 10) == (mistake(number) is not None), number
    assert f"missing                1: {student(MISSING)}" in printed["grade"]
    assert "had their grade before 30" in printed["grade"], "the policy came with the second command"


def test_canvas_gets_each_score_in_the_row_of_its_student(afternoon: tuple[Path, dict[str, str]]) -> None:
    folder, printed = afternoon
    with (folder / "filled.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["ID"]: row for row in csv.DictReader(file)}
    assert {f"lovelace{int(key) - 5000:02}ada_{key}": row["Lab 1 (901)"] for key, row in rows.items() if key} == {
        **{name: f"{score:g}" for name, score in scores(folder).items()},
        student(MISSING): "",
    }
    assert "Homework (902)" not in rows["5001"]
    assert "without a grade here, so left as they were: 1 (Lovelace31, Ada)" in printed["export"]


def test_a_student_s_page_and_feedback_file_say_what_went_wrong_and_name_nobody_else(
    afternoon: tuple[Path, dict[str, str]],
) -> None:
    folder, _ = afternoon
    with zipfile.ZipFile(folder / "feedback.zip") as archive:
        feedback = {name: archive.read(name).decode() for name in archive.namelist()}
    assert len(feedback) == COUNT
    for number in itertools.islice(range(6, COUNT, 3), 4):
        wrong = mistake(number)
        assert wrong
        (page,) = (folder / "grades" / "report" / LAB).glob(f"lovelace{number:02}*.html")
        sent = next(text for name, text in feedback.items() if name.startswith(student(number)))
        for text in (
            " ".join(BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").get_text(" ").split()),
            sent,
        ):
            assert wrong.hint in text
            assert set(re.findall(r"[Ll]ovelace(\d\d)", text)) <= {f"{number:02}"}
