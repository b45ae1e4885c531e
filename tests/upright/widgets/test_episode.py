"""An episode in a figure: what a seed repeats, what the sensors add, and the sentence that tells its end."""

from __future__ import annotations

import re
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from tests.upright.widgets.program import run

PLAY = """
const { advance, begin, decide, over } = await load("episode");
const settings = { gravity: 9.8, length: 0.5, force_mag: 10, noise: 0, max_episode_steps: 200, driver: "random" };
return given.map((seed) => {
  let episode = begin(seed);
  const states = [episode.state];
  while (!over(episode)) {
    episode = advance(episode, decide(episode, settings, null), settings);
    states.push(episode.state);
  }
  return states;
});
"""
ENDING = 'const { ending } = await load("episode"); return given.map(ending);'


def told(**changed: Any) -> str:
    """The sentence about an end, without its markup."""
    end = {"state": [0.1, 0, 0.01, 0], "steps": 37, "total": 37, "terminated": False, "truncated": False}
    return re.sub("<[^>]*>", "", run(ENDING, [{**end, **changed}])[0])


def gymnasium_lengths(episodes: int) -> list[int]:
    """Steps of episodes with random pushes."""
    env = gym.make("CartPole-v1").unwrapped
    rng = np.random.default_rng(0)
    lengths = []
    for seed in range(episodes):
        env.reset(seed=seed)
        steps, terminated = 0, False
        while not terminated:
            terminated = bool(env.step(int(rng.integers(2)))[2])
            steps += 1
        lengths.append(steps)
    return lengths


def test_a_seed_repeats_an_episode_and_another_seed_gives_another() -> None:
    first, again, other = run(PLAY, [5, 5, 6])
    assert first == again
    assert first[0] != other[0]


def test_random_pushes_last_as_long_as_gymnasiums() -> None:
    episodes = run(PLAY, list(range(500)))
    lengths = [len(states) - 1 for states in episodes]
    expected = gymnasium_lengths(500)
    assert np.mean(lengths) == pytest.approx(np.mean(expected), abs=3 * np.std(expected) * np.sqrt(2 / 500))
    starts = np.array([states[0] for states in episodes])
    assert np.abs(starts).max() <= 0.05
    assert starts.std() == pytest.approx(0.1 / np.sqrt(12), rel=0.05)


def test_the_noise_has_the_standard_deviation_that_is_asked_for() -> None:
    body = """
    const { begin, observe } = await load("episode");
    return Array.from({ length: 2000 }, (_, seed) => {
      const episode = begin(seed);
      return observe(episode, given).map((value, i) => value - episode.state[i]);
    });
    """
    errors = np.array(run(body, 0.3))
    assert errors.std(axis=0) == pytest.approx([0.3] * 4, rel=0.06)
    assert np.abs(errors.mean(axis=0)).max() < 0.03
    assert not np.any(run(body, 0))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ([0, 0, -0.22, 0], "the pole passed 12 degrees, on the left"),
        ([0, 0, 0.22, 0], "the pole passed 12 degrees, on the right"),
        ([-2.41, 0, 0, 0], "the cart passed 2.4 units, on the left"),
        ([2.41, 0, 0, 0], "the cart passed 2.4 units, on the right"),
        ([2.4, 0, 0, 0], "the cart passed 2.4 units, on the right"),
        ([2.41, 0, 0.22, 0], "the pole passed 12 degrees, on the right, and the cart passed 2.4 units, on the right"),
    ],
)
def test_a_terminated_episode_says_which_limit_was_passed(state: list[float], reason: str) -> None:
    assert told(state=state, terminated=True) == f"Terminated after 37 steps: {reason}. Return 37."


def test_a_truncated_episode_names_the_time_limit() -> None:
    assert told(truncated=True, steps=200, total=200) == (
        "Truncated after 200 steps: the time limit came first. Return 200."
    )


def test_both_flags_in_one_step_are_both_told() -> None:
    assert told(state=[0, 0, 0.22, 0], terminated=True, truncated=True).startswith(
        "Terminated and truncated after 37 steps: the pole passed 12 degrees"
    )


def test_a_recording_that_stops_early_is_not_called_an_end() -> None:
    assert told(steps=1, total=1).startswith("Cut short after 1 step: the recording stops here")
