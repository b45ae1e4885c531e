"""The loop that lab 4 shows, and how long it takes: what a student's step_batch is compared with.

A test holds it equal to the cell of solutions/lab4_vectorize.md, character by character.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator

import numpy as np
import torch

PIECE = 200  # states, about 5 ms of the loop


def step_loop(states, actions):  # type: ignore[no-untyped-def]  # as the lab shows it
    next_states = torch.empty_like(states)
    rewards = torch.empty(len(states), dtype=torch.float64)
    terminated = torch.empty(len(states), dtype=torch.bool)
    for i in range(len(states)):
        x, x_dot = states[i, 0].item(), states[i, 1].item()
        theta, theta_dot = states[i, 2].item(), states[i, 3].item()
        force = 10.0 if actions[i].item() == 1 else -10.0
        cos, sin = math.cos(theta), math.sin(theta)
        temp = (force + 0.05 * theta_dot**2 * sin) / 1.1
        theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
        x_acc = temp - 0.05 * theta_acc * cos / 1.1
        next_states[i, 0] = x + 0.02 * x_dot
        next_states[i, 1] = x_dot + 0.02 * x_acc
        next_states[i, 2] = theta + 0.02 * theta_dot
        next_states[i, 3] = theta_dot + 0.02 * theta_acc
        rewards[i] = 1.0
        terminated[i] = abs(x + 0.02 * x_dot) > 2.4 or abs(theta + 0.02 * theta_dot) > 12 * 2 * math.pi / 360
    return next_states, rewards, terminated


def seconds(states: np.ndarray, actions: np.ndarray) -> float:
    """How long the loop takes, in seconds, for states of shape (n, 4) and actions of shape (n,), n > 0.

    A busy machine seldom leaves the whole loop alone, but always some pieces of it: the fastest piece counts for all.
    """
    rows = torch.from_numpy(states).split(PIECE)
    pushes = torch.from_numpy(actions).split(PIECE)
    return len(states) * min(_seconds_each(*piece) for piece in zip(rows, pushes, strict=True))


def _seconds_each(states: torch.Tensor, actions: torch.Tensor) -> float:
    began = time.perf_counter()
    step_loop(states, actions)
    return (time.perf_counter() - began) / len(states)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """torch on one core, as the loop is: on a busy machine two threads wait for each other longer than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
