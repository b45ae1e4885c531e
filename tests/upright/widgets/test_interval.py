"""The share of evaluations that lie is the model's, and near what real policies show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import traitlets

from tests.upright.widgets.node import call
from upright.widgets import Interval

# Mean, standard deviation and episodes of an evaluation.
STATES: list[dict[str, Any]] = [
    {"mean": mean, "sd": sd, "episodes": episodes}
    for mean, sd, episodes in [(193.9, 27, 100), (193.9, 27, 1000), (185, 10, 50), (199.5, 40, 10), (196, 20, 300)]
]


def one_episode(early: float, loss: int) -> np.ndarray:
    """The probability that an episode loses 0, 1, 2, ... of its 200 steps."""
    return np.concatenate([[1 - early], np.full(loss, early / loss)])


def convolved(chances: np.ndarray, count: int) -> np.ndarray:
    """The probabilities of the sum, by multiplying two distributions at a time."""
    total, power = np.ones(1), chances
    while count:
        if count & 1:
            total = np.convolve(total, power)
        count >>= 1
        power = np.convolve(power, power) if count else power
        total, power = total[:30_000], power[:30_000]
    return total


@pytest.fixture(scope="module")
def models() -> list[dict[str, Any]]:
    return call("interval", *(["returns", state] for state in STATES))


@pytest.fixture(scope="module")
def shown() -> list[dict[str, Any]]:
    return call("interval", *(["shown", state] for state in STATES))


def test_the_model_has_the_mean_and_the_spread_that_are_asked_for(models: list[dict[str, Any]]) -> None:
    for state, model in zip(STATES, models, strict=True):
        chances = one_episode(model["early"], model["loss"])
        lost = np.arange(len(chances))
        mean = lost @ chances
        assert 200 - mean == pytest.approx(state["mean"])
        assert np.sqrt((lost - mean) ** 2 @ chances) == pytest.approx(model["sd"])
        assert 0 < model["early"] <= 1
        assert model["loss"] <= 192
        if state["sd"] != 40:
            assert model["sd"] == pytest.approx(state["sd"], abs=0.1)
    assert models[3]["sd"] < 10, "returns of at most 200 with a mean of 199.5 cannot scatter by 40"


def test_the_share_is_that_of_the_sums_distribution(models: list[dict[str, Any]], shown: list[dict[str, Any]]) -> None:
    for state, model, found in zip(STATES, models, shown, strict=True):
        sums = convolved(one_episode(model["early"], model["loss"]), state["episodes"])
        assert found["solved"] == pytest.approx(sums[: 5 * state["episodes"] + 1].sum(), abs=1e-6)
        assert sum(found["bars"].values()) + found["below"] == pytest.approx(1, abs=1e-6)


def test_it_agrees_with_chapter_7s_policy(shown: list[dict[str, Any]]) -> None:
    # The chapter measures a policy of this mean and spread: it passes over 100 episodes in 37 %, over 1,000 in 10 %.
    assert shown[0]["solved"] == pytest.approx(0.37, abs=0.01)
    assert shown[1]["solved"] == pytest.approx(0.10, abs=0.01)


def test_shares_are_told_without_false_precision() -> None:
    told = call("interval", *(["percent", share] for share in (0.3698, 0.0958, 0.0004, 1.0)))
    assert told == ["37\u00a0%", "9.6\u00a0%", "almost never", "100\u00a0%"]


@pytest.mark.parametrize("trait", [{"mean": 184.0}, {"mean": 200.0}, {"sd": 41.0}, {"episodes": 9}, {"episodes": 1001}])
def test_it_refuses_what_its_model_cannot_be(trait: dict[str, float]) -> None:
    with pytest.raises(traitlets.TraitError):
        Interval(**trait)
