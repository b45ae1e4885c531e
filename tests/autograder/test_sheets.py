"""The sheets of Canvas and Moodle, filled: who gets which grade, what stays as it was, and what is refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from autograder import course
from autograder.gradebook import Gradebook
from tests.autograder.command import autograder
from tests.autograder.fixtures import lost, result

LAB = "lab1_episodes"
# As Canvas exports a gradebook: a row of points, students, the test student, and the totals that it computes.
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (901),Homework (902),Final Score
"    Points Possible",,,,,10.00,100.00,(read only)
"Lovelace, Ada",4711,s1,ada,A,,77,80.0
"Hopper, Grace",4712,s2,grace,A,3.5,88,81.0
"=Mallory, 1",4713,s3,mallory,A,,1,2
"Twin, Sam",4714,s4,,A,,1,2
"Twin, Sam",4715,s5,,A,,1,2
"Student, Test",4799,,abc,A,,,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments
Participant 31,Ada Lovelace,ada@example.org,Submitted for grading,-,"10,00",Yes,
Participant 32,Grace Hopper,grace@example.org,Submitted for grading,,"10,00",Yes,
Participant 33,Edsger Dijkstra,e@example.org,Submitted for grading,,"10,00",No,
"""


def test_what_canvas_and_moodle_export_is_a_roster_of_the_students_in_their_downloads(tmp_path: Path) -> None:
    (tmp_path / "canvas.csv").write_text(CANVAS.replace("Lovelace", "Lövelace"), encoding="utf-8-sig")
    (tmp_path / "moodle.csv").write_text(MOODLE.replace(",", ";"), encoding="utf-16")
    assert course.read_roster(tmp_path / "canvas.csv") == {
        "lövelaceada_4711": "Lövelace, Ada",
        "hoppergrace_4712": "Hopper, Grace",
        "mallory1_4713": "=Mallory, 1",
        "twinsam_4714": "Twin, Sam",
        "twinsam_4715": "Twin, Sam",
        "studenttest_4799": "Student, Test",
    }
    assert course.read_roster(tmp_path / "moodle.csv") == {
        "Ada Lovelace_31": "Ada Lovelace",
        "Grace Hopper_32": "Grace Hopper",
        "Edsger Dijkstra_33": "Edsger Dijkstra",
    }


def test_a_roster_of_one_s_own_is_none_of_canvas_because_it_names_sections(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("student,name,id,section\nada,Ada,4711,A\n", encoding="utf-8")
    assert course.read_roster(tmp_path / "class.csv") == {"ada": "Ada"}


def graded(folder: Path, *results: Any, roster: dict[str, str] | None = None) -> Path:
    with Gradebook.open(folder / "grades") as book:
        for one in results:
            book.record(one)
        course.keep(book, LAB, course.Decisions(roster=roster))
    return folder / "grades"


def export(folder: Path, system: str, sheet: str, *more: str, encoding: str = "utf-8") -> Any:
    (folder / "sheet.csv").write_text(sheet, encoding=encoding)
    given = ["export", system, folder / "grades", "--lab", LAB, "--sheet", folder / "sheet.csv"]
    return autograder(*given, "--to", folder / "filled.csv", *more)


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "filled.csv").read_text(encoding="utf-8"))))


