"""How good is a policy? Returns of seeded episodes, and the interval in which the mean lies."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np

from upright.policy import Policy


def evaluate(
    policy: Callable[[Any], int], episodes: int = 100, seed: int = 0, env_id: str = "CartPole-v0", **env_config: Any
) -> np.ndarray:
    """Play episodes one after another and return their returns, float64 of shape (episodes,).

    Episode i starts with `reset(seed=seed + i)`. `policy(observation)` gives an action; it may remember what it saw.
    `env_config` are the environment's own keywords, such as `variant` (see upright.variant).
    """
    env = gym.make(env_id, **env_config)
    returns = np.zeros(episodes)
    try:
        for episode in range(episodes):
            observation, _ = env.reset(seed=seed + episode)
            ended = False
            while not ended:
                observation, reward, terminated, truncated, _ = env.step(policy(observation))
                returns[episode] += float(reward)
                ended = terminated or truncated
    finally:
        env.close()
    return returns


def evaluate_batch(
    policy: Policy | Callable[[np.ndarray], np.ndarray],
    episodes: int = 100,
    seed: int = 0,
    env_id: str = "CartPole-v0",
    **env_config: Any,
) -> np.ndarray:
    """Play episodes in lock step and return their returns, float64 of shape (episodes,). Much faster than `evaluate`.

    `policy` is a Policy, or a function from observations (n, ...) to actions (n,). It must not remember anything. Uses
    Gymnasium's vectorised version of the environment, which draws all starting states from one generator seeded with
    `seed`: other episodes than those of `evaluate` with that seed. `env_config`: the environment's own keywords, such
    as `variant` (see upright.variant). Raises ValueError when there is no such version.
    """
    module, _, name = env_id.rpartition(":")
    if module:  # gym.make_vec reads "module:name" too; gym.spec does not
        importlib.import_module(module)
    spec = gym.spec(name)
    if spec.vector_entry_point is None:
        raise ValueError(f"{env_id} has no vectorised version in Gymnasium; use evaluate instead")
    act = policy.act if isinstance(policy, Policy) else policy
    envs = gym.make_vec(env_id, num_envs=episodes, vectorization_mode="vector_entry_point", **env_config)
    returns = np.zeros(episodes)
    running = np.ones(episodes, dtype=bool)
    try:
        observations, _ = envs.reset(seed=seed)
        while running.any():
            observations, rewards, terminated, truncated, _ = envs.step(act(observations))
            returns += np.where(running, rewards, 0.0)
            # A finished environment starts a new episode by itself; only the first one of each counts.
            running &= ~(terminated | truncated)
    finally:
        envs.close()
    return returns


def mean_interval(returns: np.ndarray, resamples: int = 10_000, seed: int = 0) -> tuple[float, float]:
    """95 % confidence interval of the mean of `returns`, shape (n,), by the percentile bootstrap.

    Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3. Raises ValueError for an empty array.
    """
    returns = np.asarray(returns, dtype=np.float64)
    if returns.size == 0:
        raise ValueError("no returns: play at least one episode")
    draws = np.random.default_rng(seed).choice(returns, size=(resamples, returns.size))
    low, high = np.percentile(draws.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
