"""What other programs read: one JSON file a student and lab, and one table of all. Both come from the gradebook."""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder import copies, course
from autograder.errors import GradebookError
from autograder.gradebook import Gradebook
from autograder.grades import Grade, grades
from autograder.text import csv_cell

COLUMNS = (
    "student",
    "name",
    "lab",
    "raw",
    "penalty",
    "score",
    "max_score",
    "outcome",
    "submitted_at",
    "late_hours",
    "attempts",
    "attempt",
    "submission",
    "submission_sha256",
    "sandbox",
    "flags",
)
COPIES = ("lab", "student", "other", "evidence", "students", "sha256")
# Kept in the gradebook alone: they differ from run to run, and exports of equal grades are equal byte for byte.
OF_THE_RUN = ("duration_s", "signatures")


class _Line:
    """Takes what csv.writer writes, one line at a time, so that a large class needs no memory."""

    def write(self, text: str) -> str:
        return text


def write_result(folder: Path, grade: Grade) -> None:
    """Write `results/LAB/STUDENT.json`, unless it is there as it should be, or nothing was handed in.

    Raises GradebookError.
    """
    if grade.row is None:
        return
    path = folder / "results" / grade.lab / f"{grade.student}.json"
    data = {name: value for name, value in grade.row.result.to_json().items() if name not in OF_THE_RUN}
    data.update({name: getattr(grade, name) for name in ("raw", "penalty", "score", "late_s", "due", "attempts")})
    data.update(attempt=grade.row.attempt, submitted_at=grade.row.submitted_at)
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    with contextlib.suppress(OSError):
        if path.read_bytes() == text.encode():
            return
    replace(path, [text])


def write_table(folder: Path, gradebook: Gradebook) -> None:
    """Write `gradebook.csv`, one row a student and lab. Raises GradebookError."""
    replace(folder / "gradebook.csv", _csv(COLUMNS, map(_values, grades(gradebook))))


def write_copies(folder: Path, gradebook: Gradebook) -> None:
    """Write `copies.csv`, one row for two students whose answers are alike, or for one and the course's own solution or
    a published policy. Raises GradebookError."""
    kinds = (copies.pairs, copies.of_solution, copies.of_published)
    found = (pair for lab in course.labs(gradebook) for kind in kinds for pair in kind(gradebook, lab))
    replace(folder / "copies.csv", _csv(COPIES, map(vars, found)))


def write_all(folder: Path, gradebook: Gradebook) -> None:
    """Write the tables and every result that is missing, as after a crash. Raises GradebookError."""
    write_copies(folder, gradebook)
    for grade in grades(gradebook):
        write_result(folder, grade)
    write_table(folder, gradebook)


def _csv(columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow(columns)  # which returns what _Line.write returns
    for row in rows:
        yield writer.writerow([_cell(row[name]) for name in columns])


def _values(grade: Grade) -> dict[str, Any]:
    """A grade's row of the table."""
    values: dict[str, Any] = dict.fromkeys(COLUMNS)
    if grade.row is not None:
        values |= {**vars(grade.row.result), "attempt": grade.row.attempt, "submitted_at": grade.row.submitted_at}
        values["flags"] = "; ".join(grade.row.result.flags)
    values |= vars(grade)
    values["penalty"] = grade.penalty if grade.score is not None else None
    values["late_hours"] = None if grade.late_s is None else round(grade.late_s / 3600, 2)
    return values


def _cell(value: Any) -> str:
    """A fault of the grader has no score: an empty cell, never a zero."""
    if value is None:
        return ""
    return csv_cell(value) if isinstance(value, str) else f"{value:g}"


def replace(path: Path, texts: Iterable[str]) -> None:
    """Write a file whole or not at all: whoever reads it meanwhile, or after a crash, sees the old one or the new."""
    new = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("w", encoding="utf-8", newline="") as file:
            file.writelines(texts)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        advice = "the grades are in the gradebook: run the same command again"
        raise GradebookError(f"{path}: cannot be written ({error.strerror}); {advice}.") from None
    finally:
        with contextlib.suppress(OSError):
            new.unlink()
