"""What an instructor decides about a course, kept in its gradebook: policies, extensions, the roster and the seeds."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder import downloads, tables
from autograder.errors import UsageError
from autograder.gradebook import Gradebook
from autograder.policy import Extension, GradingPolicy, utc
from upright.format import DataError

SHOWN = 10
CANVAS_ONLY = ("id", "section")
MOODLE_ONLY = ("identifier", "full name")


def read_policy(path: Path, deadline: str | None = None) -> GradingPolicy:
    """deadline: for a policy that names none. Raises UsageError."""
    try:
        data = None
        with suppress(OSError, ValueError, RecursionError):
            data = json.loads(path.read_text(encoding="utf-8"))
        if deadline is not None and isinstance(data, dict) and data.get("deadline") is None:
            return GradingPolicy.loads(json.dumps({**data, "deadline": deadline}), str(path))
        return GradingPolicy.load(path)
    except DataError as reason:
        raise UsageError(f"--policy {reason}") from None


def read_extensions(path: Path) -> dict[str, Extension]:
    """Extensions by student, from a table with the column student, and days or deadline. Raises UsageError."""
    found = {}
    for where, student, row in tables.by_student(path, (), ("days", "deadline")):
        days, deadline = row.get("days", ""), row.get("deadline", "")
        if bool(days) == bool(deadline):
            raise UsageError(f"{where}: give {student} either days or a deadline.")
        found[student] = Extension(days=_days(days, where)) if days else Extension(deadline=utc(deadline, where))
    return found


def _days(text: str, where: str) -> float:
    with suppress(ValueError):
        days = float(text.replace(",", "."))  # as a spreadsheet writes it where the decimal sign is a comma
        if 0 < days <= 3_650:
            return days
    raise UsageError(f"{where}: days {text[:60]!r}: give a number above 0, at most 3650.")


def read_roster(path: Path) -> dict[str, str]:
    """Names by student, from a table with the column student, and name if there is one. Raises UsageError.

    Or from the gradebook that Canvas exports, or Moodle's grading worksheet: a student is then called as the files in
    the same system's download are.
    """
    rows = [row for _, row in tables.read(path, (), ("student", "name", *CANVAS_ONLY, *MOODLE_ONLY))]
    columns = set(rows[0]) if rows else set()
    if columns >= {"student", *CANVAS_ONLY} and "name" not in columns:
        listed = [(row["student"], row["id"]) for row in rows if row["id"]]  # none in the row of the points possible
        return {downloads.named_by_canvas(name, number): name for name, number in listed}
    if columns >= set(MOODLE_ONLY) and "student" not in columns:
        listed = [(row["full name"], row["identifier"]) for row in rows]
        return {downloads.named_by_moodle(name, identifier): name for name, identifier in listed}
    return {student: row.get("name", "") for _, student, row in tables.by_student(path, (), ("name",))}


def read_times(path: Path) -> dict[str, str]:
    """Submission times (UTC, ISO 8601) by student, from a table with student and submitted_at. Raises UsageError."""
    return {
        student: utc(row["submitted_at"], f"{where}: submitted_at")
        for where, student, row in tables.by_student(path, ("submitted_at",))
        if row["submitted_at"]
    }


def run_seed(gradebook: Gradebook, lab: str, given: int | None) -> int:
    """The secret seed of a lab's runs, 64 bits: the one given, else that of earlier runs, else a fresh random one.

    It is kept before anything is graded, so that a run that was ended goes on as it began.
    """
    with gradebook.writing():
        kept = gradebook.execute("SELECT seed FROM runs WHERE lab = ?", (lab,))
        seed = given if given is not None else int(kept[0][0]) if kept else secrets.randbits(64)
        gradebook.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (lab, str(seed)))
    return seed


@dataclass(frozen=True)
class Decisions:
    """What an instructor gives; None: as it was. extensions and roster (names): by student; deadline: of
    another system, UTC, in place of the kept policy's."""

    policy: GradingPolicy | None = None
    extensions: dict[str, Extension] | None = None
    roster: dict[str, str] | None = None
    deadline: str | None = None


