"""A grading policy: what it takes for lateness, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from autograder.policy import Extension, GradingPolicy
from upright.format import DataError

DEADLINE = "2026-12-01T12:00:00+01:00"  # 11:00 UTC
HOUR, DAY = 3600.0, 86_400.0


def policy(**fields: Any) -> GradingPolicy:
    return GradingPolicy.parse({"format": "upright-grading/1", "deadline": DEADLINE, **fields}, "policy.json")


@pytest.mark.parametrize(
    ("fields", "seconds", "points"),
    [
        ({"late": "none"}, 40 * DAY, 0.0),
        ({"late": "zero"}, 1.0, 7.0),
        ({"late": "zero"}, 0.0, 0.0),
        ({"late": "per_day", "percent": 10}, 1.0, 1.0),
        ({"late": "per_day", "percent": 10}, DAY, 1.0),
        ({"late": "per_day", "percent": 10}, DAY + 1, 2.0),
        ({"late": "per_hour", "percent": 1}, 5.5 * HOUR, 0.6),
        ({"late": "per_day", "percent": 10}, 30 * DAY, 7.0),  # never more than the score
        ({"late": "per_day", "percent": 10, "cap_percent": 35}, 30 * DAY, 3.5),
    ],
)
def test_lateness_takes_what_the_policy_says_of_a_labs_points(fields: dict, seconds: float, points: float) -> None:
    assert policy(**fields).penalty(7.0, 10.0, seconds) == points


def test_within_the_grace_is_in_time_and_after_it_lateness_counts_from_the_deadline() -> None:
    one = policy(late="per_hour", percent=5, grace_minutes=15)
    assert one.late_s("2026-12-01T11:15:00+00:00") == 0.0
    assert one.late_s("2026-12-01T11:15:01+00:00") == 15 * 60 + 1
    assert one.late_s("2026-12-01T10:00:00+00:00") == 0.0


def test_an_unknown_time_is_never_late() -> None:
    one = policy(late="zero")
    assert one.late_s(None) is None
    assert one.penalty(10.0, 10.0, None) == 0.0


def test_an_extension_moves_one_students_deadline() -> None:
    one, day_later = policy(late="zero"), "2026-12-02T11:00:00+00:00"
    assert one.late_s(day_later) == DAY
    assert one.late_s(day_later, Extension(days=1)) == 0.0
    assert one.late_s(day_later, Extension(days=0.5)) == DAY / 2
    assert one.late_s(day_later, Extension(deadline="2026-12-24T00:00:00+00:00")) == 0.0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"deadline": "2026-12-01T12:00:00"}, "field deadline: has no time zone"),
        ({"deadline": "tomorrow"}, "field deadline: expected a time such as 2026-12-01T23:59:00"),
        ({"deadline": 5}, "field deadline"),
        ({"late": "per_week", "percent": 1}, "field late"),
        ({"late": "per_day"}, 'needs "percent"'),
        ({"late": "zero", "percent": 5}, '"percent" is only for "per_hour" and "per_day"'),
        ({"late": "zero", "deadline": None}, 'needs a "deadline"'),
        ({"late": "per_day", "percent": -5}, "field percent"),
        ({"late": "per_day", "percent": 101}, "field percent"),
        ({"grace_minutes": -1}, "field grace_minutes"),
        ({"grace": 5}, "field grace"),
        ({"attempts": "first"}, "field attempts"),
        ({"format": "upright-grading/2"}, "field format"),
    ],
)
def test_what_is_not_right_is_named(fields: dict, sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        policy(**fields)
    assert str(caught.value).startswith("policy.json: field ")
    assert sentence in str(caught.value)


@given(
    some.floats(0, 10),
    some.floats(0, 1e8),
    some.sampled_from([{"late": "zero"}, {"late": "per_day", "percent": 3.7}, {"late": "per_hour", "percent": 99}]),
)
def test_no_penalty_is_below_zero_or_above_the_score(raw: float, seconds: float, fields: dict) -> None:
    raw = round(raw, 2)
    assert 0 <= policy(**fields).penalty(raw, 10.0, seconds) <= raw


@given(some.text() | some.dictionaries(some.text(), some.text() | some.floats(), min_size=1).map(json.dumps))
def test_whatever_a_file_holds_it_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(DataError, match=r"policy\.json"):
        GradingPolicy.loads(text, "policy.json")
