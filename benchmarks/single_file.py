"""PPO in one file on Gymnasium's vectorised environments, with the settings that CleanRL's ppo.py has for CartPole.

Huang et al., "CleanRL: High-quality Single-file Implementations of Deep Reinforcement Learning Algorithms" (JMLR 23,
2022). The code is ours, in that style; the settings are theirs: 4 environments × 128 steps, 4 epochs of 4 minibatches,
a learning rate of 2.5e-4 that falls to zero over 500,000 env steps, clipped values, a bonus for entropy.
"""

from __future__ import annotations

from collections.abc import Iterator

import gymnasium as gym
import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Categorical

NUM_ENVS, ROLLOUT_STEPS, EPOCHS, MINIBATCHES = 4, 128, 4, 4
LR, TOTAL_ENV_STEPS = 2.5e-4, 500_000
GAMMA, LAMBDA, CLIP, ENTROPY, VALUE, GRAD_CLIP = 0.99, 0.95, 0.2, 0.01, 0.5, 0.5
BATCH = NUM_ENVS * ROLLOUT_STEPS


def layer(inputs: int, outputs: int, gain: float) -> nn.Linear:
    linear = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(linear.weight, gain)
    nn.init.zeros_(linear.bias)
    return linear


def network(outputs: int, gain: float) -> nn.Sequential:
    hidden = 2**0.5
    return nn.Sequential(layer(4, 64, hidden), nn.Tanh(), layer(64, 64, hidden), nn.Tanh(), layer(64, outputs, gain))


class SingleFile:
    """One agent. `iterations` yields the env steps taken, after each rollout and the updates from it."""

    def __init__(self, env_id: str, seed: int) -> None:
        torch.manual_seed(seed)
        np.random.seed(seed)
        self.envs = gym.make_vec(env_id, num_envs=NUM_ENVS, vectorization_mode="sync")
        self.policy, self.value = network(2, 0.01), network(1, 1.0)
        self.parameters = [*self.policy.parameters(), *self.value.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=LR, eps=1e-5)
        self.observation = torch.as_tensor(self.envs.reset(seed=seed)[0])
        self.ended = torch.zeros(NUM_ENVS)

    @torch.no_grad()
    def greedy(self, observations: np.ndarray) -> np.ndarray:
        """Actions (n,) for observations float32 (n, 4)."""
        return self.policy(torch.as_tensor(observations)).argmax(-1).numpy()

    def iterations(self) -> Iterator[int]:
        for iteration in range(TOTAL_ENV_STEPS // BATCH):
            self.optimizer.param_groups[0]["lr"] = LR * (1 - iteration * BATCH / TOTAL_ENV_STEPS)
            batch = self.rollout()
            for _ in range(EPOCHS):
                for rows in torch.randperm(BATCH).chunk(MINIBATCHES):
                    self.update(*(each[rows] for each in batch))
            yield (iteration + 1) * BATCH

    @torch.no_grad()
    def rollout(self) -> list[Tensor]:
        """Observations, actions, log-probabilities, advantages, targets and values, each of length BATCH."""
        shape = (ROLLOUT_STEPS, NUM_ENVS)
        observations, actions = torch.zeros(*shape, 4), torch.zeros(shape, dtype=torch.long)
        log_probs, values, rewards, ended = (torch.zeros(shape) for _ in range(4))
        for step in range(ROLLOUT_STEPS):
            chosen = Categorical(logits=self.policy(self.observation))
            action = chosen.sample()
            observations[step], ended[step], actions[step] = self.observation, self.ended, action
            log_probs[step], values[step] = chosen.log_prob(action), self.value(self.observation)[:, 0]
            found, reward, terminated, truncated, _ = self.envs.step(action.numpy())
            rewards[step] = torch.as_tensor(reward)
            self.observation, self.ended = torch.as_tensor(found), torch.as_tensor(terminated | truncated).float()
        advantages, last = torch.zeros(shape), torch.zeros(NUM_ENVS)
        following, going = self.value(self.observation)[:, 0], 1 - self.ended
        for step in reversed(range(ROLLOUT_STEPS)):
            error = rewards[step] + GAMMA * following * going - values[step]
            advantages[step] = last = error + GAMMA * LAMBDA * going * last
            following, going = values[step], 1 - ended[step]
        parts = (observations, actions, log_probs, advantages, advantages + values, values)
        return [each.flatten(0, 1) for each in parts]

    def update(
        self, observations: Tensor, actions: Tensor, log_probs: Tensor, advantages: Tensor, targets: Tensor, old: Tensor
    ) -> None:
        chosen = Categorical(logits=self.policy(observations))
        ratio = (chosen.log_prob(actions) - log_probs).exp()
        scaled = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        loss = -torch.minimum(ratio * scaled, ratio.clamp(1 - CLIP, 1 + CLIP) * scaled).mean()
        values = self.value(observations)[:, 0]
        near = old + (values - old).clamp(-CLIP, CLIP)
        errors = torch.maximum((values - targets).square(), (near - targets).square())
        loss = loss - ENTROPY * chosen.entropy().mean() + VALUE * 0.5 * errors.mean()
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, GRAD_CLIP)
        self.optimizer.step()
