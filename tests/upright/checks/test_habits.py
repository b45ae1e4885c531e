"""What an older tutorial's code ends in today is recognised by the errors that it really raises."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

from upright.checks import habits
from upright.checks.served import stand_in

# Lines as tutorials from before 2022 had them, and words of what they are told today.
OLD = {
    "import gym": "gym has become Gymnasium",
    "state, reward, done, info = env.step(0)": "step() gives five values",
    "state, reward, info = env.step(0)": "step() gives five values",
    "state, reward = env.step(0)": "Count the values",
    "while not done: pass": "step() gives five values",
    "angle = env.reset()['angle']": "reset() gives two values",
    "state = env.reset() - np.zeros(4)": "reset() gives two values",
    "state = np.array(env.reset())": "reset() gives two values",
    "env.seed(7)": "env.reset(seed=n)",
    "gym.wrappers.Monitor": "RecordVideo",
    "from ray.rllib.agents import ppo": "ray.rllib.algorithms",
    "np.bool8(1)": "NumPy 2 removed this name",
}


def error_of(source: str, env: object) -> tuple[str, str]:
    try:
        exec(source, {"env": env, "np": np, "gym": gym})
    except Exception as error:
        return type(error).__name__, str(error)
    return "", ""


def environments() -> list[object]:
    ours = stand_in("environment", lambda name, args: [0.0] * 4 + ([1.0, False, False] if name == "step" else []))
    real = gym.make("CartPole-v1")
    real.reset(seed=0)
    return [ours, real]


@pytest.mark.parametrize(("source", "told"), OLD.items(), ids=list(OLD))
def test_a_habit_is_told_what_changed_in_our_environment_and_in_gymnasiums(source: str, told: str) -> None:
    for env in environments():
        kind, text = error_of(source, env)
        assert kind, f"{source} raises nothing any more"
        assert told in habits.hint(kind, text), (kind, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("ValueError", "math domain error"), ("KeyError", "seed"), ("", ""), ("ModuleNotFoundError", "x")],
)
def test_other_errors_get_no_hint(kind: str, text: str) -> None:
    assert habits.hint(kind, text) == ""
