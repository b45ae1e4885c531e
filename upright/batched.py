"""CartPole as tensors: any number of copies that step together, on the processor or on a GPU."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from upright import memory
from upright.physics import Physics

BYTES_PER_ENV = 160  # its state, before and after a step, and what a step computes in between
X_LIMIT = 2.4  # m
ANGLE_LIMIT = 12 * 2 * math.pi / 360  # rad
STANDARD = Physics()
START = 0.05  # all four numbers of a starting state lie between -START and START


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


def advance(state: Tensor, right: Tensor, physics: Physics) -> Tensor:
    """The state after one step: Euler's method, as Gymnasium's CartPole has it.

    state: float32 (4, n), position (m), velocity (m/s), angle (rad) and angular velocity (rad/s) of n carts and poles.
    right: bool (n,), true where the push goes to the right. The formula is Florian's, "Correct equations for the
    dynamics of the cart-pole system" (2007), equations 23 and 24 without friction.
    """
    mass = physics.masscart + physics.masspole
    share = physics.masspole * physics.length / mass
    position, velocity, angle, spin = state.unbind()
    sin, cos = angle.sin(), angle.cos()
    push = torch.where(right, physics.force_mag / mass, -physics.force_mag / mass)
    pushed = torch.addcmul(push, spin * spin, sin, value=share)
    turning = torch.addcmul(sin * physics.gravity, cos, pushed, value=-1.0)
    inertia = (cos * cos).mul_(-physics.length * physics.masspole / mass).add_(physics.length * 4 / 3)
    angular = turning.div_(inertia)
    linear = torch.addcmul(pushed, angular, cos, value=-share)
    tau = physics.tau
    return torch.stack(
        [
            torch.add(position, velocity, alpha=tau),
            torch.add(velocity, linear, alpha=tau),
            torch.add(angle, spin, alpha=tau),
            torch.add(spin, angular, alpha=tau),
        ]
    )


def move(state: Tensor, right: Tensor, episode_steps: Tensor, physics: Physics, limits: Tensor) -> tuple[Tensor, ...]:
    """All of a step that is arithmetic, for one kernel: the state after it, how far outside of the limits it is (above
    0 where the episode terminates), and how many steps the episode has then."""
    moved = advance(state, right, physics)
    return moved, (moved[0::2].abs() - limits).amax(0), episode_steps + 1


class BatchedCartPole:
    """`num_envs` copies of CartPole on one device; all of them step together.

    An environment whose episode ended starts the next one in the same step (Gymnasium's AutoresetMode.SAME_STEP).
    Its physics is held to Gymnasium's by tests, within the precision of float32.

    num_envs: at least 1. device: as PyTorch names it. seed: of the starting states. max_episode_steps: after so many
    steps an episode is truncated; 200 in CartPole-v0, 500 in CartPole-v1. compiled: let torch.compile make one kernel
    of the physics; it takes seconds at the first step, needs a C++ compiler on the processor, and pays from millions
    of steps on. Raises ValueError for a number below 1, and MemoryError, with the largest number that fits, for more
    environments than the device has room for.
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
        self.num_envs, self.max_episode_steps, self.physics = num_envs, max_episode_steps, physics
        self.device = torch.device(device)
        memory.check(num_envs, BYTES_PER_ENV, "environments", self.device)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.limits = torch.tensor([[X_LIMIT], [ANGLE_LIMIT]], device=self.device)
        self.rewards = torch.ones(num_envs, device=self.device)
        self._move = torch.compile(move) if compiled else move
        self.reset()

    def reset(self) -> Tensor:
        """Start a new episode everywhere. Returns the observations, float32 (num_envs, 4)."""
        self.state = self._starts(self.num_envs)
        self.episode_steps = torch.zeros(self.num_envs, dtype=torch.int32, device=self.device)
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
        moved, excess, self.episode_steps = self._move(
            self.state, right.bool(), self.episode_steps, self.physics, self.limits
        )
        terminated = excess > 0
        truncated = self.episode_steps >= self.max_episode_steps
        self._restart(moved, terminated | truncated, starts)
        return Step(self.observations, self.rewards, terminated, truncated, moved.T)

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

    def _restart(self, moved: Tensor, ended: Tensor, starts: Tensor | None) -> None:
        """Go on from `moved`, and from a new start where the episode ended."""
        if starts is None and self.device.type == "cpu":
            # Drawing only what is needed is quicker here; on a GPU, asking how many would stop everything.
            places = ended.nonzero().squeeze(1)
            self.state = moved.clone() if len(places) else moved
            self.state[:, places] = self._starts(len(places))
            self.episode_steps[places] = 0
        else:
            self.state = torch.where(ended, self._starts(self.num_envs) if starts is None else starts, moved)
            self.episode_steps.masked_fill_(ended, 0)

    def _starts(self, count: int) -> Tensor:
        empty = torch.empty(4, count, device=self.device)
        return empty.uniform_(-START, START, generator=self.generator)
