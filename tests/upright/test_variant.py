from __future__ import annotations

import math

import gymnasium as gym
import numpy as np
import pytest

from upright import evaluate, evaluate_batch
from upright.checks import cartpole
from upright.physics import Physics, physics
from upright.policy import Policy
from upright.variant import ENV_ID, make

BALANCES = Policy.linear([[0, 0, 0, 0], [0.1, 0.3, 2.0, 0.5]])


def test_variant_0_is_gymnasiums_cartpole() -> None:
    ours, theirs = make(0).unwrapped, gym.make("CartPole-v0").unwrapped
    for name in vars(Physics()):
        assert getattr(ours, name) == getattr(theirs, name)


def test_an_environment_steps_by_its_physics() -> None:
    env, constants = make(7), physics(7)
    env.reset(seed=3)
    state = cartpole.start(3)
    for action in (1, 0, 0, 1, 1):
        state, terminated = cartpole.step(state, action, constants)
        observation, _, ended, _, _ = env.step(action)
        assert ended == terminated
        assert observation == pytest.approx(state, rel=1e-6)


def test_the_vectorised_environment_has_the_same_physics() -> None:
    one, many = make(7), gym.make_vec(ENV_ID, 1, "vector_entry_point", variant=7)
    one.reset(seed=0)
    start, _ = many.reset(seed=0)
    one.unwrapped.state = tuple(start[0].tolist())  # type: ignore[attr-defined]  # CartPole's own
    for action in (1, 0, 1, 1):
        single = one.step(action)[0]
        batch = many.step(np.array([action]))[0]
        assert batch[0] == pytest.approx(single, rel=1e-5)


def test_an_episode_ends_after_200_steps() -> None:
    assert evaluate(BALANCES, 1, env_id=ENV_ID, variant=0).tolist() == [200.0]
    assert evaluate_batch(BALANCES, 3, env_id=ENV_ID, variant=0).tolist() == [200.0] * 3


def test_a_policy_can_fall_on_a_variant_and_stand_on_the_standard() -> None:
    clumsy = Policy.linear([[0, 0, 0, 0], [0, 0, 1.0, 0.05]])
    assert evaluate_batch(clumsy, 50, env_id=ENV_ID, variant=0).mean() == 200
    assert evaluate_batch(clumsy, 50, env_id=ENV_ID, variant=7).mean() < 195


def test_an_unused_constant_would_be_found() -> None:
    """Every constant changes the next state, so none of them is carried along for show."""
    state = (0.1, 0.2, 0.05, -0.3)
    expected = cartpole.step(state, 1, Physics())[0]
    for name in vars(Physics()):
        changed = Physics(**{name: getattr(Physics(), name) * 1.5})
        assert not all(math.isclose(a, b) for a, b in zip(cartpole.step(state, 1, changed)[0], expected, strict=True))
