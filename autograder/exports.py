"""What other programs read: one JSON file a student and lab, and one table of all. Both come from the gradebook."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from autograder.gradebook import Gradebook, GradebookError
from autograder.text import csv_cell

COLUMNS = (
    "student",
    "lab",
    "score",
    "max_score",
    "outcome",
    "attempt",
    "submission",
    "submission_sha256",
    "graded_at",
    "sandbox",
    "flags",
)


def result_path(folder: Path, lab: str, student: str) -> Path:
    return folder / "results" / lab / f"{student}.json"


def write_result(folder: Path, row: dict[str, Any]) -> Path:
    """Write `results/<lab>/<student>.json`. Raises GradebookError."""
    text = json.dumps({**row["result"], "attempt": row["attempt"], "graded_at": row["graded_at"]}, indent=2)
    path = result_path(folder, row["lab"], row["student"])
    _replace(path, text + "\n")
    return path


def write_table(folder: Path, gradebook: Gradebook) -> Path:
    """Write `gradebook.csv`, one row a student and lab. Raises GradebookError."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in gradebook.rows():
        values = {**row["result"], **{name: row[name] for name in ("attempt", "graded_at")}}
        values["flags"] = "; ".join(values["flags"])
        # A fault of the grader is an empty cell, never a zero.
        writer.writerow(["" if values[name] is None else _cell(values[name]) for name in COLUMNS])
    path = folder / "gradebook.csv"
    _replace(path, text.getvalue())
    return path


def _cell(value: Any) -> str:
    return csv_cell(value) if isinstance(value, str) else f"{value:g}"


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all: whoever reads it meanwhile, or after a crash, sees the old one or the new one."""
    new = path.with_name(f".{path.name[:80]}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise GradebookError(
            f"{path}: cannot be written ({error.strerror}); the grades are in the gradebook, run the same command again"
        ) from None
