"""Whose submission a file is, by the name that Canvas or Moodle gave it in a download of all submissions.

Canvas ("Download Submissions"): `lovelaceada_LATE_4711_88123_lab1-2.ipynb`, the user's and the file's number.
Moodle: `Ada Lovelace_4711_assignsubmission_file_lab1.ipynb`, or a folder `Ada Lovelace_4711_assignsubmission_file_`
that holds the file; the number is the participant's. A student is called by name and number: `lovelaceada_4711`.
"""

from __future__ import annotations

import re

# Canvas lets no _NUMBER_ stand in a name, but other underscores.
CANVAS = re.compile(r"(?P<name>[^_].*?)(?:_LATE)?_(?P<number>\d{1,18})_\d{1,18}_.+", re.DOTALL)
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d{1,18})_assignsubmission_file_.*", re.DOTALL)
NUMBERED = re.compile(r"(?P<name>.+)_(?P<number>\d{1,18})", re.DOTALL)


def student(name: str) -> str | None:
    """The student of a file's or folder's name, without its suffix; None if neither Canvas nor Moodle gave the name."""
    found = MOODLE.fullmatch(name) or CANVAS.fullmatch(name)
    return f"{found['name']}_{found['number']}" if found else None


def parts(student: str) -> tuple[str, str] | None:
    """Name and number of such a student."""
    found = NUMBERED.fullmatch(student)
    return (found["name"], found["number"]) if found else None
