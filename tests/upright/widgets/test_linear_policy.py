"""The linear policy: its episodes are Gymnasium's, its line is the one of its weights, and what Python refuses."""

from __future__ import annotations

import math

import gymnasium as gym
import numpy as np
import pytest
import traitlets

from tests.upright.widgets.node import call
from upright.widgets import LinearPolicy

WEIGHTS = [[0, 0, 1, 0], [0, 0, 1, 1], [0.1, 0.2, 1, 0.5], [0, 0, -1, 0.3], [2, 0, 0, 0], [0, 0, 0, 0]]


def gymnasium_episode(weights: list[float], start: list[float]) -> np.ndarray:
    """All states of the episode that Gymnasium plays from `start`, in float64."""
    env = gym.make("CartPole-v0").unwrapped
    env.reset()
    env.state = np.array(start)  # type: ignore[attr-defined]
    states, ended = [np.array(start)], False
    while not ended and len(states) <= 200:
        _, _, ended, _, _ = env.step(int(states[-1] @ np.array(weights) > 0))
        states.append(np.array(env.state))  # type: ignore[attr-defined]
    return np.array(states)


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_the_returns_are_those_that_gymnasium_gives_from_the_same_starts(weights: list[float]) -> None:
    starts, found = call("linear_policy", ["starts", 7], ["simulate", {"weights": weights, "seed": 7}])
    episodes = [gymnasium_episode(weights, start) for start in starts]
    assert len(starts) == 100
    assert found["returns"] == [len(states) - 1 for states in episodes]
    assert found["mean"] == pytest.approx(np.mean(found["returns"]))
    np.testing.assert_allclose(found["first"]["states"], episodes[0], atol=1e-9)
    np.testing.assert_allclose(found["lasts"], [states[-1] for states in episodes], atol=1e-9)
    fell = sum(abs(states[-1][2]) > math.radians(12) and abs(states[-1][0]) <= 2.4 for states in episodes)
    assert found["ended"]["angle"] == fell


def test_the_starts_of_a_seed_repeat_and_lie_where_the_environment_starts() -> None:
    one, again, other = call("linear_policy", ["starts", 1], ["starts", 1], ["starts", 2])
    assert one == again != other
    assert np.abs(one).max() <= 0.05


def test_a_turned_line_has_the_direction_asked_for_and_keeps_the_cart_s_weights() -> None:
    degrees = [0, 30, 90, 135, 200, 275, 359]
    turned = call("linear_policy", *[["turned", [0.5, -0.25, 1, 0], each] for each in degrees])
    found = call("linear_policy", *[["direction", weights] for weights in turned])
    assert found == pytest.approx(degrees, abs=0.2)
    for weights in turned:
        assert weights[:2] == [0.5, -0.25]
        assert max(abs(weights[2]), abs(weights[3])) == 1


def test_the_line_of_the_angle_stands_upright_and_that_of_both_lies_almost_flat() -> None:
    angle, both, none = call(
        "linear_policy", ["direction", [0, 0, 1, 0]], ["direction", [0, 0, 1, 1]], ["direction", [1, 1, 0, 0]]
    )
    assert angle == 0
    assert 85 < both < 90
    assert none is None


def test_it_starts_from_the_rule_that_looks_at_the_angle_alone() -> None:
    policy = LinearPolicy()
    assert policy.weights == [0, 0, 1, 0]
    assert policy.mean_return is None


@pytest.mark.parametrize("weights", [[0, 0, 1], [0, 0, 1, 1, 1], [0, 0, 0, 2.5], [0, 0, 0, float("nan")]])
def test_other_than_four_weights_from_minus_2_to_2_are_refused(weights: list[float]) -> None:
    with pytest.raises(traitlets.TraitError, match="weights"):
        LinearPolicy(weights)


def test_a_seed_below_zero_is_refused() -> None:
    with pytest.raises(traitlets.TraitError, match="seed"):
        LinearPolicy(seed=-1)
