"""A failed check shows the episode that was lost, and the push that lost it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from upright.checks import cartpole, lab2, lab3, recording
from upright.checks.answers import Local
from upright.checks.verdict import Check, run
from upright.physics import physics
from upright.policy import Policy
from upright.replay import Replay


def mean_return(**functions: Callable[..., Any]) -> Check:
    return run(lab2.LAB.checks[1], Local(functions), 7)


def replayed(check: Check) -> Replay:
    return Replay.parse(check.replay, "check")


@pytest.mark.parametrize("variant", [0, 1, 20])
def test_the_policy_that_decides_what_was_lost_holds_the_pole_ten_times_as_long_as_an_episode(variant: int) -> None:
    for seed in range(5):
        state = cartpole.start(seed)
        for _ in range(2_000):
            push = float(np.dot(recording.RESCUER, state)) > 0
            state, terminated = cartpole.step(state, int(push), physics(variant))
            assert not terminated


def test_the_replay_is_the_shortest_episode_and_ends_as_it_ended() -> None:
    check = mean_return(policy=lambda observation: 1)
    replay = replayed(check)
    assert replay.terminated
    assert replay.seed is None  # it came from the secret seed
    assert set(replay.actions) == {1}
    assert 8 <= len(replay.actions) <= 10
    assert abs(replay.states[-1][2]) > cartpole.THETA_LIMIT


def test_the_step_is_that_of_the_push_after_which_it_was_lost() -> None:
    check = mean_return(policy=lambda observation: 1)
    assert check.replay_step is not None
    actions = list(replayed(check).actions)
    state = tuple(replayed(check).states[check.replay_step - 1])
    assert 1 < check.replay_step < len(actions)
    assert recording._rescued(state, physics(0))  # type: ignore[arg-type]  # four numbers
    after, _ = cartpole.step(state, actions[check.replay_step - 1], physics(0))  # type: ignore[arg-type]
    assert not recording._rescued(after, physics(0))


def test_many_at_once_give_the_same_replay_as_one_after_the_other() -> None:
    one = mean_return(policy=lambda observation: int(observation[2] > 0))
    many = mean_return(
        policy=lambda observation: int(observation[2] > 0),
        policy_batch=lambda observations: [int(row[2] > 0) for row in np.asarray(observations).tolist()],
    )
    assert one.outcome == "failed"
    assert one == many


def test_a_policy_as_data_shows_its_episode_in_the_physics_of_the_course() -> None:
    policy = Policy.linear([[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, -1.0, 0.0]])
    check = run(lab3._specs(lab3.exports.Found(policy, 1), 5)[1], Local({}), 3)
    replay = replayed(check)
    state = tuple(replay.states[0])
    after, _ = cartpole.step(state, replay.actions[0], physics(5))  # type: ignore[arg-type]  # four numbers
    assert replay.states[1] == pytest.approx(after, abs=2e-5)
    assert check.replay_step


def test_a_check_that_passed_shows_nothing_and_a_replay_is_small() -> None:
    held = mean_return(policy=lambda observation: int(np.dot(recording.RESCUER, observation) > 0))
    assert (held.outcome, held.replay, held.replay_step) == ("passed", None, None)
    longest = recording.replay(3, [int(i % 2) for i in range(cartpole.MAX_STEPS)], physics(0))
    assert len(json.dumps(longest)) < 20_000
