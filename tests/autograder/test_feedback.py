"""Feedback files for Canvas and Moodle: whose each is, by the rule with which the system reads its name, and what it
says."""

from __future__ import annotations

import ast
import re
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import feedback, sheets
from autograder.cli import main
from autograder.errors import GradebookError
from tests.autograder.fixtures import lost, result
from tests.autograder.test_sheets import CANVAS, LAB, MOODLE, graded
from upright.checks.verdict import Check

ATTACK = '<script>alert(1)</script>\x1b[31m\u2028import os\n"""\nimport os'


def attacked(student: str, submission: str) -> Any:
    check = Check("evaluate", 0.0, 2.5, "failed", None, ATTACK, "Look there.")
    return result(student, submission=submission, checks=[check])


def zipped(folder: Path, system: str, sheet: str, *more: str) -> dict[str, str]:
    (folder / "sheet.csv").write_text(sheet, encoding="utf-8")
    given = ["export", system, str(folder / "grades"), "--lab", LAB, "--sheet", str(folder / "sheet.csv")]
    assert main([*given, "--to", str(folder / "filled.csv"), "--feedback", str(folder / "feedback.zip"), *more]) == 0
    with zipfile.ZipFile(folder / "feedback.zip") as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def participant(path: str) -> tuple[str, str]:
    """Whom Moodle gives a file of a zip to, and under which name: as in mod/assign/feedback/file/importziplib.php."""
    parts = path.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) >= 4 and info[1].isdigit():
            assert info[2:4] == ["assignsubmission", "file"]
            return info[1], "/".join([*info[4:], *parts]).lstrip("/")
    raise AssertionError(path)


def users(name: str) -> list[str]:
    """The numbers by which Canvas knows the user and the file: the first two parts that are numbers."""
    return [part for part in name.split("_") if re.fullmatch(r"\d+", part)][:2]


def test_moodle_gives_each_page_of_the_report_to_its_participant(tmp_path: Path) -> None:
    graded(tmp_path, attacked("ada", "ada.py"), result("Grace Hopper_32"), result("Edsger Dijkstra_33"), result("who"))
    sheet = MOODLE.replace("Ada Lovelace", "../Ada_9 Lovelace/x").replace("ada@example.org", "ada")
    found = zipped(tmp_path, "moodle", sheet)
    assert {participant(path)[0] for path in found} == {"31", "32"}  # 33 is locked, and who is not in the sheet
    assert {participant(path)[1] for path in found} == {f"{LAB}.html"}
    assert not [path for path in found if ".." in path or path.startswith("/")]
    page = next(text for path, text in found.items() if participant(path)[0] == "31")
    assert "Content-Security-Policy" in page
    assert "<script>alert" not in page
    assert "Grace" not in page


def test_where_marking_is_blind_moodle_still_finds_the_participant(tmp_path: Path) -> None:
    graded(tmp_path, result("Participant_31"))
    blind = "Identifier,Status,Grade,Maximum Grade\nParticipant 31,Submitted for grading,,10.00\n"
    assert [participant(path) for path in zipped(tmp_path, "moodle", blind)] == [("31", f"{LAB}.html")]


def test_canvas_gets_a_file_of_the_same_name_and_kind_as_in_its_download(tmp_path: Path) -> None:
    graded(
        tmp_path,
        attacked("lovelaceada_4711", "lovelaceada_LATE_4711_88_my lab-1.ipynb"),
        attacked("hoppergrace_4712", "hoppergrace_4712_89_lab.py"),
        result("anon_X7a2b", submission="anon_X7a2b_90_lab.ipynb"),
        result("nobody"),
        lost("lost_4713", submission="lost_4713_91_lab.py"),
    )
    found = zipped(tmp_path, "canvas", CANVAS, "--column", "Lab 1")
    assert {name: users(name) for name in found} == {
        "lovelaceada_LATE_4711_88_my lab-1.ipynb": ["4711", "88"],
        "hoppergrace_4712_89_lab.py": ["4712", "89"],
        "anon_X7a2b_90_lab.ipynb": ["90"],
    }
    book = nbformat.reads(found["lovelaceada_LATE_4711_88_my lab-1.ipynb"], as_version=4)
    nbformat.validate(book)
    assert [cell.cell_type for cell in book.cells] == ["markdown", "raw"]
    assert book.cells[0].source == "# lab1_episodes: 7.5 of 10 points"
    assert "Hint: Look there." in book.cells[1].source
    assert ast.parse(found["hoppergrace_4712_89_lab.py"]).body == []
    assert "Look there." in found["hoppergrace_4712_89_lab.py"]


def test_of_several_attempts_canvas_gets_the_name_of_the_last_file(tmp_path: Path) -> None:
    first = result("ada_4711", submission="ada_4711_88_lab.py", submission_sha256="1" * 64)
    graded(tmp_path, first, result("ada_4711", submission="ada_4711_97_lab-1.py"))
    assert list(zipped(tmp_path, "canvas", CANVAS, "--column", "Lab 1")) == ["ada_4711_97_lab-1.py"]


def test_equal_grades_give_an_equal_zip_and_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    files = [("a.html", "a"), ("b.html", "b")]
    assert feedback.write(tmp_path / "one.zip", files) == 2
    feedback.write(tmp_path / "two.zip", files)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with pytest.raises(GradebookError, match=r"nowhere/a\.zip: cannot be written"):
        feedback.write(tmp_path / "nowhere" / "a.zip", files)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.zip", "two.zip"]


def test_a_sheet_without_feedback_asked_for_writes_no_zip(tmp_path: Path) -> None:
    graded(tmp_path, result("Grace Hopper_32"))
    (tmp_path / "sheet.csv").write_text(MOODLE)
    given = ["export", "moodle", str(tmp_path / "grades"), "--lab", LAB, "--sheet", str(tmp_path / "sheet.csv")]
    assert main([*given, "--to", str(tmp_path / "filled.csv")]) == 0
    assert not list(tmp_path.glob("*.zip"))
    assert sheets.read(tmp_path / "filled.csv").rows
