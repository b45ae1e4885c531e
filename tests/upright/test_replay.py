"""A replay is one real episode as data: its states, its actions, and how it ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import upright
from upright import DataError, Policy, Replay, record_episode
from upright.replay import MAX_STEPS, MIME

upright.quiet()

# Angle and angular velocity decide: such a policy balances for all 200 steps.
BALANCES = Policy.linear([[0, 0, -1, -1], [0, 0, 1, 1]])


def left(_: np.ndarray) -> int:
    return 0


def data(**changes: Any) -> dict[str, Any]:
    """An episode of two steps as JSON."""
    return {
        "format": "upright-replay/1",
        "env_id": "CartPole-v0",
        "seed": 1,
        "states": [[0.0, 0.1], [0.2, 0.3], [0.4, 0.5]],
        "actions": [0, 1],
        "rewards": [1.0, 1.0],
        "terminated": True,
        "truncated": False,
        **changes,
    }


def test_a_pole_that_falls_ends_the_episode_as_terminated() -> None:
    replay = record_episode(left, seed=3)
    assert (replay.terminated, replay.truncated) == (True, False)
    assert abs(replay.states[-1][2]) > np.deg2rad(12) > abs(replay.states[-2][2])
    assert repr(replay) == str(replay)
    assert repr(replay).endswith(f"{len(replay.actions)} steps, return {len(replay.actions)}, terminated)")


def test_two_hundred_steps_end_the_episode_as_truncated() -> None:
    replay = record_episode(BALANCES, seed=3)
    assert (replay.terminated, replay.truncated) == (False, True)
    assert repr(replay) == "Replay(CartPole-v0, seed 3: 200 steps, return 200, truncated)"


def test_an_environment_without_an_end_is_cut_short() -> None:
    gym.register("Endless-v0", entry_point=lambda **_: Endless())
    try:
        replay = record_episode(left, seed=0, env_id="Endless-v0")
    finally:
        del gym.registry["Endless-v0"]
    assert (replay.terminated, replay.truncated) == (False, False)
    assert repr(replay).endswith(f"{MAX_STEPS} steps, return {MAX_STEPS / 2:g}, cut short)")


class Endless(gym.Env):
    """Half a reward for every step, and never an end."""

    observation_space = gym.spaces.Box(0, 1, (1,), np.float32)
    action_space = gym.spaces.Discrete(2)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[np.ndarray, dict]:
        super().reset(seed=seed)
        return np.zeros(1, np.float32), {}

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        return np.zeros(1, np.float32), 0.5, False, False, {}


def test_the_states_are_what_the_environment_showed_from_its_reset_on() -> None:
    replay = record_episode(BALANCES, seed=11)
    env = gym.make("CartPole-v0")
    observation, _ = env.reset(seed=11)
    for state, action in zip(replay.states[:-1], replay.actions, strict=True):
        assert state == tuple(observation.tolist())
        assert action == BALANCES(observation)
        observation, _, _, _, _ = env.step(action)
    assert replay.states[-1] == tuple(observation.tolist())
    env.close()


def test_the_return_is_the_sum_of_the_rewards() -> None:
    assert Replay.parse(data(rewards=[1.5, -4.0])).episode_return == -2.5


def test_the_same_seed_gives_the_same_replay_and_another_seed_another() -> None:
    assert record_episode(left, seed=5) == record_episode(left, seed=5)
    assert record_episode(left, seed=5).states != record_episode(left, seed=6).states


def test_a_policy_that_raises_is_not_hidden() -> None:
    def broken(_: np.ndarray) -> int:
        raise RuntimeError("no idea")

    with pytest.raises(RuntimeError, match="no idea"):
        record_episode(broken, seed=0)


def test_saved_and_loaded_a_replay_is_equal(tmp_path: Path) -> None:
    replay = record_episode(left, seed=2)
    assert Replay.load(replay.save(tmp_path / "replay.json")) == replay


def test_a_cell_shows_one_line_and_carries_the_whole_episode() -> None:
    replay = record_episode(left, seed=2)
    bundle = replay._repr_mimebundle_()
    assert MIME == "application/vnd.upright.replay+json"
    assert bundle["text/plain"] == repr(replay)
    assert Replay.loads(json.dumps(bundle[MIME])) == replay


def test_an_episode_of_no_steps_is_a_replay() -> None:
    replay = Replay.parse(data(states=[[0.0]], actions=[], rewards=[], terminated=False, seed=None))
    assert repr(replay) == "Replay(CartPole-v0, seed None: 0 steps, return 0, cut short)"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    {
        "a state missing": ({"states": [[0.0, 0.1], [0.2, 0.3]]}, "2 states, 2 actions and 2 rewards; expected one"),
        "an action missing": ({"actions": [0]}, "3 states, 1 actions and 2 rewards; expected one state more"),
        "a reward too many": ({"rewards": [1.0, 1.0, 1.0]}, "3 states, 2 actions and 3 rewards; expected one state"),
        "no states": ({"states": []}, "field states: .*at least 1"),
        "ragged states": ({"states": [[0.0, 0.1], [0.2], [0.4, 0.5]]}, "the states have different lengths"),
        "an empty state": ({"states": [[0.0, 0.1], [], [0.4, 0.5]]}, r"field states\.1: .*at least 1"),
        "an action between two": ({"actions": [0, 0.5]}, r"field actions\.1: .*integer.* .got 0.5"),
        "a state in quotes": ({"states": [[0.0, 0.1], [0.2, "0.3"], [0, 0]]}, r"field states\.1\.1: .*got 0.3"),
        "an end that is a number": ({"terminated": 1}, "field terminated: .*boolean .got 1"),
        "a seed that is text": ({"seed": "1"}, "field seed: .*integer .got 1"),
        "no environment": ({"env_id": ""}, "field env_id: .*at least 1"),
        "too many steps": ({"actions": [0] * (MAX_STEPS + 1)}, "field actions: .*at most 10000"),
    }.values(),
)
def test_an_episode_that_does_not_add_up_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        Replay.parse(data(**changes))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_reward_that_is_not_finite_is_refused(number: str) -> None:
    text = json.dumps(data(rewards=[1.0, 7.0])).replace("7.0", number)
    with pytest.raises(DataError, match=r"field rewards\.1: .*finite"):
        Replay.loads(text)
