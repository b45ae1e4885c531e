"""The gradebook: one SQLite file that holds every result, a row for each attempt."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from autograder.errors import GradebookError, UsageError
from autograder.result import Result

FILE = "gradebook.sqlite"
APPLICATION = 0x55505247  # "UPRG": tells `file` and us whose database this is
VERSION = 1
SCHEMA = f"""
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
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
COMMIT;
"""
COLUMNS = "lab, student, attempt, variant, graded_at, result"


@dataclass(frozen=True)
class Row:
    """A result in the gradebook. attempt: from 1; variant: of the physics; graded_at: UTC, ISO 8601."""

    attempt: int
    variant: int
    graded_at: str
    result: Result

    @property
    def graded(self) -> bool:
        """Whether there is a grade: the grader itself did not fail."""
        return self.result.outcome != "infrastructure_error"


class Gradebook:
    """The gradebook of one folder, for one grader at a time. Use as a context manager."""

    def __init__(self, folder: Path, lock: int, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._lock, self._connection = lock, connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open or make the gradebook of a folder, and the folder: grades and seeds are secret, so it is yours alone.

        Raises UsageError if another grader is at work on it, GradebookError if it cannot be read or written.
        """
        lock = _locked(folder)
        try:
            return cls(folder, lock, _connected(folder / FILE))
        except BaseException:
            os.close(lock)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        os.close(self._lock)

    def record(self, result: Result, variant: int = 0) -> int:
        """Keep a result, in one transaction, and return its attempt.

        Another file than the last is the next attempt. The same file again takes the place of its result, which goes to
        the history. A fault of the grader never takes the place of a grade: it goes to the history itself.
        """
        with self._writing():
            last = self.latest(result.student, result.lab)
            new = Row(1, variant, datetime.now(UTC).isoformat(timespec="seconds"), result)
            if last is not None and last.result.submission_sha256 != result.submission_sha256:
                new = replace(new, attempt=last.attempt + 1)
            elif last is not None:
                new = replace(new, attempt=last.attempt)
                old, new = (last, new) if new.graded or not last.graded else (new, last)
                self._insert("history", old)
            self._insert("attempts", new)
        return new.attempt

    def _insert(self, table: str, row: Row) -> None:
        text = json.dumps(row.result.to_json(), allow_nan=False)
        values = (row.result.lab, row.result.student, row.attempt, row.variant, row.graded_at, text)
        self._connection.execute(f"INSERT OR REPLACE INTO {table} ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", values)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _cannot(self.folder / FILE, error) from None
            raise

    def latest(self, student: str, lab: str) -> Row | None:
        """The last attempt, graded or not."""
        where = "WHERE lab = ? AND student = ? ORDER BY attempt DESC LIMIT 1"
        return next((_row(values) for values in self._select("attempts", where, (lab, student))), None)

    def history(self, student: str, lab: str) -> list[Row]:
        """What other results took the place of, oldest first."""
        where = "WHERE lab = ? AND student = ? ORDER BY rowid"
        return [_row(values) for values in self._select("history", where, (lab, student))]

    def standing(self, student: str, lab: str) -> Row | None:
        """What counts for a student and lab: the last attempt that has a grade, else the last attempt."""
        return next(self._standing("WHERE lab = ? AND student = ?", (lab, student)), None)

    def rows(self) -> Iterator[Row]:
        """What counts for every student and lab, in order of lab and student, one at a time."""
        return self._standing("", ())

    def _standing(self, where: str, values: tuple[Any, ...]) -> Iterator[Row]:
        found = self._select("attempts", f"{where} ORDER BY lab, student, attempt", values)
        for _, attempts in itertools.groupby(found, key=lambda values: values[:2]):
            ungraded: list[Row] = []
            for row in map(_row, reversed(list(attempts))):
                if row.graded:
                    flags = [f"attempt {lost.attempt} has no grade: the grader failed" for lost in reversed(ungraded)]
                    yield replace(row, result=replace(row.result, flags=[*row.result.flags, *flags]))
                    break
                ungraded.append(row)
            else:
                yield ungraded[0]

    def _select(self, table: str, where: str, values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(f"SELECT {COLUMNS} FROM {table} {where}", values)
        except sqlite3.Error as error:
            raise _cannot(self.folder / FILE, error) from None


def _row(values: tuple[Any, ...]) -> Row:
    lab, student, attempt, variant, graded_at, text = values
    try:
        return Row(attempt, variant, graded_at, Result.from_json(json.loads(text)))
    except (ValueError, TypeError, KeyError):
        raise GradebookError(f"{FILE}: attempt {attempt} of {student} at {lab} is damaged; restore a copy.") from None


def _locked(folder: Path) -> int:
    """A descriptor that holds the folder's lock for as long as it is open."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise GradebookError(f"--out {folder}: cannot be written ({error.strerror}); give another folder.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise UsageError(f"--out {folder}: another grader is at work on it; wait until it has ended.") from None
    return lock


def _connected(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        try:
            _check(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise _cannot(path, error) from None
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file; refuse another program's file, or a later version's, before it is changed."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    new = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not new and application != APPLICATION:
        raise GradebookError(f"{path}: is not a gradebook but another database; give another folder, or move it away.")
    if not new and version != VERSION:
        raise GradebookError(f"{path}: has version {version}, and this autograder reads {VERSION}; use a later one.")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if new:
        connection.executescript(SCHEMA)


def _cannot(path: Path, error: sqlite3.Error) -> GradebookError:
    if "malformed" in str(error) or "not a database" in str(error) or "no such" in str(error):
        return GradebookError(f"{path}: is damaged or no gradebook ({error}); restore a copy, or move it away.")
    return GradebookError(
        f"{path}: cannot be read and written ({error}); what was graded before is still there. "
        "Free some space or give yourself the right to write there, and run the same command again."
    )
