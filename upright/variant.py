"""CartPole with physics of a course's own, so that a policy copied from elsewhere falls."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import gymnasium as gym
from gymnasium.envs.classic_control.cartpole import CartPoleEnv, CartPoleVectorEnv

from upright.physics import Physics, physics

# The name before the colon is imported first: a worker process of RLlib then knows the environment too.
ENV_ID = "upright.variant:upright/CartPole-v0"


class VariantCartPole(CartPoleEnv):
    """Gymnasium's CartPole with the physics of `variant`."""

    def __init__(self, variant: int = 0, **options: Any) -> None:
        super().__init__(**options)
        _apply(self, physics(variant))


class VariantCartPoles(CartPoleVectorEnv):
    """Gymnasium's vectorised CartPole with the physics of `variant`."""

    def __init__(self, variant: int = 0, **options: Any) -> None:
        super().__init__(**options)
        _apply(self, physics(variant))


def make(variant: int = 0, render_mode: str | None = None) -> gym.Env:
    """CartPole-v0, with its limit of 200 steps, under the physics of `variant`."""
    return gym.make(ENV_ID, variant=variant, render_mode=render_mode)


def _apply(env: CartPoleEnv | CartPoleVectorEnv, constants: Physics) -> None:
    for name, value in asdict(constants).items():
        setattr(env, name, value)
    env.total_mass = env.masspole + env.masscart
    env.polemass_length = env.masspole * env.length


gym.register(
    "upright/CartPole-v0",
    entry_point=VariantCartPole,
    vector_entry_point=VariantCartPoles,
    max_episode_steps=200,
    reward_threshold=195.0,
)
