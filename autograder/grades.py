"""Grades: what each student gets for each lab, by the policy, from the attempts in the gradebook."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from autograder import copies, course, downloads
from autograder.gradebook import Gradebook, Row
from autograder.policy import Extension, GradingPolicy
from autograder.pool import MAX_SCORE

MISSING = "missing"
UNKNOWN_TIME = "when it was handed in is not known: it counts as in time"
MARKED_LATE = "Canvas marks it as late, and it counts as in time"
UNKNOWN_STUDENT = "not on the roster"


@dataclass(frozen=True)
class Grade:
    """A student's grade for a lab.

    raw: points before the penalty; score: raw minus penalty; both None where there is no grade (the grader failed, or
    nothing was handed in), which is never a zero. late_s: seconds after the deadline, None if unknown. attempts: how
    many there are. row: the attempt that counts (of an average, the last), None if nothing was handed in: the outcome
    is then `missing`. averaged: the scores of the attempts of which it is the average. name: from the roster. due: UTC,
    ISO 8601. notes: what else an instructor should know.
    """

    student: str
    lab: str
    raw: float | None
    penalty: float
    score: float | None
    max_score: float
    outcome: str
    late_s: float | None
    attempts: int
    row: Row | None
    name: str | None = None
    averaged: tuple[float, ...] = ()
    due: str | None = None
    notes: tuple[str, ...] = ()

    def told_average(self) -> str:
        """Of which attempts the score is the average, for the student; empty if it is none."""
        scores = ", ".join(f"{score:g}" for score in self.averaged)
        shown = self.row and self.row.result.checks  # there are none of a file that could not be read
        below = f"; the checks below are those of attempt {self.row.attempt}" if self.row and shown else ""
        return f"the average of {len(self.averaged)} attempts ({scores} points){below}" if self.averaged else ""


@dataclass(frozen=True)
class Rules:
    """All by which the grades of a lab come about, beside the attempts. extensions, roster (names) and copies (flags):
    by student."""

    lab: str
    policy: GradingPolicy
    extensions: dict[str, Extension]
    roster: dict[str, str]
    copies: dict[str, list[str]]

    @classmethod
    def of(cls, gradebook: Gradebook, lab: str) -> Self:
        """Raises GradebookError."""
        policy, extensions = course.policy(gradebook, lab), course.extensions(gradebook, lab)
        return cls(lab, policy, extensions, course.roster(gradebook), copies.flags(gradebook, lab))


def grades(gradebook: Gradebook, lab: str | None = None) -> Iterator[Grade]:
    """The grades of one lab or of all, in order of lab and student, one at a time.

    Whoever is on the roster and handed nothing in comes too. Raises GradebookError.
    """
    for name in course.labs(gradebook) if lab is None else (lab,):
        yield from _of_lab(gradebook, Rules.of(gradebook, name))


def grade(gradebook: Gradebook, student: str, rules: Rules) -> Grade | None:
    """The grade of one student, or None if nothing was handed in. Raises GradebookError."""
    return next((_grade(rows, rules) for _, rows in gradebook.attempts(rules.lab, student)), None)


def _of_lab(gradebook: Gradebook, rules: Rules) -> Iterator[Grade]:
    lab = rules.lab
    present = (_grade(rows, rules) for _, rows in gradebook.attempts(lab))
    absent = (
        Grade(student, lab, None, 0.0, None, MAX_SCORE, MISSING, None, 0, None, rules.roster[student])
        for student in course.attendance(gradebook, lab).missing
    )
    return heapq.merge(present, absent, key=lambda grade: grade.student)


def _grade(rows: list[Row], rules: Rules) -> Grade:
    """A student's grade with the name from the roster; all notes are among the flags of its result as well, where
    instructors look."""
    student = rows[0].result.student
    grade = _chosen(rows, rules.policy, rules.extensions.get(student))
    if rules.roster and student not in rules.roster:
        grade = replace(grade, notes=(*grade.notes, UNKNOWN_STUDENT))
    assert grade.row is not None
    result = grade.row.result
    row = replace(
        grade.row, result=replace(result, flags=[*result.flags, *rules.copies.get(student, []), *grade.notes])
    )
    return replace(grade, name=rules.roster.get(student), row=row)


def _chosen(rows: list[Row], policy: GradingPolicy, extension: Extension | None) -> Grade:
    """The grade of a student's attempts, of which there is at least one."""
    each = [_of_attempt(row, len(rows), policy, extension) for row in rows]
    graded = [one for one in each if one.score is not None]
    if not graded:
        return each[-1]
    best = policy.attempts == "best"
    chosen = max(graded, key=lambda one: one.score or 0.0) if best else graded[-1]  # of equal ones the first
    if policy.attempts == "average":
        raw = sum(one.raw or 0.0 for one in graded) / len(graded)
        score = sum(one.score or 0.0 for one in graded) / len(graded)
        raw, score = round(raw, 2), round(score, 2)
        averaged = tuple(one.score or 0.0 for one in graded) if len(graded) > 1 else ()
        chosen = replace(chosen, raw=raw, score=score, penalty=round(raw - score, 2), averaged=averaged)
    lost = [one.row.attempt for one in each if one.score is None and one.row]
    notes = [f"attempt {attempt} has no grade: the grader failed" for attempt in lost]
    return replace(chosen, notes=(*notes, *chosen.notes))


def _of_attempt(row: Row, attempts: int, policy: GradingPolicy, extension: Extension | None) -> Grade:
    result = row.result
    late_s, due = policy.late_s(row.submitted_at, extension), policy.due(extension)
    penalty = 0.0 if result.score is None else policy.penalty(result.score, result.max_score, late_s)
    notes = [UNKNOWN_TIME] if due and row.submitted_at is None else []
    if downloads.is_late(result.submission) and not late_s:
        notes.append(MARKED_LATE)
    return Grade(
        student=result.student,
        lab=result.lab,
        raw=result.score,
        penalty=penalty,
        score=None if result.score is None else round(result.score - penalty, 2),
        max_score=result.max_score,
        outcome=result.outcome,
        late_s=late_s,
        attempts=attempts,
        row=row,
        due=due.isoformat() if due else None,
        notes=tuple(notes),
    )