def keep(gradebook: Gradebook, lab: str, given: Decisions) -> None:
    """Keep what is given in place of what was, in one transaction. Raises GradebookError."""
    with gradebook.writing():
        decided = given.policy
        if decided is None and given.deadline is not None:
            decided = policy(gradebook, lab).model_copy(update={"deadline": given.deadline})
        if decided is not None:
            gradebook.execute("INSERT OR REPLACE INTO policies VALUES (?, ?)", (lab, decided.dumps()))
        if given.extensions is not None:
            gradebook.execute("DELETE FROM extensions WHERE lab = ?", (lab,))
            for student, one in given.extensions.items():
                values = (lab, student, one.days, one.deadline)
                gradebook.execute("INSERT INTO extensions VALUES (?, ?, ?, ?)", values)
        if given.roster is not None:
            gradebook.execute("DELETE FROM roster")
            for student, name in given.roster.items():
                gradebook.execute("INSERT INTO roster VALUES (?, ?)", (student, name))


@dataclass(frozen=True)
class Attendance:
    """missing: on the roster, and handed nothing in; unknown: handed in, and neither on the roster; in order. extended:
    have an extension, and are neither on the roster nor have handed in: perhaps a name that was written wrongly."""

    missing: list[str]
    unknown: list[str]
    extended: list[str]

    def told(self) -> list[tuple[str, str]]:
        """Lines of a summary: a name, and who."""
        named = {"missing": self.missing, "not on the roster": self.unknown, "extension for nobody": self.extended}
        return [(name, _listed(students)) for name, students in named.items() if students]


def _listed(students: list[str]) -> str:
    more = f" and {len(students) - SHOWN} more (in the table)" if len(students) > SHOWN else ""
    return f"{len(students)}: {', '.join(students[:SHOWN])}{more}"


def attendance(gradebook: Gradebook, lab: str) -> Attendance:
    """Who is missing, and who is not known. Without a roster nobody is. Raises GradebookError."""
    here = "(SELECT student FROM attempts WHERE lab = ?)"
    known = "(SELECT student FROM roster)"
    asked = {
        "missing": f"SELECT student FROM roster WHERE student NOT IN {here} ORDER BY student",
        "unknown": f"SELECT DISTINCT student FROM attempts WHERE lab = ? AND EXISTS {known} "
        f"AND student NOT IN {known} ORDER BY student",
        "extended": f"SELECT student FROM extensions WHERE lab = ?1 AND student NOT IN {here.replace('?', '?1')} "
        f"AND student NOT IN {known} ORDER BY student",
    }
    found = {name: gradebook.execute(statement, (lab,)) for name, statement in asked.items()}
    return Attendance(**{name: [student for (student,) in rows] for name, rows in found.items()})


def policy(gradebook: Gradebook, lab: str) -> GradingPolicy:
    """The policy of a lab; without one, lateness costs nothing and the last attempt counts."""
    found = gradebook.execute("SELECT policy FROM policies WHERE lab = ?", (lab,))
    return GradingPolicy.loads(found[0][0], f"the policy of {lab}") if found else GradingPolicy()


def extensions(gradebook: Gradebook, lab: str) -> dict[str, Extension]:
    """Extensions by student."""
    rows = gradebook.execute("SELECT student, days, deadline FROM extensions WHERE lab = ?", (lab,))
    return {student: Extension(days, deadline) for student, days, deadline in rows}


def roster(gradebook: Gradebook) -> dict[str, str]:
    """Names by student, in order of the students; empty if there is no roster."""
    return dict(gradebook.execute("SELECT student, name FROM roster ORDER BY student"))


def labs(gradebook: Gradebook) -> Iterator[str]:
    """The labs for which something was handed in, in order."""
    for (lab,) in gradebook.execute("SELECT DISTINCT lab FROM attempts ORDER BY lab"):
        yield lab
