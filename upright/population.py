"""PPO for many agents at once: one tensor program trains them all, each with its own seed and hyperparameters.

The networks of all agents are stacked, so that one batched product of matrices stands for one layer of all of them.
`upright.ppo` is the same algorithm for a single agent, to be read first; tests hold the two to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from upright import memory
from upright.batched import START, BatchedCartPole
from upright.policy import Policy
from upright.ppo import Settings
from upright.stacked import Stack, numbers_of
from upright.streams import keys, uniform

PER_AGENT = ("lr", "gamma", "lambda_", "clip_param", "entropy_coeff", "vf_loss_coeff", "grad_clip")
SHARED = tuple(field.name for field in fields(Settings) if field.name not in PER_AGENT)


class Batch(NamedTuple):
    """What one iteration learns from; n agents, each with b = num_envs * rollout_steps env steps.

    observations: float32 (n, 4, b). The others: float32 (n, b). signs: 1 where the action was to push to the right, -1
    to the left. chances: how probable the policy made it. advantages, targets: as in `upright.ppo`.
    """

    observations: Tensor
    signs: Tensor
    chances: Tensor
    advantages: Tensor
    targets: Tensor


class Minibatch(NamedTuple):
    """What one update learns from, of b env steps for each agent: what of the loss depends on no network is in it.

    observations: float32 (2n, 4, b), once for the policies, once for the value functions. The others: float32 (n, b).
    signs, targets: as in `Batch`. inverse: 1 / chances. sides: the signs of the advantages. bounds: sides + clip_param;
    a probability ratio is clipped where ratio * sides is more. weights: advantages, brought to mean 0 and spread 1 over
    the minibatch, times signs / -b.
    """

    observations: Tensor
    signs: Tensor
    targets: Tensor
    inverse: Tensor
    sides: Tensor
    bounds: Tensor
    weights: Tensor


def bytes_per_agent(settings: Settings) -> int:
    """Memory that one agent of a population needs, at most: networks, a rollout, and what an update keeps."""
    sizes = [4, *settings.hiddens, 2]
    update = settings.batch_size // settings.minibatches * (sum(sizes) + 2 * max(sizes))
    rollout = settings.batch_size * (56 + sum(sizes))
    return 4 * (12 * numbers_of(sizes) + 2 * update + rollout)


class Population:
    """Agents that train side by side.

    settings: one for each agent; they may differ in the numbers that PER_AGENT lists, and not in the others. seeds: one
    for each agent; its first weights and all its random numbers come from it alone, so that it learns what it would
    learn beside any others, as far as rounding lets it. Raises ValueError for settings that do not go together, and
    MemoryError, with the largest number that fits, for more agents than the device has room for.
    """

    def __init__(self, settings: Sequence[Settings], seeds: Sequence[int], device: str | torch.device = "cpu") -> None:
        if not settings or len(settings) != len(seeds):
            raise ValueError(f"{len(settings)} settings and {len(seeds)} seeds; give one of each for every agent")
        self.shared = settings[0]
        for name in SHARED:
            values = {getattr(each, name) for each in settings}
            if len(values) > 1:
                raise ValueError(f"{name} has {len(values)} values; agents that train together share it")
        self.size, self.device = len(seeds), torch.device(device)
        memory.check(self.size, bytes_per_agent(self.shared), "agents", self.device)
        self.keys = keys(seeds, device)
        self.drawn = 0
        self.per_agent = {
            name: torch.tensor([getattr(each, name) for each in settings], device=device)[:, None] for name in PER_AGENT
        }
        # n policies, then n value functions. All have two outputs, to be of one shape; a value is the first of them.
        self.rates = self.per_agent["lr"].repeat(2, 1)
        # Softmax over two logits depends on nothing but the second minus the first.
        self.contrast = torch.tensor([[-1.0, 1.0]], device=device)
        self.networks = Stack(2 * self.size, [4, *self.shared.hiddens, 2], self.shared.activation, device)
        numbers = self._draw(2 * self.networks.per_network).view(self.size, 2, -1)
        self.networks.start(numbers.transpose(0, 1).flatten(0, 1))
        self.policies, self.values = slice(0, self.size), slice(self.size, None)
        self.envs = BatchedCartPole(
            self.size * self.shared.num_envs, device, max_episode_steps=self.shared.max_episode_steps
        )
        self.envs.state = self._by_env(self._draw(4 * self.shared.num_envs), 1)[0]

    @property
    def env_steps(self) -> int:
        """Env steps that each agent has taken for training."""
        return self.networks.updates // self.shared.updates_per_iteration * self.shared.batch_size

    def _draw(self, count: int) -> Tensor:
        """The next numbers of every agent's stream, float32 (n, count)."""
        self.drawn += count
        return uniform(self.keys, self.drawn - count, count)

    def _by_env(self, numbers: Tensor, steps: int) -> Tensor:
        """Starting states from numbers (n, steps * 4 * num_envs), as float32 (steps, 5, n * num_envs)."""
        spread = ((numbers * 2 - 1) * START).view(self.size, steps, 4, self.shared.num_envs)
        return pad(spread.permute(1, 2, 0, 3).flatten(2), (0, 0, 0, 1))

    def train(self, env_steps: int, progress: Callable[[int], None] | None = None) -> None:
        """Let every agent train until it has taken at least `env_steps` in all; `progress` is told after iterations."""
        while self.env_steps < env_steps:
            self.learn(self.collect())
            if progress is not None:
                progress(self.env_steps)

    @torch.inference_mode()
    def collect(self) -> Batch:
        """A rollout of all agents, with the advantages of its steps. Autograd takes clones of these tensors only."""
        steps, envs = self.shared.rollout_steps, self.shared.num_envs
        chance = self._draw(steps * envs).view(self.size, steps, envs).transpose(0, 1)
        # A logistic number below the difference of two logits: this is how often softmax chooses the second.
        noise = torch.log(chance / (1 - chance)).flatten(1)
        starts = self._by_env(self._draw(steps * 4 * envs), steps).unbind()
        difference_of = self.networks.function(self.policies, self.contrast)
        observed, margins, found = [self.envs.state], [], []
        for threshold, start in zip(noise.unbind(), starts, strict=True):
            seen = observed[-1][:4].view(4, self.size, envs).transpose(0, 1)
            margins.append(difference_of(seen).flatten() - threshold)
            found.append(self.envs.move(torch.copysign(self.envs.left, margins[-1]), start))
            observed.append(self.envs.state)
        margin = torch.stack(margins)
        signs = torch.copysign(self.envs.rewards, margin)
        chances = (signs * (margin + noise)).sigmoid_()
        observations = self._by_agent(torch.stack(observed))
        moved, reach = (torch.stack([getattr(each, name) for each in found]) for name in ("moved", "reach"))
        advantages, targets = self._advantages(observations[:, :4], moved, reach)
        signs, chances = (self._by_agent(each[:, None])[:, 0] for each in (signs, chances))
        return Batch(observations[:, :4, :-envs], signs, chances, advantages, targets)

    def _by_agent(self, rollout: Tensor) -> Tensor:
        """From (steps, k, n * num_envs) to (n, k, b)."""
        return rollout.unflatten(-1, (self.size, -1)).permute(2, 1, 0, 3).flatten(2)

    def _advantages(self, observed: Tensor, moved: Tensor, reach: Tensor) -> tuple[Tensor, Tensor]:
        """Advantages and targets of a rollout, float32 (n, b).

        observed: float32 (n, 4, b + num_envs), what was seen before each step and after the last one. moved, reach: as
        in `Move`, float32 (steps, 5, n * num_envs) and (steps, n * num_envs).
        """
        envs = self.shared.num_envs
        moved, reach = self._by_agent(moved), self._by_agent(reach[:, None])[:, 0]
        terminated, truncated = reach > 1, moved[:, 4] > self.envs.limits[2]
        values = self._values(observed)
        values, future = values[:, :-envs], values[:, envs:]
        # A terminated episode has no future; a truncated one has, and its value is that of its last observation.
        if most := int(truncated.sum(-1).max()):
            last = truncated.float().topk(most, sorted=False).indices
            future = future.scatter(-1, last, self._values(moved[:, :4].gather(-1, last[:, None].expand(-1, 4, -1))))
        gamma, lambda_ = self.per_agent["gamma"], self.per_agent["lambda_"]
        errors = 1.0 + gamma * future * ~terminated - values
        decay = gamma * lambda_ * ~(terminated | truncated)
        advantages = [errors[:, -envs:]]
        for error, kept in zip(errors.split(envs, -1)[-2::-1], decay.split(envs, -1)[-2::-1], strict=True):
            advantages.append(torch.addcmul(error, kept, advantages[-1]))
        found = torch.cat(advantages[::-1], dim=-1)
        return found, found + values

    def _values(self, states: Tensor) -> Tensor:
        """What the value functions say of states (n, 4, b): float32 (n, b)."""
        return self.networks.forward(states, self.values)[:, 0].clone()

    @torch.inference_mode()
    def learn(self, batch: Batch) -> None:
        """All epochs over one batch, in minibatches that each agent shuffles for itself."""
        for minibatch in self._epochs(batch):
            self.update(minibatch)

    def _epochs(self, batch: Batch) -> Iterator[Minibatch]:
        if self.shared.minibatches == 1:
            yield from self.minibatches(batch) * self.shared.num_epochs
            return
        rows = torch.cat([batch.observations, torch.stack(batch[1:], dim=1)], dim=1)
        for _ in range(self.shared.num_epochs):
            order = self._draw(self.shared.batch_size).argsort(-1)
            shuffled = rows.gather(-1, order[:, None].expand(rows.shape))
            yield from self.minibatches(Batch(shuffled[:, :4], *shuffled[:, 4:].unbind(1)))

    @torch.inference_mode()
    def minibatches(self, batch: Batch) -> list[Minibatch]:
        """A batch in equal parts, from first to last."""
        observations, signs, chances, advantages, targets = (
            each.unflatten(-1, (self.shared.minibatches, -1)) for each in batch
        )
        spread, mean = torch.std_mean(advantages, dim=-1, keepdim=True)
        advantages = (advantages - mean) / (spread + 1e-8)
        sides = advantages.sign()
        bounds = sides + self.per_agent["clip_param"][..., None]
        weights = advantages * signs / -signs.shape[-1]
        found = (torch.cat([observations] * 2), signs, targets, 1 / chances, sides, bounds, weights)
        return [Minibatch(*parts) for parts in zip(*(each.unbind(-2) for each in found), strict=True)]

    @torch.inference_mode()
    def update(self, minibatch: Minibatch) -> None:
        """One step of Adam for every agent on its own loss."""
        outputs = self.networks.forward(minibatch.observations)
        self.networks.backward(self.loss_gradient(minibatch, outputs))
        norms = self.networks.norms().view(2, self.size).square().sum(0).sqrt()
        factors = (self.per_agent["grad_clip"] / (norms[:, None] + 1e-6)).clamp_(max=1.0)
        self.networks.adam(self.rates, torch.cat([factors] * 2))

    def loss_gradient(self, minibatch: Minibatch, outputs: Tensor) -> Tensor:
        """How each agent's loss changes with the outputs of its two networks, both float32 (2n, 2, b).

        The loss is that of `upright.ppo`: Schulman et al., "Proximal Policy Optimization Algorithms" (arXiv 1707.06347,
        2017), equations 7 and 9. Its derivatives are written out, because PyTorch would take four times as long to find
        them as to compute them. With d the difference of the two logits, s = 1 or -1 for the action taken and p =
        sigmoid(s d) its probability: p has the derivative s p (1 - p), the entropy has -d p (1 - p), and 1 - p is
        sigmoid(-s d).
        """
        logits, values = outputs.split(self.size)
        difference = logits[:, 1] - logits[:, 0]
        signed = minibatch.signs * difference
        chances = signed.sigmoid()
        ratio = chances * minibatch.inverse
        # Where clipping makes the gain the smaller of the two, it no longer depends on the policy.
        clipped = ratio * minibatch.sides > minibatch.bounds
        by_chance = ratio.mul_(minibatch.weights).masked_fill_(clipped, 0)
        size = outputs.shape[-1]
        by_chance.addcmul_(difference.mul_(chances), self.per_agent["entropy_coeff"] / size)
        by_difference = by_chance.mul_(signed.neg_().sigmoid_())
        gradient = torch.zeros_like(outputs)
        gradient[: self.size, 1] = by_difference
        gradient[: self.size, 0] = -by_difference
        gradient[self.size :, 0] = (values[:, 0] - minibatch.targets) * (self.per_agent["vf_loss_coeff"] * (2 / size))
        return gradient

    @torch.inference_mode()
    def evaluate(self, episodes: int = 100, seed: int = 0) -> Tensor:
        """Mean return of each agent's greedy policy over `episodes` episodes, float32 (n,).

        All play from the same starting states, those of `upright.evaluate_batch` with that seed.
        """
        drawn = np.random.default_rng(seed).uniform(-START, START, (4, episodes))
        starts = torch.tensor(drawn, dtype=torch.float32, device=self.device)
        envs = BatchedCartPole(self.size * episodes, self.device, 0, self.shared.max_episode_steps)
        envs.state = pad(starts, (0, 0, 0, 1)).repeat(1, self.size)
        running = torch.ones(self.size * episodes, dtype=torch.bool, device=self.device)
        returns = torch.zeros(self.size * episodes, device=self.device)
        difference_of = self.networks.function(self.policies, self.contrast)
        for _ in range(self.shared.max_episode_steps):
            difference = difference_of(envs.state[:4].view(4, self.size, episodes).transpose(0, 1))
            found = envs.step((difference > 0).flatten(), envs.state)
            returns += running
            running &= ~(found.terminated | found.truncated)
            if self.device.type == "cpu" and not running.any():
                break
        return returns.view(self.size, episodes).mean(-1)

    def policy(self, agent: int, **trained: int | float | str) -> Policy:
        """The policy of one agent as data. `trained` is kept with it: how many env steps, which seed."""
        layers = [
            {"weight": weight.double().tolist(), "bias": bias[:, 0].double().tolist(), "activation": activation}
            for (weight, bias), activation in zip(
                [(weight[agent], bias[agent]) for weight, bias in self.networks.layers],
                [self.shared.activation] * len(self.shared.hiddens) + ["linear"],
                strict=True,
            )
        ]
        data = {
            "format": "upright-policy/1",
            "observation_size": 4,
            "action_size": 2,
            "layers": layers,
            "trained": trained,
        }
        return Policy.parse(data, source=f"agent {agent} of a population")
