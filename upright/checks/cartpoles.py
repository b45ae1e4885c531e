"""Many CartPoles as NumPy arrays: the right next states, those that common mistakes give, and random cases."""

from __future__ import annotations

import numpy as np

from upright.checks.cartpole import THETA_LIMIT, X_LIMIT
from upright.physics import Physics


def equations(
    states: np.ndarray,
    actions: np.ndarray,
    *,
    forces: tuple[float, float] = (-10.0, 10.0),
    length: float = Physics.length,
    four_thirds: float = 4.0 / 3.0,
    angle: float = 1.0,
    square: bool = True,
    total_mass: float = Physics.masscart + Physics.masspole,
    small_angle: bool = False,
    new_velocity: bool = False,
) -> np.ndarray:
    """The next states, float64 of shape (n, 4): Gymnasium's equations, or with a keyword a common mistake in them.

    states: float64 of shape (n, 4); actions: int64 of shape (n,), 0 or 1. Source: step() with Euler's method in
    gymnasium/envs/classic_control/cartpole.py.
    """
    x, x_dot, theta, theta_dot = states.T
    tau, gravity, masspole = Physics.tau, Physics.gravity, Physics.masspole
    force = np.where(actions == 1, forces[1], forces[0])
    cos, sin = np.cos(theta * angle), np.sin(theta * angle)
    if small_angle:
        cos, sin = np.ones_like(theta), theta
    temp = (force + masspole * length * (theta_dot**2 if square else theta_dot) * sin) / total_mass
    theta_acc = (gravity * sin - cos * temp) / (length * (four_thirds - masspole * cos**2 / total_mass))
    x_acc = temp - masspole * length * theta_acc * cos / total_mass
    new_x_dot, new_theta_dot = x_dot + tau * x_acc, theta_dot + tau * theta_acc
    moved = (new_x_dot, new_theta_dot) if new_velocity else (x_dot, theta_dot)
    return np.stack([x + tau * moved[0], new_x_dot, theta + tau * moved[1], new_theta_dot], axis=1)


def ends(next_states: np.ndarray) -> np.ndarray:
    """Whether each state, of shape (n, 4), terminates its episode: bool of shape (n,)."""
    return (np.abs(next_states[:, 0]) > X_LIMIT) | (np.abs(next_states[:, 2]) > THETA_LIMIT)


def cases(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random states on both sides of the thresholds and actions; no next state is within 1e-6 of a threshold."""
    states = rng.uniform(-1, 1, (count, 4)) * (3.0, 3.0, 0.3, 3.0)
    actions = rng.integers(0, 2, count)
    after = np.abs(equations(states, actions)[:, [0, 2]])
    near = np.abs(after - (X_LIMIT, THETA_LIMIT)).min(axis=1) < 1e-6
    states[near] = 0.0
    return states, actions


def edges(offset: float) -> tuple[np.ndarray, np.ndarray]:
    """States that a step leaves where they are, at each threshold moved outwards by `offset`, with both actions."""
    places = [
        (X_LIMIT + offset, 0.0),
        (-X_LIMIT - offset, 0.0),
        (0.0, THETA_LIMIT + offset),
        (0.0, -THETA_LIMIT - offset),
    ]
    states = np.array([[x, 0.0, theta, 0.0] for x, theta in places for _ in range(2)])
    return states, np.tile([0, 1], len(places))
