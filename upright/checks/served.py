"""What a student's code is handed: an environment and functions that ask the judge for everything they answer.

The same objects serve in a notebook, where the judge is in the same process, and in the grader's sandbox, where it is
at the other end of a pipe. They hold nothing: not the script, not the rewards, not the sums.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from upright.checks.wire import given

ALLOWED = ("reset", "step", "close", "render", "action_space", "observation_space", "spec", "metadata", "render_mode")
Ask = Callable[[str, list], Any]


class Refused(Exception):
    """Why the judge does not answer; raised in the student's code as a RuntimeError with this text."""


@dataclass(frozen=True)
class Served:
    """An argument that the judge keeps: `kind` is what the student's code gets in its place, "environment" or
    "function"; `handle(name, args)` answers what that asks, or raises Refused."""

    kind: str
    handle: Callable[[str, list], Any]


class Environment:
    """An environment as Gymnasium has them, with the part of its interface that a lab may use."""

    __slots__ = ("_ask", "_spaces")

    def __init__(self, ask: Ask) -> None:
        object.__setattr__(self, "_ask", ask)
        object.__setattr__(self, "_spaces", {})

    def __getattribute__(self, name: str) -> Any:
        if name in ALLOWED or (name.startswith("__") and name.endswith("__")):
            return object.__getattribute__(self, name)
        raise AttributeError(f"env.{name} is not there for a lab to use; there are {', '.join(ALLOWED[:7])}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"env.{name} cannot be set")

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[np.ndarray, dict]:
        """Begin an episode. Returns its first observation, float32 of shape (4,), and an empty info."""
        return np.array(_ask(self)("reset", [seed]), dtype=np.float32), {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict]:
        """Take an action. Returns observation, reward, terminated, truncated, info."""
        *observation, reward, terminated, truncated = _ask(self)("step", [action])
        return np.array(observation, dtype=np.float32), float(reward), bool(terminated), bool(truncated), {}

    def render(self) -> None:
        """Draws nothing: there is no screen."""

    def close(self) -> None:
        """Nothing to free."""

    @property
    def metadata(self) -> dict:
        return {"render_modes": []}

    @property
    def render_mode(self) -> None:
        return None

    @property
    def action_space(self) -> Any:
        """Gymnasium's Discrete(2), the same object every time, so that its seed is kept."""
        return _space(self, "action")

    @property
    def observation_space(self) -> Any:
        """Gymnasium's Box of four numbers without bounds."""
        return _space(self, "observation")

    @property
    def spec(self) -> Any:
        from gymnasium.envs.registration import EnvSpec

        return EnvSpec(id="Scripted-v0", disable_env_checker=True)


def _ask(environment: Environment) -> Ask:
    return object.__getattribute__(environment, "_ask")


def _space(environment: Environment, name: str) -> Any:
    from gymnasium import spaces  # a sixth of a second that only those pay who use it

    made = object.__getattribute__(environment, "_spaces")
    if name not in made:
        discrete = name == "action"
        made[name] = spaces.Discrete(2) if discrete else spaces.Box(-np.inf, np.inf, (4,), np.float32)
    return made[name]


def stand_in(kind: str, ask: Ask) -> Any:
    """What the student's code gets in the place of a Served argument."""
    if kind == "environment":
        return Environment(ask)
    return lambda *args: given(ask("call", list(args)))
