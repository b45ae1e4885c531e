"""One recorded episode as data, `upright-replay/1`: what a player on the page and a student's feedback show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

import gymnasium as gym
from pydantic import Field, model_validator

from upright.format import Format

MIME = "application/vnd.upright.replay+json"
MAX_STEPS = 10_000

# Validation stops at the first bad number: a hostile file holds a million of them.
State = Annotated[tuple[float, ...], Field(min_length=1, max_length=1024, fail_fast=True)]


class Replay(Format):
    """One episode of `steps` env steps.

    states: steps + 1 observations, the first one from `reset`; actions and rewards: `steps` numbers each.
    `terminated` and `truncated` are the flags of the last step; both are false for a recording that was cut short.
    """

    format: Literal["upright-replay/1"] = "upright-replay/1"
    env_id: Annotated[str, Field(min_length=1, max_length=100)]
    seed: int | None
    states: Annotated[tuple[State, ...], Field(min_length=1, max_length=MAX_STEPS + 1, fail_fast=True)]
    actions: Annotated[tuple[int, ...], Field(max_length=MAX_STEPS, fail_fast=True)]
    rewards: Annotated[tuple[float, ...], Field(max_length=MAX_STEPS, fail_fast=True)]
    terminated: bool
    truncated: bool

    @model_validator(mode="after")
    def _lengths_agree(self) -> Self:
        if len({len(state) for state in self.states}) > 1:
            raise ValueError("the states have different lengths")
        if not len(self.states) - 1 == len(self.actions) == len(self.rewards):
            counts = f"{len(self.states)} states, {len(self.actions)} actions and {len(self.rewards)} rewards"
            raise ValueError(f"{counts}; expected one state more than actions, and as many rewards as actions")
        return self

    @property
    def episode_return(self) -> float:
        return float(sum(self.rewards))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), MIME: self.model_dump(mode="json")}

    def __repr__(self) -> str:
        end = "terminated" if self.terminated else "truncated" if self.truncated else "cut short"
        played = f"{len(self.actions)} steps, return {self.episode_return:g}, {end}"
        return f"Replay({self.env_id}, seed {self.seed}: {played})"

    __str__ = __repr__


def record_episode(policy: Callable[[Any], int], seed: int, env_id: str = "CartPole-v0") -> Replay:
    """Play one episode that starts with `reset(seed=seed)` and return it. `policy(observation)` gives an action."""
    env = gym.make(env_id)
    try:
        observation, _ = env.reset(seed=seed)
        states: list[list[float]] = [observation.tolist()]
        actions: list[int] = []
        rewards: list[float] = []
        terminated = truncated = False
        while not (terminated or truncated) and len(actions) < MAX_STEPS:
            action = int(policy(observation))
            observation, reward, terminated, truncated, _ = env.step(action)
            states.append(observation.tolist())
            actions.append(action)
            rewards.append(float(reward))
    finally:
        env.close()
    return Replay.parse(
        {
            "format": "upright-replay/1",
            "env_id": env_id,
            "seed": seed,
            "states": states,
            "actions": actions,
            "rewards": rewards,
            "terminated": bool(terminated),
            "truncated": bool(truncated),
        },
        source="record_episode",
    )
