"""PPO on one device, for one agent: to be read from top to bottom.

Schulman et al., "Proximal Policy Optimization Algorithms" (arXiv 1707.06347, 2017), with the advantages of Schulman et
al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation" (arXiv 1506.02438, 2015).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from upright.batched import BatchedCartPole, Rollout

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}


@dataclass(frozen=True)
class Settings:
    """PPO's hyperparameters, under RLlib's names where it has them. grad_clip: the largest
    norm of the gradient of both networks together.

    An iteration collects num_envs * rollout_steps env steps and goes over them num_epochs times, in `minibatches`
    parts. Raises ValueError for parts that would not be equal, and for an unknown activation.
    """

    lr: float = 3e-3
    gamma: float = 0.98
    lambda_: float = 0.9
    clip_param: float = 0.2
    entropy_coeff: float = 0.0
    vf_loss_coeff: float = 0.5
    grad_clip: float = math.inf
    num_envs: int = 16
    rollout_steps: int = 32
    num_epochs: int = 14
    minibatches: int = 1
    hiddens: tuple[int, ...] = (64, 64)
    activation: str = "tanh"
    max_episode_steps: int = 200

    def __post_init__(self) -> None:
        if self.batch_size % self.minibatches:
            raise ValueError(f"minibatches is {self.minibatches}, which does not divide {self.batch_size} env steps")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation is {self.activation!r}; it can be {', '.join(ACTIVATIONS)}")

    @property
    def batch_size(self) -> int:
        """Env steps of one iteration."""
        return self.num_envs * self.rollout_steps

    @property
    def updates_per_iteration(self) -> int:
        """Steps of the optimiser in one iteration."""
        return self.num_epochs * self.minibatches


def network(settings: Settings, outputs: int) -> nn.Sequential:
    """From observations (..., 4) to (..., outputs)."""
    sizes = [4, *settings.hiddens]
    layers: list[nn.Module] = []
    for inputs, width in pairwise(sizes):
        layers += [nn.Linear(inputs, width), ACTIVATIONS[settings.activation]()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], outputs))


class PPO:
    """One agent: a policy network, a value network, and the environments in which it learns."""

    def __init__(self, settings: Settings = Settings(), seed: int = 0, device: str | torch.device = "cpu") -> None:
        self.settings = settings
        self.env_steps = 0
        self.generator = torch.Generator(device).manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.policy = network(settings, outputs=2).to(device)
            self.value = network(settings, outputs=1).to(device)
        self.parameters = [*self.policy.parameters(), *self.value.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=settings.lr)
        self.envs = BatchedCartPole(settings.num_envs, device, seed, settings.max_episode_steps)

    def train(self, env_steps: int, progress: Callable[[int], None] | None = None) -> None:
        """Iterate until `env_steps` are taken in all; `progress` is told after each iteration."""
        while self.env_steps < env_steps:
            rollout = self.envs.rollout(self.act, self.settings.rollout_steps)
            self.learn(rollout)
            self.env_steps += self.settings.batch_size
            if progress is not None:
                progress(self.env_steps)

    def act(self, observations: Tensor) -> Tensor:
        """An action for each observation (n, 4), drawn as the policy's probabilities say: int64 (n,)."""
        probabilities = self.policy(observations).softmax(-1)
        return torch.multinomial(probabilities, 1, generator=self.generator)[:, 0]

    def learn(self, rollout: Rollout) -> None:
        """All epochs over one rollout."""
        with torch.no_grad():
            advantages, targets = self.advantages(rollout)
            observations, actions = rollout.observations.flatten(0, 1), rollout.actions.flatten().long()
            log_probs = self.log_probs(observations).gather(-1, actions[:, None])[:, 0]
        advantages, targets = advantages.flatten(), targets.flatten()
        for _ in range(self.settings.num_epochs):
            order = torch.randperm(len(actions), generator=self.generator, device=actions.device)
            for part in order.chunk(self.settings.minibatches):
                loss = self.loss(observations[part], actions[part], log_probs[part], advantages[part], targets[part])
                self.optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.parameters, self.settings.grad_clip)
                self.optimizer.step()

    def log_probs(self, observations: Tensor) -> Tensor:
        """Logarithms of the policy's probabilities: float32 (n, 2) for observations (n, 4)."""
        return self.policy(observations).log_softmax(-1)

    def advantages(self, rollout: Rollout) -> tuple[Tensor, Tensor]:
        """Advantages, and what the value function should have said: both float32 (steps, n). GAE, equation 16."""
        values = self.value(rollout.observations)[..., 0]
        # A terminated episode has no future; a truncated one has, and its value is that of its last observation.
        future = self.value(rollout.final_observations)[..., 0] * ~rollout.terminated
        errors = rollout.rewards + self.settings.gamma * future - values
        going = ~(rollout.terminated | rollout.truncated)
        advantages = torch.zeros_like(errors)
        advantage = torch.zeros_like(errors[0])
        for step in reversed(range(len(errors))):
            advantage = errors[step] + self.settings.gamma * self.settings.lambda_ * going[step] * advantage
            advantages[step] = advantage
        return advantages, advantages + values

    def loss(
        self, observations: Tensor, actions: Tensor, old_log_probs: Tensor, advantages: Tensor, targets: Tensor
    ) -> Tensor:
        """PPO's loss, equations 7 and 9, of a minibatch: observations (b, 4), the others (b,)."""
        log_probs = self.log_probs(observations)
        ratio = (log_probs.gather(-1, actions[:, None])[:, 0] - old_log_probs).exp()
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        clipped = ratio.clamp(1 - self.settings.clip_param, 1 + self.settings.clip_param)
        gain = torch.minimum(ratio * advantages, clipped * advantages).mean()
        entropy = -(log_probs.exp() * log_probs).sum(-1).mean()
        error = (self.value(observations)[:, 0] - targets).square().mean()
        return self.settings.vf_loss_coeff * error - gain - self.settings.entropy_coeff * entropy
