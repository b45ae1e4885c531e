"""When each submission was handed in. The time of a file is not looked at: unpacking an archive changes it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.policy import moment
from autograder.submissions import Submission

TIMESTAMP = "timestamp.txt"  # nbgrader's, beside the notebook
MAX_BYTES = 100
# As nbgrader writes it: 2026-12-01 22:58:23.948203 UTC
NBGRADER = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) (?:UTC|Z)")


def handed_in(submissions: Iterable[Submission], lab: str, table: Mapping[str, str]) -> dict[str, str]:
    """Submission times by student (UTC, ISO 8601) where one is known: that of the table, else nbgrader's own."""
    found = {}
    for submission in submissions:
        time = table.get(submission.student)
        if time is None and submission.path.parent.name == lab:
            time = _timestamp(submission.path.parent / TIMESTAMP)
        if time is not None:
            found[submission.student] = time
    return found


def _timestamp(path: Path) -> str | None:
    """The time in nbgrader's file, or None if it cannot be read as one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        data = os.read(descriptor, MAX_BYTES + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
        text = NBGRADER.sub(r"\1+00:00", data.decode("ascii").strip())
        return moment(text).isoformat()
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)
