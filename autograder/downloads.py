"""Whose submission a file is, by the name that Canvas or Moodle gave it in a download of all submissions.

Canvas ("Download Submissions"): `lovelaceada_LATE_4711_88123_lab1-2.ipynb`, the user's and the file's number; where
students are anonymous, `LATE_anon_X7a2b_88123_lab1-2.ipynb`, and a student is called `anon_X7a2b`. Handed in again, a
file of the same title has the next number at its end, and a larger one of its own.
Moodle: `Ada Lovelace_4711_assignsubmission_file_lab1.ipynb`, or a folder `Ada Lovelace_4711_assignsubmission_file_`
that holds the file; the number is the participant's. A student is called by name and number: `lovelaceada_4711`.
"""

from __future__ import annotations

import re
from pathlib import Path

# Canvas lets no _NUMBER_ stand in a name, but other underscores.
CANVAS = re.compile(
    r"(?P<name>[^_].*?)(?P<late>_LATE)?_(?P<number>\d{1,18})_(?P<file>\d{1,18})_(?P<title>.+)", re.DOTALL
)
# With a letter in it: a number after the name `anon` is a user's.
ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon)_(?P<number>(?=\d*[A-Za-z])[A-Za-z0-9]{5})_(?P<file>\d{1,18})_(?P<title>.+)",
    re.DOTALL,
)
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d{1,18})_assignsubmission_file_.*", re.DOTALL)
NUMBERED = re.compile(r"(?P<name>.+)_(?P<number>\d{1,18})", re.DOTALL)


def student(name: str) -> str | None:
    """The student of a file's or folder's name, without its suffix; None if neither Canvas nor Moodle gave the name."""
    found = MOODLE.fullmatch(name) or _canvas(name)
    return f"{found['name']}_{found['number']}" if found else None


def is_canvas(name: str) -> bool:
    """Whether Canvas gave a file its name."""
    return not MOODLE.fullmatch(name) and _canvas(name) is not None


def is_late(name: str) -> bool:
    """Whether Canvas marks a file as late."""
    found = _canvas(name)
    return found is not None and found["late"] is not None


def newest(files: list[Path], lab: str) -> Path | None:
    """Which of a student's files of Canvas is to be graded: those with the lab's name come first, and of one title the
    file with the largest number was handed in last. None if they have several titles, or are not from Canvas."""
    titles: dict[str, list[tuple[int, Path]]] = {}
    for path in files:
        found = _canvas(path.stem)
        if found is None:
            return None
        title = re.sub(r"-\d+$", "", found["title"]) + path.suffix.lower()
        titles.setdefault(title, []).append((int(found["file"]), path))
    wanted = [found for title, found in titles.items() if Path(title).stem == lab] or list(titles.values())
    return max(wanted[0])[1] if len(wanted) == 1 else None


def _canvas(name: str) -> re.Match[str] | None:
    return ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name)


def named_by_canvas(name: str, number: str) -> str:
    """What a student is called whom Canvas's gradebook lists so: `Lovelace, Ada` and 4711 give `lovelaceada_4711`."""
    return re.sub(r"\W", "", re.sub(r"_(\d+)_", r"\1", name)).lower() + f"_{number}"


def named_by_moodle(name: str, identifier: str) -> str:
    """What a student is called whom Moodle's worksheet lists so: `Ada Lovelace` and Participant 4711 give
    `Ada Lovelace_4711`."""
    return f"{name}_{re.sub(r'[^0-9]', '', identifier)}"


def parts(student: str) -> tuple[str, str] | None:
    """Name and number of such a student."""
    found = NUMBERED.fullmatch(student)
    return (found["name"], found["number"]) if found else None