def test_canvas_gets_the_students_and_the_one_assignment_and_nothing_else(tmp_path: Path) -> None:
    graded(tmp_path, result("lovelaceada_4711", score=7.5), result("grace", score=10.0))
    done = export(tmp_path, "canvas", CANVAS, "--column", "Lab 1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 grades of lab1_episodes, to import in Canvas" in done.stdout
    left = "and without a grade here, so left as they were: 4 (=Mallory, 1; Twin, Sam; Twin, Sam; Student, Test)"
    assert left in done.stdout
    found = rows(tmp_path)
    assert list(found[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab 1 (901)"]
    assert found[0]["Lab 1 (901)"] == "10.00"
    assert [row["Lab 1 (901)"] for row in found[1:]] == ["7.5", "10", "", "", "", ""]
    assert [row["ID"] for row in found] == ["", "4711", "4712", "4713", "4714", "4715", "4799"]


def test_a_student_without_a_grade_keeps_the_cell_and_never_gets_a_zero(tmp_path: Path) -> None:
    graded(tmp_path, lost("grace"))
    done = export(tmp_path, "canvas", CANVAS, "--column", "Lab 1 (901)")
    assert done.returncode == 0
    assert [row["Lab 1 (901)"] for row in rows(tmp_path)][2] == "3.5"


def test_a_name_that_is_a_formula_is_none_in_the_filled_sheet(tmp_path: Path) -> None:
    graded(tmp_path, result("mallory"))
    export(tmp_path, "canvas", CANVAS, "--column", "Lab 1")
    assert rows(tmp_path)[3]["Student"] == "'=Mallory, 1"
    assert rows(tmp_path)[3]["Lab 1 (901)"] == "7.5"


def test_a_name_that_two_share_gets_no_grade_and_is_told(tmp_path: Path) -> None:
    graded(tmp_path, result("ada"), result("sam"), result("nobody"), roster={"sam": "Twin, Sam"})
    done = export(tmp_path, "canvas", CANVAS, "--column", "Lab 1")
    assert done.returncode == 0
    assert "1 grade of" in done.stdout
    assert "or locked there: 2 (nobody; sam)" in done.stdout


def test_the_sheet_of_another_class_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    graded(tmp_path, result("sam"), result("nobody"))
    done = export(tmp_path, "canvas", CANVAS, "--column", "Lab 1")
    assert done.returncode == 2
    assert "has none of the 2 students with a grade, or only locked rows (nobody; sam)" in done.stderr
    assert not (tmp_path / "filled.csv").exists()


def test_a_login_counts_before_a_number_that_is_another_s(tmp_path: Path) -> None:
    graded(tmp_path, result("ada_4712", score=9.0))
    export(tmp_path, "canvas", CANVAS.replace(",ada,", ",ada_4712,"), "--column", "Lab 1")
    assert [row["Lab 1 (901)"] for row in rows(tmp_path)[1:3]] == ["9", "3.5"]


@pytest.mark.parametrize(("system", "sheet"), [("canvas", CANVAS), ("moodle", MOODLE)])
def test_a_number_beside_another_name_is_another_person_s(system: str, sheet: str, tmp_path: Path) -> None:
    graded(tmp_path, result("Zoe Zimmer_4711"), result("Zoe Zimmer_31"))
    done = export(tmp_path, system, sheet, *(["--column", "Lab 1"] if system == "canvas" else []))
    assert done.returncode == 2
    assert "none of the 2 students" in done.stderr
    assert "(Zoe Zimmer_31; Zoe Zimmer_4711)" in done.stderr


def test_two_students_of_one_row_are_refused_by_name(tmp_path: Path) -> None:
    graded(tmp_path, result("ada"), result("lovelaceada_4711"))
    done = export(tmp_path, "canvas", CANVAS, "--column", "Lab 1")
    assert (done.returncode, "ada and lovelaceada_4711 are one person there" in done.stderr) == (2, True)
    assert not (tmp_path / "filled.csv").exists()


def test_a_group_before_the_name_and_a_sheet_without_names_do_not_matter_to_moodle(tmp_path: Path) -> None:
    graded(tmp_path, result("Group A-Ada Lovelace_31", score=7.5), result("Participant_32", score=2.0))
    export(tmp_path, "moodle", MOODLE)
    assert [row["Grade"] for row in rows(tmp_path)] == ["7,50", "", ""]
    blind = MOODLE.replace("Full name,Email address,", "")
    for who in ("Ada Lovelace,ada@example.org,", "Grace Hopper,grace@example.org,", "Edsger Dijkstra,e@example.org,"):
        blind = blind.replace(who, "")
    export(tmp_path, "moodle", blind)
    assert [row["Grade"] for row in rows(tmp_path)] == ["7,50", "2,00", ""]


def test_the_roster_s_name_finds_the_row(tmp_path: Path) -> None:
    graded(tmp_path, result("a.l"), roster={"a.l": "Lovelace, Ada"})
    export(tmp_path, "canvas", CANVAS, "--column", "Lab 1")
    assert rows(tmp_path)[1]["Lab 1 (901)"] == "7.5"


def test_moodle_gets_grades_in_its_own_notation_and_what_a_student_should_know(tmp_path: Path) -> None:
    ada = result("Ada Lovelace_31", score=7.5)
    check = ada.checks[0]
    hostile = result("grace@example.org", checks=[type(check)(check.name, 0.0, 2.5, "failed", None, "", "<b>=1+1</b>")])
    graded(tmp_path, ada, hostile, result("Edsger Dijkstra_33"))
    done = export(tmp_path, "moodle", MOODLE, encoding="utf-8-sig")
    assert (done.returncode, done.stderr) == (0, "")
    assert "or locked there: 1 (Edsger Dijkstra_33)" in done.stdout
    first, second, third = rows(tmp_path)
    assert first["Grade"] == "7,50"
    assert first["Feedback comments"] == "7.5 of 10 points<br>evaluate, 0 of 2.5: Look there."
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in second["Feedback comments"]
    assert third["Grade"] == ""
    assert first["Status"] == "Submitted for grading"


def test_a_penalty_is_told_beside_the_points(tmp_path: Path) -> None:
    from autograder.grades import Grade
    from autograder.sheets import feedback

    late = Grade("ada", LAB, 8.0, 1.5, 6.5, 10.0, "passed", 90_000.0, 1, None)
    assert feedback(late) == "6.5 of 10 points (8 before 1.5 for lateness)"


@pytest.mark.parametrize(
    ("system", "sheet", "more", "told"),
    [
        (
            "canvas",
            CANVAS,
            [],
            "no column is the assignment lab1_episodes (its assignments: Lab 1 (901); Homework (902))",
        ),
        ("canvas", CANVAS.replace("Homework", "Lab 12"), ["--column", "Lab"], "several columns are the assignment Lab"),
        ("canvas", CANVAS, ["--column", "Homework"], "is out of 100.00 points there and of 10 here"),
        ("canvas", "Lab 1 (901)\n1\n", ["--column", "Lab 1"], "has no column Student (it has: Lab 1 (901))"),
        ("canvas", "", ["--column", "Lab 1"], "is no table with a first line of column names"),
        ("moodle", CANVAS, [], "has no column Grade"),
        ("moodle", MOODLE.replace("10,00", "100,00"), [], "is out of 100.00 points there"),
    ],
)
def test_a_sheet_that_does_not_fit_is_refused_by_file_and_column(
    system: str, sheet: str, more: list[str], told: str, tmp_path: Path
) -> None:
    graded(tmp_path, result("ada"))
    done = export(tmp_path, system, sheet, *more)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.startswith(f"autograder: {tmp_path / 'sheet.csv'}: ")
    assert not (tmp_path / "filled.csv").exists()


def test_a_folder_without_a_gradebook_and_a_lab_that_is_none_are_refused(tmp_path: Path) -> None:
    given = ["--sheet", tmp_path / "sheet.csv", "--to", tmp_path / "filled.csv"]
    done = autograder("export", "canvas", tmp_path, "--lab", LAB, *given)
    assert (done.returncode, "there is no gradebook.sqlite" in done.stderr) == (2, True)
    done = autograder("export", "canvas", tmp_path, "--lab", "lab9", *given)
    assert (done.returncode, "--lab lab9: there is no such lab" in done.stderr) == (2, True)
    assert not (tmp_path / "gradebook.sqlite").exists()


@pytest.mark.parametrize(("system", "sheet"), [("canvas", CANVAS), ("moodle", MOODLE)])
def test_a_sheet_is_found_again_when_it_was_filled_before(system: str, sheet: str, tmp_path: Path) -> None:
    graded(tmp_path, result("lovelaceada_4711", score=7.5), result("Ada Lovelace_31", score=2.0))
    more = ["--column", "Lab 1"] if system == "canvas" else []
    export(tmp_path, system, sheet, *more)
    once = (tmp_path / "filled.csv").read_text(encoding="utf-8")
    export(tmp_path, system, once, *more)
    assert (tmp_path / "filled.csv").read_text(encoding="utf-8") == once
