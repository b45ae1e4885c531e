"""Grades follow from attempts and rules: penalties, which attempt counts, who is missing, what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import course, exports, feedback, sheets
from autograder.gradebook import Gradebook
from autograder.grades import MARKED_LATE, UNKNOWN_TIME, Grade, grades
from autograder.policy import Extension, GradingPolicy
from autograder.report import pages
from tests.autograder.fixtures import lost, result

LAB = "lab1_episodes"
DEADLINE = "2026-12-01T12:00:00+00:00"
LATE = "2026-12-02T13:00:00+00:00"  # by a day and an hour


def decided(book: Gradebook, extensions: dict | None = None, roster: dict | None = None, **fields: object) -> None:
    policy = GradingPolicy.parse({"deadline": DEADLINE, "late": "per_day", "percent": 10, **fields})
    course.keep(book, LAB, course.Decisions(policy, extensions, roster))


def only(book: Gradebook) -> Grade:
    [found] = grades(book)
    return found


def test_without_a_policy_the_last_attempt_counts_and_lateness_costs_nothing(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result(score=9.0))
        book.record(result(score=5.0, submission_sha256="cd" * 32), 0, LATE)
        found = only(book)
    assert (found.raw, found.penalty, found.score, found.attempts, found.late_s) == (5.0, 0.0, 5.0, 2, None)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("rule", "raw", "penalty", "score", "attempt"),
    [("best", 6.0, 0.0, 6.0, 1), ("last", 7.5, 2.0, 5.5, 2), ("average", 6.75, 1.0, 5.75, 2)],
)
def test_of_several_attempts_the_rule_says_which_counts_after_its_penalty(
    rule: str, raw: float, penalty: float, score: float, attempt: int, tmp_path: Path
) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result(score=6.0), 0, DEADLINE)
        book.record(result(score=7.5, submission_sha256="cd" * 32), 0, LATE)
        decided(book, attempts=rule)
        found = only(book)
    assert (found.raw, found.penalty, found.score) == (raw, penalty, score)
    assert found.row is not None
    assert found.row.attempt == attempt
    told = "the average of 2 attempts (6, 5.5 points); the checks below are those of attempt 2"
    assert found.told_average() == (told if rule == "average" else "")
    assert (told in feedback.points(found), told in sheets.feedback(found)) == (rule == "average", rule == "average")
    assert (f"The score is {told}." in pages.student_page(found)) == (rule == "average")


def test_an_average_points_to_no_checks_where_the_last_attempt_could_not_be_read(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result(score=6.0), 0, DEADLINE)
        book.record(result(score=0.0, checks=[], submission_sha256="cd" * 32), 0, DEADLINE)
        decided(book, attempts="average")
        found = only(book)
    assert found.told_average() == "the average of 2 attempts (6, 0 points)"


def test_the_policy_changes_grades_without_grading_again(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result(score=7.5), 0, LATE)
        decided(book)
        assert (only(book).penalty, only(book).score) == (2.0, 5.5)
        decided(book, {"ada": Extension(days=1)})
        assert (only(book).penalty, only(book).score) == (1.0, 6.5)
        decided(book, {"ada": Extension(days=2)})
        assert only(book).late_s == 0.0
    with Gradebook.open(tmp_path) as book:
        assert only(book).score == 7.5


def test_a_time_that_is_not_known_is_not_late_and_is_said(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result())
        decided(book, late="zero", percent=None)
        found = only(book)
        assert found.score == 7.5
        assert found.row is not None
        assert found.row.result.flags == ["when it was handed in is not known: it counts as in time"]
        book.handed_in("ada", LAB, LATE)
        assert (only(book).raw, only(book).penalty, only(book).score) == (7.5, 7.5, 0.0)


def test_a_fault_of_the_grader_is_never_a_zero_and_no_attempt_of_the_average(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(lost(), 0, LATE)
        decided(book, attempts="average")
        assert (only(book).raw, only(book).score, only(book).outcome) == (None, None, "infrastructure_error")
        book.record(result(score=6.0, submission_sha256="cd" * 32), 0, DEADLINE)
        found = only(book)
    assert (found.score, found.attempts) == (6.0, 2)
    assert found.notes == ("attempt 1 has no grade: the grader failed",)


def test_who_is_on_the_roster_and_handed_nothing_in_is_listed_and_so_is_who_is_not_on_it(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        for student in ("eve", "bob"):
            book.record(result(student))
        decided(
            book,
            {"nobody": Extension(days=1)},
            {"ada": "Ada L.", "bob": "Bob", "zoe": "=1+1"},
            late="none",
            percent=None,
        )
        found = list(grades(book))
        assert [(one.student, one.name, one.score, one.outcome) for one in found] == [
            ("ada", "Ada L.", None, "missing"),
            ("bob", "Bob", 7.5, "failed"),
            ("eve", None, 7.5, "failed"),
            ("zoe", "=1+1", None, "missing"),
        ]
        assert "not on the roster" in found[2].notes
        assert course.attendance(book, LAB) == course.Attendance(["ada", "zoe"], ["eve"], ["nobody"])
        exports.write_all(tmp_path, book)
    table = (tmp_path / "gradebook.csv").read_text()
    assert "zoe,'=1+1,lab1_episodes,,,,10,missing" in table
    assert sorted(path.stem for path in tmp_path.glob("results/*/*")) == ["bob", "eve"]


@pytest.mark.parametrize(
    ("submitted_at", "noted"),
    [
        (None, (UNKNOWN_TIME, MARKED_LATE)),
        (DEADLINE, (MARKED_LATE,)),
        (LATE, ()),
    ],
)
def test_canvas_mark_of_lateness_is_noted_where_it_has_cost_nothing(
    submitted_at: str | None, noted: tuple[str, ...], tmp_path: Path
) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result(submission="ada_LATE_4711_88_lab.ipynb"), 0, submitted_at)
        decided(book)
        assert only(book).notes == noted
        row = only(book).row
    assert row is not None
    assert set(noted) <= set(row.result.flags)
