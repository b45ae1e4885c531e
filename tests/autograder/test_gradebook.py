"""The gradebook loses nothing, mixes nothing up, and says in a sentence what is wrong with it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from autograder.database import FILE
from autograder.errors import GradebookError, UsageError
from autograder.gradebook import Gradebook
from tests.autograder.fixtures import lost, result

LAB = "lab1_episodes"
HOLD = """
import sys, pathlib, autograder.gradebook as it
book = it.Gradebook.open(pathlib.Path(sys.argv[1]))
print("open", flush=True)
input()
"""


def test_a_result_comes_back_as_it_was_after_the_gradebook_was_closed(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        assert book.record(result(), variant=7) == 1
    with Gradebook.open(tmp_path) as book:
        row = book.latest("ada", LAB)
        assert row is not None
        assert (row.attempt, row.variant, row.result) == (1, 7, result())
        assert row.graded_at.endswith("+00:00")
        assert book.latest("ada", "lab2_policies") is None
        assert book.latest("bob", LAB) is None


def test_the_file_is_what_the_design_says(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path / "deep" / "out") as book:
        book.record(result())
        path = tmp_path / "deep" / "out" / FILE
        assert path.with_name(f"{FILE}-wal").exists()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA application_id").fetchone() == (0x55505247,)
        assert raw.execute("PRAGMA user_version").fetchone() == (2,)
    assert path.parent.stat().st_mode & 0o077 == 0


def test_another_file_is_the_next_attempt(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        assert book.record(result(score=2.5)) == 1
        assert book.record(result(score=5.0, submission_sha256="cd" * 32)) == 2
        assert book.record(result("bob")) == 1
        assert [(row.result.student, row.attempt, row.result.score) for row in book.rows()] == [
            ("ada", 2, 5.0),
            ("bob", 1, 7.5),
        ]
        assert book.history("ada", LAB) == []


def test_the_same_file_again_replaces_its_result_and_the_old_one_is_kept(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result(score=2.5))
        assert book.record(result(score=5.0)) == 1
        assert book.record(result(score=10.0, outcome="passed")) == 1
        assert [row.result.score for row in book.rows()] == [10.0]
        assert [row.result.score for row in book.history("ada", LAB)] == [2.5, 5.0]


def test_a_fault_of_the_grader_never_takes_the_place_of_a_grade(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result())
        assert book.record(lost()) == 1
        assert [row.result.score for row in book.rows()] == [7.5]
        assert [row.result.score for row in book.history("ada", LAB)] == [None]


def test_after_a_fault_at_a_new_attempt_the_last_grade_stands_and_says_so(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result())
        assert book.record(lost(submission_sha256="cd" * 32)) == 2
        latest, standing = book.latest("ada", LAB), book.standing("ada", LAB)
        assert latest is not None
        assert not latest.graded
        assert standing is not None
        assert (standing.attempt, standing.result.score) == (1, 7.5)
        assert standing.result.flags == ["attempt 2 has no grade: the grader failed"]
        assert list(book.rows()) == [standing]


def test_a_grade_takes_the_place_of_a_fault(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(lost())
        assert [(row.attempt, row.result.score) for row in book.rows()] == [(1, None)]
        assert book.record(result()) == 1
        assert [(row.attempt, row.result.score, row.result.flags) for row in book.rows()] == [(1, 7.5, [])]


def test_a_second_grader_on_one_folder_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    with pytest.raises(UsageError, match="another grader is at work on it") as caught:
        Gradebook.open(tmp_path)
    assert caught.value.exit_code == 2
    holder.kill()
    holder.communicate()
    with Gradebook.open(tmp_path) as book:
        assert book.record(result()) == 1


def refusal(folder: Path) -> str:
    with pytest.raises(GradebookError) as caught:
        Gradebook.open(folder)
    assert caught.value.exit_code == 5
    assert str(caught.value).endswith(".")
    return str(caught.value)


def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"a spreadsheet, perhaps" * 1_000)
    assert "is damaged or no gradebook (file is not a database)" in refusal(tmp_path)
    assert (tmp_path / FILE).read_bytes() == b"a spreadsheet, perhaps" * 1_000


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as raw, raw:
        raw.execute("CREATE TABLE users (name)")
    before = (tmp_path / FILE).read_bytes()
    assert "is not a gradebook but another database" in refusal(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_the_gradebook_of_a_later_version_is_refused(tmp_path: Path) -> None:
    Gradebook.open(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as raw, raw:
        raw.execute("PRAGMA user_version = 99")
    assert "has version 99, and this autograder reads 2" in refusal(tmp_path)


def test_a_truncated_gradebook_is_told_in_a_sentence(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        for number in range(50):
            book.record(result(f"student{number}"))
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GradebookError, match="damaged"), Gradebook.open(tmp_path) as book:
        list(book.rows())


def test_a_damaged_result_is_named(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result())
    with closing(sqlite3.connect(tmp_path / FILE)) as raw, raw:
        raw.execute("UPDATE attempts SET result = '{}'")
    with (
        pytest.raises(GradebookError, match="attempt 1 of ada at lab1_episodes is damaged"),
        Gradebook.open(tmp_path) as book,
    ):
        list(book.rows())


def test_a_gradebook_that_was_just_being_made_when_the_machine_stopped_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    with Gradebook.open(tmp_path) as book:
        assert book.record(result()) == 1


def test_a_folder_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert f"--out {tmp_path}/file/out: cannot be written" in refusal(tmp_path / "file" / "out")
    assert f"--out {tmp_path}/file: cannot be written" in refusal(tmp_path / "file")
    assert "cannot be written" in refusal(Path("/proc/out"))
    (tmp_path / FILE).mkdir()
    assert "cannot be read and written (unable to open database file)" in refusal(tmp_path)


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".lock").symlink_to(tmp_path / "elsewhere")
    assert "cannot be written" in refusal(tmp_path / "out")
    assert not (tmp_path / "elsewhere").exists()
