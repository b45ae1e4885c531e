"""The file of a gradebook: what is alike is kept once, and a file of version 1 becomes one of version 2."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from autograder.database import FILE
from autograder.errors import GradebookError
from autograder.gradebook import Gradebook
from tests.autograder.fixtures import result

LAB = "lab1_episodes"
VERSION_1 = f"""
BEGIN IMMEDIATE;
CREATE TABLE attempts (
    lab TEXT NOT NULL,
    student TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    graded_at TEXT NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (lab, student, attempt)
);
CREATE TABLE history (
    lab TEXT NOT NULL,
    student TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    graded_at TEXT NOT NULL,
    result TEXT NOT NULL
);
PRAGMA application_id = {0x55505247};
PRAGMA user_version = 1;
COMMIT;
"""
DIES = """
import os, pathlib, sys
from autograder import database
real, count = database.keep_result, iter(range(10**6))
database.keep_result = lambda *values: os.kill(os.getpid(), 9) if next(count) == 25 else real(*values)
database.connected(pathlib.Path(sys.argv[1]))
"""


def version_1(folder: Path, students: int = 2) -> None:
    """A gradebook as version 1 made it: `signatures` was not in its results, and the log was."""
    with closing(sqlite3.connect(folder / FILE)) as raw:
        raw.executescript(VERSION_1)
        for number in range(students):
            data = result(f"student{number}", log="hello\n").to_json()
            del data["signatures"]
            values = (LAB, f"student{number}", 1, 7, "2026-01-01T00:00:00+00:00", json.dumps(data))
            raw.execute("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?)", values)
            raw.execute("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?)", values)
        raw.commit()


def tables(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / FILE)) as raw:
        return {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_gradebook_of_version_1_is_brought_up_to_date_with_all_that_it_holds(tmp_path: Path) -> None:
    version_1(tmp_path)
    with Gradebook.open(tmp_path) as book:
        rows = list(book.rows())
        assert [row.result for row in rows] == [result(f"student{number}", log="hello\n") for number in (0, 1)]
        assert [(row.variant, row.graded_at, row.submitted_at) for row in rows] == [
            (7, "2026-01-01T00:00:00+00:00", None)
        ] * 2
        assert [row.result.log for row in book.history("student1", LAB)] == ["hello\n"]
        assert book.record(result("student0", submission_sha256="cd" * 32)) == 2
    assert not {name for name in tables(tmp_path) if name.startswith("old_")}


def test_who_is_killed_while_it_is_brought_up_to_date_finds_it_as_it_was(tmp_path: Path) -> None:
    version_1(tmp_path, students=20)
    done = subprocess.run([sys.executable, "-c", DIES, str(tmp_path / FILE)])
    assert done.returncode == -9
    assert tables(tmp_path) == {"attempts", "history"}
    with Gradebook.open(tmp_path) as book:
        assert len(list(book.rows())) == 20


def test_a_result_of_version_1_that_is_damaged_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    version_1(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as raw, raw:
        raw.execute("UPDATE attempts SET result = '{}' WHERE student = 'student1'")
    with Gradebook.open(tmp_path) as book:
        assert book.latest("student0", LAB) is not None
        with pytest.raises(GradebookError, match="attempt 1 of student1 at lab1_episodes is damaged"):
            book.latest("student1", LAB)


def test_what_is_alike_is_kept_once(tmp_path: Path) -> None:
    long = "the same long text of a hundred students\n" * 1_000
    with Gradebook.open(tmp_path) as book:
        for number in range(100):
            book.record(result(f"student{number}", log=long))
        assert [row.result.log == long for row in book.rows()] == [True] * 100
        [(objects,)] = book.execute("SELECT count(*) FROM objects")
    assert objects == 101  # 100 results and one log
    assert (tmp_path / FILE).stat().st_size < 1_000_000


def test_an_object_that_was_changed_is_told_as_damage(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result())
        for data in (b"no zlib", b"x\x9c\xab\xae\x05\x00\x01u\x00\xf9"):  # the second one is {}
            with book.writing():
                book.execute("UPDATE objects SET data = ?", (data,))
            with pytest.raises(GradebookError, match="attempt 1 of ada at lab1_episodes is damaged"):
                list(book.rows())
