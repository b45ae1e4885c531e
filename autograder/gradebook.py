"""The gradebook: one SQLite file that holds every result, a row for each attempt."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from autograder.database import FILE, cannot, connected, keep_result, kept_result, locked
from autograder.errors import GradebookError
from autograder.result import Result

COLUMNS = "lab, student, attempt, variant, graded_at, submitted_at, result"


@dataclass(frozen=True)
class Row:
    """A result in the gradebook. attempt: from 1; variant: of the physics; graded_at, and submitted_at if it is known:
    UTC, ISO 8601."""

    attempt: int
    variant: int
    graded_at: str
    result: Result
    submitted_at: str | None = None

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
        lock = locked(folder)
        try:
            return cls(folder, lock, connected(folder / FILE))
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

    def record(self, result: Result, variant: int = 0, submitted_at: str | None = None) -> int:
        """Keep a result, in one transaction, and return its attempt. submitted_at: UTC, ISO 8601; None if unknown.

        Another file than the last is the next attempt. The same file again takes the place of its result, which goes to
        the history. A fault of the grader never takes the place of a grade: it goes to the history itself.
        """
        with self.writing():
            last = self.latest(result.student, result.lab)
            new = Row(1, variant, datetime.now(UTC).isoformat(timespec="seconds"), result, submitted_at)
            if last is not None and last.result.submission_sha256 != result.submission_sha256:
                new = replace(new, attempt=last.attempt + 1)
            elif last is not None:
                new = replace(new, attempt=last.attempt, submitted_at=submitted_at or last.submitted_at)
                old, new = (last, new) if new.graded or not last.graded else (new, last)
                self._insert("history", old)
            self._insert("attempts", new)
        return new.attempt

    def _insert(self, table: str, row: Row) -> None:
        result, connection = row.result, self._connection
        place = (result.lab, result.student, row.attempt)
        key = keep_result(connection, result.to_json())
        values = (*place, row.variant, row.graded_at, row.submitted_at, key)
        connection.execute(f"INSERT OR REPLACE INTO {table} ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        if table == "attempts":
            connection.execute("DELETE FROM signatures WHERE lab = ? AND student = ? AND attempt = ?", place)
            found = [(*place, kind, sha256) for kind, sha256 in result.signatures.items()]
            connection.executemany("INSERT INTO signatures VALUES (?, ?, ?, ?, ?)", found)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it is kept, or nothing. Raises GradebookError."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise cannot(self.folder / FILE, error) from None
            raise

    def latest(self, student: str, lab: str) -> Row | None:
        """The last attempt, graded or not."""
        where = "WHERE lab = ? AND student = ? ORDER BY attempt DESC LIMIT 1"
        return next((self._row(values) for values in self._select("attempts", where, (lab, student))), None)

    def history(self, student: str, lab: str) -> list[Row]:
        """What other results took the place of, oldest first."""
        where = "WHERE lab = ? AND student = ? ORDER BY rowid"
        return [self._row(values) for values in self._select("history", where, (lab, student))]

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
            for row in map(self._row, reversed(list(attempts))):
                if row.graded:
                    flags = [f"attempt {lost.attempt} has no grade: the grader failed" for lost in reversed(ungraded)]
                    yield replace(row, result=replace(row.result, flags=[*row.result.flags, *flags]))
                    break
                ungraded.append(row)
            else:
                yield ungraded[0]

    def attempts(self, lab: str, student: str | None = None) -> Iterator[tuple[str, list[Row]]]:
        """The students of a lab in order, or one of them, each with all attempts from the first."""
        where = "WHERE lab = ? ORDER BY student, attempt"
        values: tuple[str, ...] = (lab,)
        if student is not None:
            where, values = "WHERE lab = ? AND student = ? ORDER BY attempt", (lab, student)
        found = self._select("attempts", where, values)
        for name, group in itertools.groupby(found, key=lambda values: values[1]):
            yield name, [self._row(one) for one in group]

    def handed_in(self, student: str, lab: str, submitted_at: str) -> None:
        """Keep when the last attempt was handed in, if it is another time than was known. Raises GradebookError."""
        last = "(SELECT max(attempt) FROM attempts WHERE lab = ? AND student = ?)"
        with self.writing():
            self.execute(
                "UPDATE attempts SET submitted_at = ? WHERE lab = ? AND student = ? AND submitted_at IS NOT ? "
                f"AND attempt = {last}",
                (submitted_at, lab, student, submitted_at, lab, student),
            )

    def execute(self, statement: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement; a change belongs inside `writing`. Raises GradebookError."""
        try:
            return self._connection.execute(statement, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise cannot(self.folder / FILE, error) from None

    def _select(self, table: str, where: str, values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        try:
            # No `yield from`: that would close the cursor when this generator ends, after the connection perhaps.
            for found in self._connection.execute(f"SELECT {COLUMNS} FROM {table} {where}", values):  # noqa: UP028
                yield found
        except sqlite3.Error as error:
            raise cannot(self.folder / FILE, error) from None

    def _row(self, values: tuple[Any, ...]) -> Row:
        lab, student, attempt, variant, graded_at, submitted_at, key = values
        try:
            result = Result.from_json(kept_result(self._connection, key))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            place = f"attempt {attempt} of {student} at {lab}"
            raise GradebookError(f"{FILE}: {place} is damaged; restore a copy.") from None
        except sqlite3.Error as error:
            raise cannot(self.folder / FILE, error) from None
        return Row(attempt, variant, graded_at, result, submitted_at)
