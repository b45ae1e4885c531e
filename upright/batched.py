"""CartPole as tensors: any number of copies that step together, on the processor or on a GPU."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

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

    state: (4, n), from which they go on: a new start where the episode ended. moved: (4, n), what came of the step
    itself. reach: (n,), above 1 beyond a limit: terminated. age: (n,), above 1 at the last step that an episode may
    have: truncated. episode_steps: (n,), how many steps the episode that goes on has had.
    """

    state: Tensor
    moved: Tensor
    reach: Tensor
    age: Tensor
    episode_steps: Tensor


def advance(state: Tensor, push: Tensor, physics: Physics) -> Tensor:
    """The state after one step: Euler's method, as Gymnasium's CartPole has it.

    state: float32 (4, n), position (m), velocity (m/s), angle (rad) and angular velocity (rad/s) of n carts and poles.
    push: float32 (n,), force over whole mass (m/s²), above 0 to the right. The formula is Florian's, "Correct equations
    for the dynamics of the cart-pole system" (2007), equations 23 and 24 without friction.
    """
    share = physics.masspole * physics.length / (physics.masscart + physics.masspole)
    _, velocity, angle, spin = state.unbind()
    sin, cos = angle.sin(), angle.cos()
    pushed = torch.addcmul(push, spin * spin, sin, value=share)
    # Numerator and denominator of equation 23, both divided by gravity: one operation less.
    turning = torch.addcmul(sin, cos, pushed, value=-1 / physics.gravity)
    inertia = torch.rsub(cos * cos, physics.length * 4 / 3 / physics.gravity, alpha=share / physics.gravity)
    angular = turning / inertia
    linear = torch.addcmul(pushed, angular, cos, value=-share)
    return torch.add(state, torch.stack([velocity, linear, spin, angular]), alpha=physics.tau)


def move(
    state: Tensor,
    push: Tensor,
    episode_steps: Tensor,
    starts: Tensor,
    physics: Physics,
    limits: Tensor,
    longest: Tensor,
) -> Move:
    """One step of all environments, for one kernel. limits: (4, 1). longest: (), between the last step that an episode
    may have and the one before."""
    moved = advance(state, push, physics)
    reach = (moved / limits).abs().amax(0)
    episode_steps = episode_steps + 1
    age = episode_steps / longest
    ended = torch.maximum(reach, age) > 1
    return Move(torch.where(ended, starts, moved), moved, reach, age, episode_steps.masked_fill(ended, 0))


class BatchedCartPole:
    """`num_envs` copies of CartPole on one device; all of them step together.

    An environment whose episode ended starts the next one in the same step (Gymnasium's AutoresetMode.SAME_STEP).
    Its physics is held to Gymnasium's by tests, within the precision of float32.

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
        self.pool = torch.empty(4, num_envs + (WINDOWS - 1) * self.fresh, device=self.device)
        self.window = WINDOWS
        self.push = physics.force_mag / (physics.masscart + physics.masspole)
        self.left = torch.tensor(-self.push, device=self.device)
        self.limits = torch.tensor([[X_LIMIT], [math.inf], [ANGLE_LIMIT], [math.inf]], device=self.device)
        self.longest = torch.tensor(max_episode_steps - 0.5, device=self.device)
        self.rewards = torch.ones(num_envs, device=self.device)
        self._move = torch.compile(move) if compiled else move
        self.reset()

    def reset(self) -> Tensor:
        """Start a new episode everywhere. Returns the observations, float32 (num_envs, 4)."""
        self.state = self._starts().clone()
        self.episode_steps = torch.zeros(self.num_envs, device=self.device)
        return self.observations

    @property
    def observations(self) -> Tensor:
        """What a policy sees now, float32 (num_envs, 4)."""
        return self.state.T

    @torch.no_grad()
    def step(self, right: Tensor, starts: Tensor | None = None) -> Step:
        """Push every cart once. right: (num_envs,), nonzero or true where the push goes to the right.

        starts: float32 (4, num_envs), the states in which new episodes begin; drawn by the environment if None.
        """
        found = self.move(right, starts)
        return Step(self.observations, self.rewards, found.reach > 1, found.age > 1, found.moved.T)

    def move(self, right: Tensor, starts: Tensor | None = None) -> Move:
        """The same step without flags, for many steps whose flags are read later."""
        # torch.where with two numbers takes as long as the physics.
        push = torch.add(self.left, right.bool().float(), alpha=2 * self.push)
        starts = self._starts() if starts is None else starts
        found = self._move(self.state, push, self.episode_steps, starts, self.physics, self.limits, self.longest)
        self.state, self.episode_steps = found.state, found.episode_steps
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
        """Starting states for one step, float32 (4, num_envs): a window of the pool, which moves on with each step.

        Few episodes end in a step, and to draw for all of them would take longer than the step itself.
        """
        if self.window == WINDOWS:
            self.pool.uniform_(-START, START, generator=self.generator)
            self.window = 0
        first = self.window * self.fresh
        self.window += 1
        return self.pool[:, first : first + self.num_envs]
