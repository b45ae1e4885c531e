"""Gradescope's submission_metadata.json: whose a submission is, when it came and when it was due.

https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/, and `users[].assignment` with the dates of
a student's own, extensions included, which that page leaves out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.policy import moment
from autograder.text import harmless

FILE = "submission_metadata.json"
MAX_BYTES = 20_000_000
MAX_USERS = 100
MAX_STUDENT = 200
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Metadata:
    """student: the numbers of those who handed in; submitted_at and due: UTC, ISO 8601, None if there is none or it
    cannot be trusted; previous: the scores of earlier submissions that Gradescope counts; total_points: of the whole
    assignment; notes: what in the file could not be used, and what follows from it."""

    student: str = UNKNOWN
    submitted_at: str | None = None
    due: str | None = None
    previous: tuple[float, ...] = ()
    total_points: float | None = None
    notes: tuple[str, ...] = ()


class _Bad(Exception):
    """What is wrong, with the field's name."""


def read(path: Path) -> Metadata:
    """Whatever the file holds, something comes of it: what is broken is named in `notes` and costs nobody a point."""
    try:
        data = _load(path)
    except _Bad as reason:
        return Metadata(notes=(f"{FILE}: {reason}. Lateness was not looked at.",))
    notes = []
    student, submitted_at, due = UNKNOWN, None, None
    try:
        student = _student(data)
    except _Bad as reason:
        notes.append(f"{FILE}: {reason}. The cases are those of an unknown student.")
    try:
        submitted_at, due = _time(data, "created_at"), _due(data)
        if submitted_at is None:
            raise _Bad("created_at is missing")
    except _Bad as reason:
        submitted_at = due = None
        notes.append(f"{FILE}: {reason}. Lateness was not looked at.")
    return Metadata(student, submitted_at, due, _previous(data), _points(data), tuple(notes))


def _load(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise _Bad(f"has more than {MAX_BYTES:,} bytes")
        data = json.loads(text)
    except OSError as error:
        raise _Bad(f"cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise _Bad("is not JSON that can be read") from None
    return _object(data, "the whole")


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Bad(f"{name} is not an object")
    return value


def _users(data: dict[str, Any]) -> list[dict[str, Any]]:
    users = data.get("users")
    if not isinstance(users, list) or not 1 <= len(users) <= MAX_USERS:
        raise _Bad(f"users is not a list of 1 to {MAX_USERS}")
    return [_object(user, f"users[{number}]") for number, user in enumerate(users)]


def _student(data: dict[str, Any]) -> str:
    """Numbers, in order: names and addresses may change between two submissions."""
    users = _users(data)
    numbers = [number for user in users if type(number := user.get("id")) is int and 0 <= number < 2**63]
    if len(numbers) < len(users):
        raise _Bad("users[].id is not a number")
    return "-".join(map(str, sorted(numbers)))[:MAX_STUDENT]


def _time(data: dict[str, Any], field: str, within: str = "") -> str | None:
    value = data.get(field)
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            raise ValueError("expected a text")
        return moment(value).isoformat()
    except ValueError as reason:
        raise _Bad(f"{within}{field}: {harmless(str(value), 60)!r}: {reason}") from None


def _due(data: dict[str, Any]) -> str | None:
    """When it was due: the date of the student's own, else the assignment's. Of a group, the latest of all."""
    assignment = _object(data.get("assignment") or {}, "assignment")
    everyones = _time(assignment, "due_date", "assignment.")
    found = []
    for number, user in enumerate(_users(data)):
        own = _object(user.get("assignment") or {}, f"users[{number}].assignment")
        found.append(_time(own, "due_date", f"users[{number}].assignment.") or everyones)
    return max((due for due in found if due), key=moment, default=None)


def _previous(data: dict[str, Any]) -> tuple[float, ...]:
    """The scores of earlier submissions, without those at which the autograder failed."""
    entries = data.get("previous_submissions")
    scores = [
        _number(entry.get("score"))
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and entry.get("autograder_error") is not True
    ]
    return tuple(score for score in scores if score is not None)


def _points(data: dict[str, Any]) -> float | None:
    assignment = data.get("assignment")
    return _number(assignment.get("total_points")) if isinstance(assignment, dict) else None


def _number(value: Any) -> float | None:
    """A number of points, which Gradescope writes as 20.0 or "20.0"."""
    try:
        number = float(value) if type(value) in (int, float, str) else -1.0
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e6 else None
