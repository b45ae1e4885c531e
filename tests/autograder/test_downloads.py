"""Whose a file is, by the names that Canvas and Moodle give."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import downloads
from autograder.errors import UsageError
from autograder.submissions import find

LAB = "lab1_episodes"


@pytest.mark.parametrize(
    ("listed", "file"),
    [
        (downloads.named_by_canvas("Lovelace, Ada", "4711"), "lovelaceada_LATE_4711_88123_lab1"),
        (downloads.named_by_canvas("van_Dijk, Zoë", "4711"), "van_dijkzoë_4711_88123_lab1"),
        (downloads.named_by_canvas("O'Neil-Smith, Ada 2.", "12"), "oneilsmithada2_12_88123_lab1"),
        (downloads.named_by_canvas("ada_12_b", "13"), "ada12b_13_88123_lab1"),
        (downloads.named_by_moodle("Zoë van Dijk", "Participant 12"), "Zoë van Dijk_12_assignsubmission_file_"),
        (downloads.named_by_moodle("Zoë van Dijk", "12"), "Zoë van Dijk_12_assignsubmission_file_lab1"),
    ],
)
def test_a_student_of_the_gradebook_or_worksheet_is_called_as_the_files_of_the_download(listed: str, file: str) -> None:
    assert listed == downloads.student(file)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("lovelaceada_4711_88123_lab1_episodes", "lovelaceada_4711"),
        ("lovelaceada_LATE_4711_88123_lab1-2", "lovelaceada_4711"),
        ("van_dijkzoë_LATE_4711_88123_lab1", "van_dijkzoë_4711"),
        ("anon_X7a2b_88123_lab1", "anon_X7a2b"),
        ("LATE_anon_7y3pQ_88123_99_lab1", "anon_7y3pQ"),
        ("anon_12345_88123_lab1", "anon_12345"),
        ("Ada Lovelace_4711_assignsubmission_onlinetext_", None),
        ("Ada Lovelace_4711_assignsubmission_file_lab1_episodes", "Ada Lovelace_4711"),
        ("Zoë_van Dijk_12_assignsubmission_file_", "Zoë_van Dijk_12"),
        ("ada", None),
        ("lab1_episodes", None),
        ("ada_4711", None),
        ("ada_4711_lab1", None),
        ("_4711_88123_lab", None),
        ("ada_" + "9" * 19 + "_1_lab", None),
    ],
)
def test_a_name_from_a_download_says_whose_the_file_is(name: str, student: str | None) -> None:
    assert downloads.student(name) == student
    if student is not None:
        name, number = student.rsplit("_", 1)
        assert downloads.parts(student) == ((name, number) if number.isdigit() else None)


def hand_in(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x = 1\n")


def test_the_folders_of_canvas_and_moodle_are_taken_as_they_are(tmp_path: Path) -> None:
    hand_in(tmp_path / "canvas" / "lovelaceada_4711_88123_lab1_episodes-1.py")
    hand_in(tmp_path / "canvas" / "hoppergrace_LATE_4712_88124_my lab.py")
    hand_in(tmp_path / "moodle" / "Ada Lovelace_31_assignsubmission_file_" / "anything.py")
    hand_in(tmp_path / "moodle" / "Grace Hopper_32_assignsubmission_file_lab.py")
    assert [each.student for each in find([tmp_path / "canvas"], LAB)] == ["hoppergrace_4712", "lovelaceada_4711"]
    assert [each.student for each in find([tmp_path / "moodle"], LAB)] == ["Ada Lovelace_31", "Grace Hopper_32"]


def test_clones_of_github_classrooms_command_are_taken_by_the_students_login(tmp_path: Path) -> None:
    cloned = tmp_path / "lab-1-submissions"
    hand_in(cloned / "lab-1-ada" / f"{LAB}.py")
    hand_in(cloned / "lab-1-grace-hopper" / "other.py")
    hand_in(cloned / "lab-1-grace-hopper" / ".git" / "hooks.py")
    hand_in(cloned / "notes" / "mine.py")
    found = [(each.student, each.path.name) for each in find([cloned], LAB)]
    assert found == [("ada", f"{LAB}.py"), ("grace-hopper", "other.py")]


def test_a_text_typed_into_moodle_is_no_second_submission(tmp_path: Path) -> None:
    hand_in(tmp_path / "Ada Lovelace_31_assignsubmission_file_" / "anything.py")
    hand_in(tmp_path / "Ada Lovelace_31_assignsubmission_onlinetext_" / "onlinetext.html")
    assert [(each.student, each.path.name) for each in find([tmp_path], LAB)] == [("Ada Lovelace_31", "anything.py")]


def test_of_several_versions_of_one_file_from_canvas_the_last_is_graded(tmp_path: Path) -> None:
    for name in ("ada_4711_9_lab.py", "ada_LATE_4711_88_lab-1.py", "ada_4711_87_lab-12.py", "bo_4712_5_notes.py"):
        hand_in(tmp_path / name)
    found = {each.student: each.path.name for each in find([tmp_path], LAB)}
    assert found == {"ada_4711": "ada_LATE_4711_88_lab-1.py", "bo_4712": "bo_4712_5_notes.py"}


def test_of_several_files_the_one_with_the_labs_name_is_graded(tmp_path: Path) -> None:
    hand_in(tmp_path / "ada_4711_88_notes.py")
    hand_in(tmp_path / f"ada_4711_77_{LAB}-1.py")
    assert [each.path.name for each in find([tmp_path], LAB)] == [f"ada_4711_77_{LAB}-1.py"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ada_4711_88123_a.py", "ada_4711_88124_b.py"),
        ("ada_4711_88123_a.py", "ada_4711_88124_a.ipynb"),
        ("Ada_4711_assignsubmission_file_a.py", "Ada_4711_assignsubmission_file_b.py"),
        ("Ada_4711_assignsubmission_file_/a.py", "Ada_4711_assignsubmission_file_/b.py"),
    ],
)
def test_two_files_of_one_student_are_told_by_name_and_the_others_are_found(
    first: str, second: str, tmp_path: Path
) -> None:
    for name in (first, second, "bo_4712_5_c.py"):
        hand_in(tmp_path / name)
    in_doubt: list[str] = []
    assert [each.student for each in find([tmp_path], LAB, in_doubt)] == ["bo_4712"]
    assert len(in_doubt) == 1
    assert in_doubt[0].lower().startswith("two submissions of ada_4711: ")
    with pytest.raises(UsageError, match="Two submissions of"):
        find([tmp_path], LAB)


def test_if_nobody_is_left_the_run_ends_with_the_reason(tmp_path: Path) -> None:
    hand_in(tmp_path / "ada_4711_88123_a.py")
    hand_in(tmp_path / "ada_4711_88124_b.py")
    with pytest.raises(UsageError, match=r"Two submissions of ada_4711: .*_a\.py and .*_b\.py; keep one"):
        find([tmp_path], LAB, [])


@pytest.mark.parametrize(
    ("name", "late"),
    [
        ("lovelaceada_LATE_4711_88123_lab.py", True),
        ("LATE_anon_X7a2b_88123_lab.py", True),
        ("lovelaceada_4711_88123_x_LATE_1_2_y.py", False),
        ("anon_X7a2b_88123_lab.py", False),
        ("ada.py", False),
    ],
)
def test_canvas_mark_of_lateness_is_read_where_canvas_puts_it(name: str, late: bool) -> None:
    assert downloads.is_late(name) == late


def test_a_name_that_could_do_harm_is_refused_from_a_download_too(tmp_path: Path) -> None:
    hand_in(tmp_path / ".." / tmp_path.name / "-rf_4711_88123_a.py")
    with pytest.raises(UsageError, match="starts with a dot or a dash"):
        find([tmp_path], LAB)
