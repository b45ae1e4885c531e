"""The figures' physics is Gymnasium's: step by step, over whole episodes, at every end, and for other constants."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from tests.upright.widgets.program import run
from upright.physics import physics

ONE_STEP = 1e-14  # the largest error that was measured is 2.2e-16; another machine's sine may differ in the last digit
EPISODE = 5e-10
STEPS = """
const { step, terminated, STANDARD } = await load("physics");
return given.steps.map(([state, action]) => {
  const next = step(state, action, { ...STANDARD, ...given.constants });
  return [next, terminated(next)];
});
"""
EPISODES = """
const { step, terminated } = await load("physics");
return given.map(([start, actions]) => {
  const states = [start];
  for (const action of actions) states.push(step(states.at(-1), action));
  return [states, states.map(terminated)];
});
"""


def cartpole(**constants: float) -> Any:
    """Gymnasium's CartPole without its layers, whose state is float64; constants by Gymnasium's names."""
    env: Any = gym.make("CartPole-v1").unwrapped
    for name, value in constants.items():
        setattr(env, name, value)
    env.polemass_length = env.masspole * env.length
    env.total_mass = env.masspole + env.masscart
    return env


def transitions(env: Any, count: int, seed: int) -> list[tuple[list[float], int, list[float], bool]]:
    """`count` seeded random steps: state, action, next state, terminated."""
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)
    found: list[tuple[list[float], int, list[float], bool]] = []
    while len(found) < count:
        before, action = list(map(float, env.state)), int(rng.integers(2))
        _, _, terminated, _, _ = env.step(action)
        found.append((before, action, list(map(float, env.state)), terminated))
        if terminated:
            env.reset()
    return found


def played(env: Any, start: list[float], policy: Any, steps: int) -> tuple[list[int], list[list[float]], bool]:
    """Actions and states from `start` until the episode terminates or `steps` are made."""
    env.reset()
    env.state = np.array(start)
    actions: list[int] = []
    states, terminated = [list(start)], False
    while not terminated and len(actions) < steps:
        action = int(policy(states[-1]))
        terminated = bool(env.step(action)[2])
        actions.append(action)
        states.append(list(map(float, env.state)))
    return actions, states, terminated


CONSTANTS = [
    {},
    {"gravity": 1.6},
    {"length": 0.2},
    {"force_mag": 25.0},
    {"gravity": 20.0, "length": 0.75, "force_mag": 5.0},
    {name: value for name, value in vars(physics(7)).items() if not name.startswith("mass")},
]


@pytest.mark.parametrize("constants", CONSTANTS)
def test_each_of_many_random_steps_is_gymnasiums(constants: dict[str, float]) -> None:
    found = transitions(cartpole(**constants), 10_000 if not constants else 1_000, seed=1)
    answers = run(STEPS, {"steps": [step[:2] for step in found], "constants": constants})
    error = np.abs(np.array([after for after, _ in answers]) - np.array([step[2] for step in found]))
    assert error.max() <= ONE_STEP
    assert [bool(why) for _, why in answers] == [step[3] for step in found]


def test_whole_episodes_of_200_steps_stay_with_gymnasium() -> None:
    env = cartpole()
    rng = np.random.default_rng(2)
    episodes = [played(env, list(rng.uniform(-0.05, 0.05, 4)), lambda s: s[2] + s[3] > 0, 200) for _ in range(20)]
    answers = run(EPISODES, [[states[0], actions] for actions, states, _ in episodes])
    assert sum(len(actions) for actions, _, _ in episodes) == 20 * 200
    for (states, _), (_, expected, _) in zip(answers, episodes, strict=True):
        assert np.abs(np.array(states) - np.array(expected)).max() <= EPISODE


# Upright poles that are held there while the cart runs off, and carts that are pushed one way until the pole falls.
ENDS = {
    "angle on the left": ([0.0, 0.0, 0.0, 0.0], lambda s: 1, "angle", 2, -1),
    "angle on the right": ([0.0, 0.0, 0.0, 0.0], lambda s: 0, "angle", 2, 1),
    "position on the left": ([-2.3, -1.0, 0.0, 0.0], lambda s: s[2] + s[3] > 0, "position", 0, -1),
    "position on the right": ([2.3, 1.0, 0.0, 0.0], lambda s: s[2] + s[3] > 0, "position", 0, 1),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_episode_ends_at_gymnasiums_step_and_for_its_reason(end: str) -> None:
    start, policy, reason, place, sign = ENDS[end]
    actions, expected, terminated = played(cartpole(), start, policy, 200)
    assert terminated
    states, reasons = run(EPISODES, [[start, actions]])[0]
    assert reasons == [""] * len(actions) + [reason]
    assert np.sign(states[-1][place]) == np.sign(expected[-1][place]) == sign


def test_the_time_limit_truncates_where_gymnasium_does() -> None:
    env = gym.make("CartPole-v0")
    raw: Any = env.unwrapped
    observation, _ = env.reset(seed=3)
    start, actions, flags = list(map(float, raw.state)), [], []
    truncated = False
    while not truncated:
        actions.append(int(observation[2] + observation[3] > 0))
        observation, _, terminated, truncated, _ = env.step(actions[-1])
        flags.append([bool(terminated), bool(truncated)])
    body = """
    const { advance, begin } = await load("episode");
    const settings = { gravity: 9.8, length: 0.5, force_mag: 10, max_episode_steps: 200 };
    let episode = { ...begin(0), state: given.start };
    return given.actions.map((action) => {
      episode = advance(episode, action, settings);
      return [episode.terminated, episode.truncated];
    });
    """
    assert run(body, {"start": start, "actions": actions}) == flags
    assert flags[-1] == [False, True]
