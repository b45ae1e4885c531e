"""The arrays that lab 4 is judged by: Gymnasium's equations and edges, and cases that are clear."""

from __future__ import annotations

import math
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upright.checks import cartpoles, lab4


def gymnasium_step(state: np.ndarray, action: int) -> tuple[np.ndarray, float, bool]:
    env: Any = gym.make("CartPole-v1").unwrapped
    env.reset(seed=0)
    env.state = tuple(state.tolist())
    _, reward, terminated, _, _ = env.step(action)
    return np.array(env.state, dtype=np.float64), float(reward), bool(terminated)


def test_the_equations_are_gymnasiums() -> None:
    states, actions = cartpoles.cases(np.random.default_rng(3), 200)
    ours = cartpoles.equations(states, actions)
    for state, action, after, end in zip(states, actions, ours, cartpoles.ends(ours), strict=True):
        expected, reward, terminated = gymnasium_step(state, int(action))
        assert np.abs(after - expected).max() < 1e-14
        assert (reward, terminated) == (1.0, end)


@pytest.mark.parametrize(("offset", "ended"), [(0.0, False), (1e-6, True), (-1e-6, False)])
def test_the_edges_are_gymnasiums(offset: float, ended: bool) -> None:
    states, actions = cartpoles.edges(offset)
    assert {gymnasium_step(state, int(action))[2] for state, action in zip(states, actions, strict=True)} == {ended}


@given(st.integers(0))
def test_cases_are_off_the_thresholds_and_on_both_sides_of_them(seed: int) -> None:
    states, actions = cartpoles.cases(np.random.default_rng(seed), 200)
    after = cartpoles.equations(states, actions)
    assert np.abs(np.abs(after[:, 0]) - 2.4).min() >= 1e-6
    assert np.abs(np.abs(after[:, 2]) - 12 * 2 * math.pi / 360).min() >= 1e-6
    assert set(actions.tolist()) == {0, 1}
    assert set(cartpoles.ends(after).tolist()) == {False, True}


def test_every_mistake_that_has_a_hint_gives_other_numbers() -> None:
    states, actions = cartpoles.cases(np.random.default_rng(4), 400)
    given_by = [cartpoles.equations(states, actions, **keywords) for keywords, _ in (({}, ""), *lab4.MISTAKES)]
    for i, one in enumerate(given_by):
        for other in given_by[:i]:
            assert np.abs(one - other).max() > 1e-4
