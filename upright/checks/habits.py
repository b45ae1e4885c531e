"""Habits of tutorials from before 2022, recognised by the error that they end in today."""

from __future__ import annotations

import re

STEP = (
    "step() gives five values since Gymnasium: observation, reward, terminated, truncated, info. "
    "The old `done` is `terminated or truncated`."
)
RESET = "reset() gives two values since Gymnasium: observation, info = env.reset()."

# (type of the error or "", pattern in its text, what changed since the tutorial was written)
HABITS = (
    ("ModuleNotFoundError|ImportError", r"No module named 'gym'", "gym has become Gymnasium: import gymnasium as gym."),
    ("ValueError", r"too many values to unpack \(expected [34]\)", STEP),
    (
        "ValueError",
        r"too many values to unpack \(expected 2\)",
        "Count the values on the left: step() gives five, reset() two.",
    ),
    ("NameError", r"name 'done' is not defined", STEP),
    ("TypeError", r"tuple indices must be integers|can't multiply sequence|unsupported operand type.*tuple", RESET),
    ("ValueError", r"inhomogeneous shape|setting an array element with a sequence", RESET),
    ("AttributeError", r"no attribute 'seed'|env\.seed is not", "env.seed(n) has become env.reset(seed=n)."),
    ("AttributeError", r"env\.monitor|no attribute 'Monitor'", "Monitor has become gymnasium.wrappers.RecordVideo."),
    (
        "ModuleNotFoundError|ImportError",
        r"ray\.rllib\.agents",
        "ray.rllib.agents has become ray.rllib.algorithms: from ray.rllib.algorithms.ppo import PPOConfig.",
    ),
    (
        "AttributeError",
        r"no attribute '(bool8|float_|int0|object0)'",
        "NumPy 2 removed this name; use np.bool_, np.float64, np.intp or object.",
    ),
)


def hint(kind: str, text: str) -> str:
    """What changed, if an error of this type with this text comes from an older tutorial's habit; else empty."""
    for kinds, pattern, told in HABITS:
        if re.fullmatch(kinds, kind) and re.search(pattern, text[:500]):
            return told
    return ""
