"""A result holds what the gradebook and its readers need, and nothing that could harm them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder import __version__
from autograder.result import Result
from tests.autograder.fixtures import lost, result
from tests.autograder.report.classes import fallen
from upright.checks.verdict import Check

KEYS = """submission student lab outcome score max_score checks sandbox seeds submission_sha256 grader_version
duration_s flags notes log signatures"""
HOSTILE = "\x1b]0;pwned\x07\x1b[2J\x00=1+1\ud800"


def test_a_result_has_its_keys_in_their_order_and_survives_json() -> None:
    made = result(flags=["a flag"], notes=["a note"])
    data = made.to_json()
    assert " ".join(data) == KEYS.replace("\n", " ")
    assert " ".join(data["checks"][0]) == "name points max_points outcome limit message hint replay replay_step"
    assert data["grader_version"] == __version__
    assert Result.from_json(json.loads(json.dumps(data))) == made


def test_no_text_of_a_submission_gets_into_a_result_as_it_came() -> None:
    made = result(
        submission=HOSTILE,
        student=HOSTILE,
        checks=[Check("evaluate", 0.0, 1.0, "failed", None, HOSTILE, HOSTILE)],
        flags=[HOSTILE],
        notes=[HOSTILE],
    )
    texts = [made.submission, made.student, made.checks[0].message, made.checks[0].hint, *made.flags, *made.notes]
    assert texts == ["=1+1"] * 6


def test_a_flood_of_notes_is_cut() -> None:
    made = result(notes=["x" * 10_000] * 1_000)
    assert len(made.notes) == 50
    assert len(made.notes[0]) == 2_000


def test_a_fault_of_the_grader_has_no_score_rather_than_a_zero() -> None:
    assert lost().to_json()["score"] is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"replay": {"format": "upright-replay/1"}}, "replay"),
        ({"replay": "<script>"}, "replay"),
        ({"replay_step": 10_000}, "replay_step is 10000"),
        ({"replay_step": -1}, "replay_step is -1"),
        ({"replay": None}, "replay_step"),
    ],
)
def test_a_replay_that_no_player_could_show_is_refused(changes: dict[str, Any], named: str) -> None:
    data = json.loads(json.dumps(result(checks=[fallen()]).to_json()))
    assert Result.from_json(data).checks[0] == fallen()
    data["checks"][0].update(changes)
    with pytest.raises(ValueError, match=named):
        Result.from_json(data)
