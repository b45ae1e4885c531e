"""CartPole as tensors: any number of copies that step together, on the processor or on a GPU."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from upright import memory
from upright.physics import Physics

BYTES_PER_ENV = 200  # its state, before and after a step, what a step computes in between, and starting states
X_LIMIT = 2.4  # m
ANGLE_LIMIT = 12 * 2 * math.pi / 360  # rad
STANDARD = Physics()
START = 0.05  # all four numbers of a starting state lie between -START and START
WINDOWS = 65  # steps that one pool of starting states serves
ALWAYS_FRESH = 4_096  # environments, up to which no two episodes share a starting state


class Step(NamedTuple):
    """What one step of all environments gave; n is their number.

    observations: float32 (n, 4), what the policy sees next: in an environment whose episode ended, the first
    observation of the next one. rewards: float32 (n,), 1 each. terminated, truncated: bool (n,); both can be true.
    final_observations: float32 (n, 4), what came of the step itself; other than `observations` only where an episode
    ended. A value function needs it there when the episode was truncated.
    """

    observations: Tensor
    rewards: Tensor
    terminated: Tensor
    truncated: Tensor
    final_observations: Tensor


class Rollout(NamedTuple):
    """`steps` steps of n environments: each tensor of `Step` with a first axis of length `steps`, and the actions.

    observations: float32 (steps, n, 4), what the policy saw before each step. actions: bool (steps, n), true for right.
    last_observations: float32 (n, 4), what it sees after the last one.
    """

    observations: Tensor
    actions: Tensor
    rewards: Tensor
    terminated: Tensor
    truncated: Tensor
    final_observations: Tensor
    last_observations: Tensor


class Move(NamedTuple):
    """What a step computes for n environments, all of it float32: compiled code is slow with bool.

    state: (5, n), from which they go on: a new start where the episode ended. moved: (5, n), what came of the step
    itself. reach: (n,), above 1 beyond a limit: terminated.
    """

    state: Tensor
    moved: Tensor
    reach: Tensor


def advance(xp: Any, state: Any, push: Any, pace: Any, physics: Physics) -> Any:
    """The state after one step: Euler's method, as Gymnasium's CartPole has it.

    xp: torch or numpy; the arrays are its own. state: float32 (5, n), position (m), velocity (m/s), angle (rad) and
    angular velocity (rad/s) of n carts and poles, and the steps of their episodes. push: float32 (n,), force over the
    product of the pole's mass and half its length (1/s²), above 0 to the right. pace: float32 (n,), steps in a second.
    The formula is Florian's, "Correct equations for the dynamics of the cart-pole system" (2007), equations 23 and 24
    without friction.
    """
    share = physics.masspole * physics.length / (physics.masscart + physics.masspole)
    _, velocity, angle, spin, _ = state
    sin, cos = xp.sin(angle), xp.cos(angle)
    # Equation 23, its numerator and denominator divided by share: one operation less for each of its terms.
    pushed = push + spin * spin * sin
    angular = (physics.gravity / share * sin - cos * pushed) / (physics.length * 4 / 3 / share - cos * cos)
    linear = share * (pushed - angular * cos)
    return state + physics.tau * xp.concatenate([velocity, linear, spin, angular, pace]).reshape(state.shape)


def move(xp: Any, state: Any, push: Any, starts: Any, pace: Any, limits: Any, physics: Physics) -> Move:
    """One step of all environments, for one kernel. limits: (3, 1), of position, angle and steps."""
    moved = advance(xp, state, push, pace, physics)
    position, angle, age = abs(moved[::2] / limits)
    reach = xp.maximum(position, angle)
    return Move(xp.where(xp.maximum(reach, age) > 1, starts, moved), moved, reach)


def move_by_numpy(*tensors: Tensor, physics: Physics) -> Move:
    """`move` on the processor: with a few hundred environments NumPy takes a third of the time that PyTorch takes."""
    state, push, starts, pace, limits = (each.numpy() for each in tensors)
    return Move(*(torch.from_numpy(each) for each in move(np, state, push, starts, pace, limits, physics)))


class BatchedCartPole:
    """`num_envs` copies of CartPole on one device; all of them step together.

    An environment whose episode ended starts the next one in the same step (Gymnasium's AutoresetMode.SAME_STEP).
    Its physics is held to Gymnasium's by tests, within the precision of float32. `state`, float32 (5, num_envs), has a
    row for each number of an observation, and one for the steps that the episode has had.

    num_envs: at least 1. device: as PyTorch names it. seed: of the starting states; with more than 4,096 environments
    one may serve up to 64 of them, at different steps. max_episode_steps: after so many steps an episode is truncated;
    200 in CartPole-v0, 500 in CartPole-v1. compiled: let torch.compile make one kernel of a step; it takes seconds at
    the first step, needs a C++ compiler on the processor, and pays from millions of steps on. Raises ValueError for a
    number below 1, and MemoryError, with the largest number that fits, for more environments than the device has room
    for.
    """

    def __init__(
        self,
        num_envs: int,
        device: str | torch.device = "cpu",
        seed: int = 0,
        max_episode_steps: int = 200,
        physics: Physics = STANDARD,
        compiled: bool = False,
    ) -> None:
        for name, value in (("num_envs", num_envs), ("max_episode_steps", max_episode_steps)):
            if value < 1:
                raise ValueError(f"{name} is {value}; give a whole number from 1 on")
        self.num_envs, self.physics = num_envs, physics
        self.device = torch.device(device)
        memory.check(num_envs, BYTES_PER_ENV, "environments", self.device)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.fresh = num_envs if num_envs <= ALWAYS_FRESH else num_envs // (WINDOWS - 1)
        # No episode has had a step at its start: the last row stays zero.
        self.pool = torch.zeros(5, num_envs + (WINDOWS - 1) * self.fresh, device=self.device)
        self.window = WINDOWS
        self.push = physics.force_mag / (physics.masspole * physics.length)
        self.left = torch.tensor(-self.push, device=self.device)
        # Steps are counted exactly; the last one that an episode may have passes the limit, the one before does not.
        limits = [[X_LIMIT], [ANGLE_LIMIT], [max_episode_steps - 0.5]]
        self.limits = torch.tensor(limits, device=self.device)
        self.pace = torch.full((num_envs,), 1 / physics.tau, device=self.device)
        self.rewards = torch.ones(num_envs, device=self.device)
        by_torch = partial(move, torch)
        eager = move_by_numpy if self.device.type == "cpu" else by_torch
        self._move = torch.compile(by_torch) if compiled else eager
        self.reset()

    def reset(self) -> Tensor:
        """Start a new episode everywhere. Returns the observations, float32 (num_envs, 4)."""
        self.state = self._starts().clone()
        return self.observations

    @property
    def observations(self) -> Tensor:
        """What a policy sees now, float32 (num_envs, 4)."""
        return self.state[:4].T

    @torch.no_grad()
    def step(self, right: Tensor, starts: Tensor | None = None) -> Step:
        """Push every cart once. right: (num_envs,), nonzero or true where the push goes to the right.

        starts: float32 (5, num_envs), the states in which new episodes begin; drawn by the environment if None.
        """
        # torch.where with two numbers takes as long as the physics.
        found = self.move(torch.add(self.left, right.bool().float(), alpha=2 * self.push), starts)
        truncated = found.moved[4] > self.limits[2]
        return Step(self.observations, self.rewards, found.reach > 1, truncated, found.moved[:4].T)

    def move(self, push: Tensor, starts: Tensor | None = None) -> Move:
        """The same step, for many whose flags are read later. push: float32 (num_envs,), of `self.push` in size."""
        starts = self._starts() if starts is None else starts
        found = self._move(self.state, push, starts, self.pace, self.limits, physics=self.physics)
        self.state = found.state
        return found

    @torch.no_grad()
    def rollout(self, policy: Callable[[Tensor], Tensor], steps: int) -> Rollout:
        """Let `policy` act for `steps` steps: a function from observations (num_envs, 4) to actions (num_envs,)."""
        seen, chosen, found = [], [], []
        for _ in range(steps):
            seen.append(self.observations)
            chosen.append(policy(seen[-1]).bool())
            found.append(self.step(chosen[-1]))
        _, rewards, terminated, truncated, final = (torch.stack(each) for each in zip(*found, strict=True))
        return Rollout(torch.stack(seen), torch.stack(chosen), rewards, terminated, truncated, final, self.observations)

    def _starts(self) -> Tensor:
        """Starting states for one step, float32 (5, num_envs): a window of the pool, which moves on with each step.

        Few episodes end in a step, and to draw for all of them would take longer than the step itself.
        """
        if self.window == WINDOWS:
            self.pool[:4].uniform_(-START, START, generator=self.generator)
            self.window = 0
        first = self.window * self.fresh
        self.window += 1
        return self.pool[:, first : first + self.num_envs]
