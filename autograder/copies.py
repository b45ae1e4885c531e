"""Copies: students whose answers have the same signature, in pairs, with the evidence. A flag, never a penalty."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from autograder import signatures
from autograder.gradebook import Gradebook

SHOWN = 3  # other students in one flag
SOLUTION = "(the course's own solution)"  # in brackets: no student's name begins so in an LMS
MAX_GROUP = 50  # of a larger group each is paired with the first one alone: pairs stay as many as students
KINDS = {
    "file": "the same file",
    "weights": "identical weights",
    "preferences": "identical outputs at 256 observations, though the weights may differ",
    "outputs": "an identical search",
    "code": "the same code but for names and comments, in all functions",
}


@dataclass(frozen=True)
class Pair:
    """Two students of one lab whose answers have the same signature; `other` may be the course's own solution, or a
    published policy. students: how many have it."""

    lab: str
    student: str
    other: str
    evidence: str
    sha256: str
    students: int


def evidence(kind: str) -> str:
    """A kind of signature in words."""
    return KINDS.get(kind) or f"the same code but for names and comments, in {kind.removeprefix('code ')}()"


def pairs(gradebook: Gradebook, lab: str) -> Iterator[Pair]:
    """The pairs of a lab, in a fixed order. Raises GradebookError."""
    for kind, sha256, students in _groups(gradebook, lab):
        count = len(students)
        two = (
            itertools.combinations(students, 2) if count <= MAX_GROUP else ((students[0], one) for one in students[1:])
        )
        for student, other in two:
            yield Pair(lab, student, other, evidence(kind), sha256, count)


def of_solution(gradebook: Gradebook, lab: str) -> Iterator[Pair]:
    """Each student beside the course's own solution, whose answers have its signature. Raises GradebookError."""
    own = signatures.known().get(lab, {})
    for kind, students in _as_solution(gradebook, lab):
        for student in students:
            yield Pair(lab, student, SOLUTION, evidence(kind), own[kind], len(students))


def of_published(gradebook: Gradebook, lab: str) -> Iterator[Pair]:
    """Each student beside the published policy that the answer is nearly equal to. Raises GradebookError."""
    from autograder import published  # only here: numpy is slow to load, and most commands need none

    asked = "SELECT DISTINCT kind, sha256 FROM signatures WHERE lab = ? ORDER BY kind, sha256"
    sources = {one.name: one.source for one in published.known()}
    for kind, sha256 in gradebook.execute(asked, (lab,)):
        if kind.startswith(signatures.PUBLISHED):
            name = kind.removeprefix(signatures.PUBLISHED)
            other = f"(published: {name}, {sources.get(name, 'no longer')})"
            students = _students(gradebook, lab, kind, sha256)
            for student in students:
                yield Pair(lab, student, other, "nearly identical weights", sha256, len(students))


def flags(gradebook: Gradebook, lab: str) -> dict[str, list[str]]:
    """What to tell of each student who has something to tell of. Raises GradebookError.

    Of several kinds that name the same students only the first is told: the same file has the same code.
    """
    found: dict[str, list[str]] = {}
    told: set[tuple[str, ...]] = set()
    for kind, _, students in sorted(_groups(gradebook, lab), key=lambda group: _strength(group[0])):
        # Once for a group, and not once for each of its students: a group may be the whole class.
        group = tuple(students)
        if group not in told:
            told.add(group)
            for student in students:
                others = list(itertools.islice((one for one in students if one != student), SHOWN))
                more = len(students) - 1 - len(others)
                names = ", ".join(others) + (f" and {more} more" if more else "")
                found.setdefault(student, []).append(f"As {names}: {evidence(kind)}.")
    for kind, students in _as_solution(gradebook, lab):
        for student in students:
            found.setdefault(student, []).append(f"As the course's own solution: {evidence(kind)}.")
    return found


def _strength(kind: str) -> int:
    return list(KINDS).index(kind) if kind in KINDS else len(KINDS)


def _groups(gradebook: Gradebook, lab: str) -> Iterator[tuple[str, str, list[str]]]:
    """(kind, signature, students) of each signature that more than one student has, at any attempt; students in order.
    What equals the course's solution, or is near a published policy, is told as that alone: whoever has it may have it
    from there."""
    own = signatures.known().get(lab, {})
    shared = (
        "SELECT kind, sha256 FROM signatures WHERE lab = ? GROUP BY kind, sha256 HAVING count(DISTINCT student) > 1"
    )
    for kind, sha256 in gradebook.execute(f"{shared} ORDER BY kind, sha256", (lab,)):
        if own.get(kind) != sha256 and not kind.startswith(signatures.PUBLISHED):
            yield kind, sha256, _students(gradebook, lab, kind, sha256)


def _as_solution(gradebook: Gradebook, lab: str) -> Iterator[tuple[str, list[str]]]:
    """(kind, students) of each part of the course's solution that somebody handed in; all of it before a part."""
    told: set[str] = set()
    for kind, sha256 in sorted(signatures.known().get(lab, {}).items(), key=lambda pair: _strength(pair[0])):
        students = [one for one in _students(gradebook, lab, kind, sha256) if one not in told]
        told.update(students if kind == "code" else [])
        yield kind, students


def _students(gradebook: Gradebook, lab: str, kind: str, sha256: str) -> list[str]:
    asked = "SELECT DISTINCT student FROM signatures WHERE lab = ? AND kind = ? AND sha256 = ? ORDER BY student"
    return [student for (student,) in gradebook.execute(asked, (lab, kind, sha256))]
