"""An episode of CartPole that a policy lost, played again from its seed and actions, and the push that lost it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from upright.checks import cartpole
from upright.physics import Physics

ENV_ID = "CartPole-v0"
# A linear policy that holds the pole for thousands of steps from any usual start; a test measures it.
RESCUER = (0.1, 0.2, 1.0, 0.3)
RESCUED = 100  # steps: a pole that stands 2 seconds later had not been lost


def replay(seed: int, actions: Sequence[int], physics: Physics) -> dict[str, Any]:
    """The episode as upright-replay/1: at most 200 steps, numbers rounded to 5 decimals, and not its secret seed."""
    states, terminated = _states(seed, actions, physics)
    return {
        "format": "upright-replay/1",
        "env_id": ENV_ID,
        "seed": None,
        "states": [[round(value, 5) for value in state] for state in states],
        "actions": list(actions),
        "rewards": [1.0] * len(actions),
        "terminated": terminated,
        "truncated": not terminated and len(actions) == cartpole.MAX_STEPS,
    }


def lost_at(seed: int, actions: Sequence[int], physics: Physics) -> int:
    """The step, from 1, of the push after which a good policy cannot hold the pole any more."""
    states, _ = _states(seed, actions, physics)
    savable = [number for number, state in enumerate(states[:-1]) if _rescued(state, physics)]
    return savable[-1] + 1 if savable else len(actions)


def _states(seed: int, actions: Sequence[int], physics: Physics) -> tuple[list[cartpole.State], bool]:
    states, terminated = [cartpole.start(seed)], False
    for action in actions:
        state, terminated = cartpole.step(states[-1], action, physics)
        states.append(state)
    return states, terminated


def _rescued(state: cartpole.State, physics: Physics) -> bool:
    for _ in range(RESCUED):
        push = sum(weight * value for weight, value in zip(RESCUER, state, strict=True)) > 0
        state, terminated = cartpole.step(state, int(push), physics)
        if terminated:
            return False
    return True
