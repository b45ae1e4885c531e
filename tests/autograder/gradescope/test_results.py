"""From a result to results.json."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.gradescope import results
from autograder.gradescope.metadata import Metadata
from autograder.gradescope.settings import Settings
from autograder.policy import GradingPolicy
from tests.autograder import fixtures
from tests.autograder.gradescope.folders import Results, Unfinished
from upright.checks.verdict import Check

SETTINGS = Settings(lab="lab1_episodes", seed=123456789, seconds=600.0)
DUE = Metadata("4711", "2026-11-22T06:00:00+00:00", "2026-11-21T18:00:00+00:00")
POLICY = GradingPolicy(deadline="2026-11-01T00:00:00Z", late="per_day", percent=10)


def test_a_penalty_is_taken_once_and_from_the_whole() -> None:
    result = fixtures.result(score=7.5)
    score = results.score(result, DUE, POLICY)
    assert (score.raw, score.penalty, score.score, score.late_s) == (7.5, 1.0, 6.5, 43_200.0)
    found = results.document(result, score, DUE, replace_policy(POLICY), 3.21)
    document = Results.model_validate(found)
    assert (document.score, document.execution_time) == (6.5, 3.2)
    assert "It came 12 h after 2026-11-21T18:00:00+00:00: 1 points less." in document.output


def replace_policy(policy: GradingPolicy) -> Settings:
    return SETTINGS.model_copy(update={"policy": policy})


@pytest.mark.parametrize(
    ("metadata", "policy", "expected"),
    [
        (DUE, None, 7.5),
        (replace(DUE, due=None), POLICY, 0.0),
        (replace(DUE, submitted_at=None), POLICY, 7.5),
        (DUE, POLICY.model_copy(update={"grace_minutes": 720.0}), 7.5),
        (DUE, GradingPolicy(deadline="2026-11-01T00:00:00Z", late="zero"), 0.0),
        (replace(DUE, previous=(9.0, 3.0)), POLICY, 6.5),
        (replace(DUE, previous=(9.0, 3.0)), POLICY.model_copy(update={"attempts": "best"}), 9.0),
        (replace(DUE, previous=(11.0, 3.0)), POLICY.model_copy(update={"attempts": "best"}), 6.5),
    ],
)
def test_the_date_on_gradescope_counts_else_the_policys(
    metadata: Metadata, policy: GradingPolicy | None, expected: float
) -> None:
    assert results.score(fixtures.result(score=7.5), metadata, policy).score == expected


def test_what_came_from_a_student_is_plain_text_of_bounded_length(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>\x1b]0;x\x07" + "a" * 100_000
    checks = [Check("check", 0.0, 10.0, "student_error", None, hostile, "")]
    result = fixtures.result(checks=checks, score=0.0, log=hostile, notes=[hostile])
    found = results.document(result, results.Score(0.0, 0.0, 0.0), Metadata(), SETTINGS, 1.0)
    results.write(tmp_path / "results" / "results.json", found)
    text = (tmp_path / "results" / "results.json").read_text(encoding="utf-8")
    document = Results.model_validate_json(text)
    assert document.output_format == document.test_output_format == document.tests[0].output_format == "text"
    assert len(text) < 12_000
    assert "\x1b" not in document.output
    assert "(student_error)" in document.tests[0].output


def test_neither_seed_nor_flags_reach_a_student() -> None:
    result = fixtures.result(flags=["weights equal to those of bob"], seeds={"submission": 987654321, "variant": 0})
    text = json.dumps(results.document(result, results.Score(1.0, 0.0, 1.0), Metadata(), SETTINGS, 1.0))
    assert not [secret for secret in ("987654321", "123456789", "bob") if secret in text]


def test_what_is_no_grade_has_no_score() -> None:
    found = Unfinished.model_validate(results.unfinished("Grading was stopped."))
    assert found.output.startswith("Grading was stopped. This is not a grade, and not your mistake")
    assert "ask your instructor" in found.output


def test_a_result_that_cannot_be_written_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results.write(path, results.unfinished())
    before = path.read_text()
    with pytest.raises(ValueError, match="JSON"):
        results.write(path, {"score": float("nan")})
    assert path.read_text() == before
