"""A zip of feedback files, named so that Canvas or Moodle gives each to the student whom it is for.

Moodle ("Upload multiple feedback files in a zip") reads the participant's number in the folder's name, as in its own
download. Canvas ("Upload Submissions") reads the numbers in the file's name, as in its own download, and shows the file
under the title of what was handed in: so it is of the same kind, a notebook for a notebook.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder import downloads
from autograder.errors import GradebookError
from autograder.gradebook import Gradebook
from autograder.grades import Grade, grades
from autograder.report import pages
from autograder.sheets import Sheet
from autograder.text import harmless
from upright.checks.verdict import line

EPOCH = (1980, 1, 1, 0, 0, 0)  # equal grades give equal bytes


def moodle(gradebook: Gradebook, lab: str, sheet: Sheet) -> Iterator[tuple[str, str]]:
    """The student's page of the report, for each whose grade is in the sheet: names in the zip, and texts."""
    for grade in grades(gradebook, lab):
        if grade.student in sheet.placed:
            number, name = sheet.placed[grade.student]
            # Moodle splits at underscores, and looks at the number alone.
            name = re.sub(r"[^\w .'-]|_", " ", name).strip(" .") or "Participant"
            yield f"{name}_{number}_assignsubmission_file_/{lab}.html", pages.student_page(grade)


def canvas(gradebook: Gradebook, lab: str, _: Sheet) -> Iterator[tuple[str, str]]:
    """A file for each with a grade whose last file has a name of Canvas's: names in the zip, and texts.

    The sheet is not looked at: where students are anonymous it does not tell who is who, and the names do.
    """
    for grade in grades(gradebook, lab):
        last = gradebook.latest(grade.student, lab)
        name = last.result.submission if last else ""
        if grade.score is not None and downloads.is_canvas(name):
            text = python(grade) if name.lower().endswith(".py") else notebook(grade)
            yield re.sub(r'[\\/:*?"<>|]', "_", name), text


def notebook(grade: Grade) -> str:
    """What a student should know, as a notebook without code; what comes of a submission is in raw cells, as text."""
    cells = [{"cell_type": "markdown", "id": "points", "metadata": {}, "source": f"# {points(grade)}"}]
    for number, text in enumerate(told(grade), 1):
        cells.append({"cell_type": "raw", "id": f"told-{number}", "metadata": {}, "source": text})
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def python(grade: Grade) -> str:
    """What a student should know, as a Python file of comments."""
    lines = "\n\n".join([points(grade), *told(grade)]).splitlines()
    return "".join(f"# {one}".rstrip() + "\n" for one in lines)


def points(grade: Grade) -> str:
    """The score in one line."""
    penalty = f" ({grade.raw:g} before {grade.penalty:g} for lateness)" if grade.penalty else ""
    average = f", {grade.told_average()}" if grade.averaged else ""
    return f"{grade.lab}: {grade.score:g} of {grade.max_score:g} points{penalty}{average}"


def told(grade: Grade) -> list[str]:
    """Each check with what was expected and the hint, and the grader's notes."""
    assert grade.row is not None
    result = grade.row.result
    return [harmless(text) for text in (*map(line, result.checks), *result.notes)]


def write(path: Path, files: Iterable[tuple[str, str]]) -> int:
    """Write the zip whole or not at all, and return how many files it holds. Raises GradebookError."""
    new = path.with_name(f".{path.name}.new")
    count = 0
    try:
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files:
                entry = zipfile.ZipInfo(name, EPOCH)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
                archive.writestr(entry, text)
                count += 1
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise GradebookError(f"{path}: cannot be written ({error.strerror}); give another --feedback.") from None
    finally:
        with contextlib.suppress(OSError):
            new.unlink()
    return count
