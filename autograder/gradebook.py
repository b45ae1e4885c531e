"""The gradebook: one SQLite file that holds every result, one row for each attempt."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.result import Result

FILE = "gradebook.sqlite"
APPLICATION = 0x55505247  # "UPRG": tells `file` and us whose database this is
VERSION = 1
SCHEMA = """
CREATE TABLE results (
    student TEXT NOT NULL,
    lab TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    version TEXT NOT NULL,
    variant INTEGER NOT NULL,
    graded_at TEXT NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (student, lab, attempt)
) STRICT;
CREATE TABLE history (
    student TEXT NOT NULL,
    lab TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    graded_at TEXT NOT NULL,
    result TEXT NOT NULL
) STRICT;
CREATE INDEX by_content ON results (lab, sha256);
"""


class GradebookError(Exception):
    """The gradebook cannot be opened or written; what it held before is still there. Exit code 5."""


class Gradebook:
    """The gradebook of one folder, for one grader at a time. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = -1
        self._failing = f"{folder / FILE}: the gradebook cannot be written"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise GradebookError(f"{folder}: cannot be written ({error.strerror}); give another folder") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise GradebookError(f"{folder}: another grader is at work on it; wait until it has ended") from None
        self._connection = self._open(folder / FILE)

    def _open(self, path: Path) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(path, isolation_level=None)
            found = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if tables and (found, version) != (APPLICATION, VERSION):
                raise GradebookError(f"{path}: is no gradebook of this version; give another folder, or move it away")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            if not tables:
                connection.executescript(
                    f"BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
                )
        except sqlite3.Error as error:
            raise GradebookError(f"{path}: {error}; free some space, or move the file away to begin anew") from None
        return connection

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        os.close(self._lock)

    def record(self, result: Result, variant: int = 0) -> int:
        """Keep a result, in one transaction, and return its attempt.

        The same file graded again takes the place of its earlier result, which goes to the history; another file is the
        next attempt. A fault of the grader never replaces a grade.
        """
        key = (result.student, result.lab)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        text = json.dumps(result.to_json(), ensure_ascii=True, allow_nan=False)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            rows = self._rows_of(*key)
            last = rows[-1] if rows else None
            same = next((row for row in reversed(rows) if row["sha256"] == result.submission_sha256), None)
            if result.outcome == "infrastructure_error" and same is None and last is not None:
                same = last if last["result"]["outcome"] == "infrastructure_error" else None
            attempt = same["attempt"] if same else (last["attempt"] + 1 if last else 1)
            if same and result.outcome == "infrastructure_error" and same["result"]["outcome"] != result.outcome:
                self._history(*key, attempt, now, text)
            else:
                if same:
                    self._history(*key, attempt, same["graded_at"], json.dumps(same["result"]))
                values = (*key, attempt, result.submission_sha256, result.grader_version, variant, now, text)
                self._connection.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise GradebookError(f"{self._failing} ({error}); free some space and run the same command again") from None
        return attempt

    def _history(self, student: str, lab: str, attempt: int, at: str, text: str) -> None:
        self._connection.execute("INSERT INTO history VALUES (?, ?, ?, ?, ?)", (student, lab, attempt, at, text))

    def graded(self, student: str, lab: str, sha256: str) -> dict[str, Any] | None:
        """The row of this very file, or None."""
        rows = [row for row in self._rows_of(student, lab) if row["sha256"] == sha256]
        return rows[-1] if rows else None

    def latest(self, student: str, lab: str) -> dict[str, Any] | None:
        """The row of the last attempt, or None."""
        rows = self._rows_of(student, lab)
        return rows[-1] if rows else None

    def _rows_of(self, student: str, lab: str) -> list[dict[str, Any]]:
        query = "SELECT * FROM results WHERE student = ? AND lab = ? ORDER BY attempt"
        return list(self._select(query, (student, lab)))

    def rows(self) -> Iterator[dict[str, Any]]:
        """The last attempt of every student and lab, in order; one at a time, so that a large class needs no memory."""
        query = """
            SELECT * FROM results AS one WHERE attempt = (
                SELECT max(attempt) FROM results WHERE student = one.student AND lab = one.lab
            ) ORDER BY lab, student
        """
        return self._select(query, ())

    def _select(self, query: str, values: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
        names = ("student", "lab", "attempt", "sha256", "version", "variant", "graded_at", "result")
        try:
            for values_of_row in self._connection.execute(query, values):
                row = dict(zip(names, values_of_row, strict=True))
                row["result"] = json.loads(row["result"])
                yield row
        except (sqlite3.Error, ValueError) as error:
            raise GradebookError(f"{self.folder / FILE}: is damaged ({error}); restore it from a copy") from None
