"""What the class's page counts."""

from __future__ import annotations

from pathlib import Path

from autograder.gradebook import Gradebook, Row
from autograder.grades import Grade, grades
from autograder.report.summary import Summary
from tests.autograder.fixtures import result
from tests.autograder.report import classes
from upright.checks import lab2
from upright.checks.verdict import Check


def summary(folder: Path) -> Summary:
    classes.small(folder)
    made = Summary("lab2_policies", 10.0)
    with Gradebook.open(folder) as book:
        for grade in grades(book):
            made.add(grade)
    return made


def test_scores_fall_into_bins_and_the_full_score_into_the_last(tmp_path: Path) -> None:
    made = summary(tmp_path)
    assert [one.count for one in made.bins] == [2, 0, 0, 0, 0, 0, 1, 0, 0, 1]


def test_a_fault_of_the_grader_counts_as_an_outcome_and_never_as_a_score(tmp_path: Path) -> None:
    made = summary(tmp_path)
    assert made.outcomes["infrastructure_error"] == 1
    assert (made.students, made.scored, made.mean) == (5, 4, 4.0)


def test_a_check_is_missed_by_those_who_were_asked_and_the_commonest_mistake_is_its_hint(tmp_path: Path) -> None:
    made = summary(tmp_path)
    assert (made.asked["mean_return"], made.missed["mean_return"]) == (2, 1)
    assert ("mean_return", lab2.RETURN_HINT, 1) in made.commonest


def test_a_mistake_without_a_hint_is_what_was_told_whatever_its_numbers_and_a_missing_answer_is_none() -> None:
    summary = Summary("lab1_episodes", 10.0)
    for message, outcome in (
        ("3.5 was expected, -2 came.", "failed"),
        ("4 was expected, 1e-7 came.", "failed"),
        ("", "not_answered"),
    ):
        check = Check("evaluate", 0.0, 2.5, outcome, None, message)
        row = Row(1, 0, "", result(checks=[check]))
        summary.add(Grade("ada", "lab1_episodes", 0.0, 0.0, 0.0, 10.0, "failed", None, 1, row))
    assert summary.missed["evaluate"] == 3
    assert summary.commonest == [("evaluate", "… was expected, … came.", 2)]
