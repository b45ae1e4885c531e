"""A check ends in exactly one of its outcomes, and reads the same wherever it runs."""

from __future__ import annotations

import numpy as np
import pytest

from upright.checks.answers import Answers, Local
from upright.checks.verdict import (
    CHECK_OUTCOMES,
    Check,
    Lab,
    LimitPassed,
    NoPoint,
    NotAnswered,
    Part,
    ProtocolBroken,
    Spec,
    StudentError,
    Wrong,
    line,
    run,
    self_check,
)


def spec(judge: object, name: str = "f: right", points: float = 2) -> Spec:
    return Spec(name, points, judge, "f")  # type: ignore[arg-type]  # what each test gives as a judge differs


def raising(reason: Exception) -> Spec:
    def judge(answers: Answers, rng: np.random.Generator) -> None:
        raise reason

    return spec(judge)


def test_a_judge_that_returns_gives_all_points() -> None:
    assert run(spec(lambda answers, rng: None), Local({}), 1) == Check("f: right", 2, 2, "passed")


def test_a_judge_that_returns_text_gives_all_points_and_says_it() -> None:
    assert run(spec(lambda answers, rng: "Mean return 200."), Local({}), 1).message == "Mean return 200."


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (Wrong("m", "h"), "failed"),
        (NotAnswered("m", "h"), "not_answered"),
        (StudentError("m", "h"), "student_error"),
        (LimitPassed("m", "h", "call"), "limit"),
        (ProtocolBroken("m", "h"), "protocol"),
    ],
)
def test_every_reason_has_an_outcome_of_its_own(reason: NoPoint, outcome: str) -> None:
    assert outcome in CHECK_OUTCOMES
    limit = "call" if outcome == "limit" else None
    assert run(raising(reason), Local({}), 1) == Check("f: right", 0, 2, outcome, limit, "m", "h")


@pytest.mark.parametrize(("points", "outcome"), [(0, "failed"), (1.5, "failed"), (2, "passed")])
def test_some_of_the_points_pass_only_when_they_are_all(points: float, outcome: str) -> None:
    check = run(spec(lambda answers, rng: Part(points, "m", "h")), Local({}), 1)
    assert (check.points, check.outcome, check.message, check.hint) == (points, outcome, "m", "h")


def test_a_fault_of_the_judge_itself_is_no_verdict() -> None:
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError("ours")), Local({}), 1)


def draws(name: str, seed: int) -> float:
    drawn: list[float] = []
    run(spec(lambda answers, rng: drawn.append(rng.random()), name), Local({}), seed)
    return drawn[0]


def test_cases_come_from_the_seed_and_the_checks_name() -> None:
    assert draws("f: right", 1) == draws("f: right", 1)
    assert len({draws("f: right", 1), draws("f: right", 2), draws("f: other", 1), draws("f: right", 2**63)}) == 4


def test_a_line_says_points_message_and_hint() -> None:
    passed = line(Check("f: right", 2, 2, "passed"))
    assert passed == "✓ f: right (2 of 2 points)"
    failed = line(Check("f: right", 0, 2.5, "failed", None, "Expected 1, got 2.", "Add."))
    assert failed.splitlines() == ["✗ f: right (0 of 2.5 points)", "    Expected 1, got 2.", "    Hint: Add."]


def two_checks() -> Lab:
    def judge(answers: Answers, rng: np.random.Generator) -> None:
        if answers.call("f", 2) != 4:
            raise Wrong("f(2) is 4.", "Square it.")

    other = Spec("g: right", 1, lambda answers, rng: None, "g")
    return Lab("lab", ("f", "g"), (spec(judge), other))


def test_a_self_check_prints_the_checks_of_its_function_alone(capsys: pytest.CaptureFixture[str]) -> None:
    self_check(two_checks(), Local({"f": lambda n: n * n}), ["f"])
    assert capsys.readouterr().out == "✓ f: right (2 of 2 points)\n"


def test_a_self_check_that_fails_raises_an_assertion_error_without_the_judges_own_frames_before_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(AssertionError, match=r"1 of 2 checks did not pass: f: right") as caught:
        self_check(two_checks(), Local({"f": lambda n: n + 1}), ["f", "g"])
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "Hint: Square it." in capsys.readouterr().out
