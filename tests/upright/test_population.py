"""Many agents in one tensor program learn what each of them would learn alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from upright import memory
from upright.batched import Move, Rollout
from upright.evaluation import evaluate_batch
from upright.population import Batch, Minibatch, Population, bytes_per_agent
from upright.ppo import PPO, Settings

VARIED = [
    Settings(lr=1e-3, clip_param=0.1, entropy_coeff=0.01, num_epochs=2, minibatches=4),
    Settings(lr=3e-3, gamma=0.9, lambda_=0.5, vf_loss_coeff=1.0, num_epochs=2, minibatches=4),
    Settings(lr=1e-2, grad_clip=0.01, num_epochs=2, minibatches=4),
]


def twin(population: Population, agent: int) -> PPO:
    """The single-agent code with one agent's settings and weights."""
    found = PPO(replace(VARIED[agent]))
    for network, place in ((found.policy, agent), (found.value, population.size + agent)):
        linear = [layer for layer in network if isinstance(layer, torch.nn.Linear)]
        for layer, (weight, bias) in zip(linear, population.networks.layers, strict=True):
            layer.weight.data = weight[place, : layer.out_features].clone()
            layer.bias.data = bias[place, : layer.out_features, 0].clone()
    found.optimizer = torch.optim.Adam(found.parameters, lr=found.settings.lr)
    return found


def test_every_agents_step_is_that_of_the_code_for_one() -> None:
    population = Population(VARIED, seeds=[1, 2, 3])
    twins = [twin(population, agent) for agent in range(3)]
    for _ in range(3):
        batch = Batch(*(each.clone() for each in population.collect()))  # autograd takes no tensor of inference mode
        parts = [Batch(*part) for part in zip(*(each.chunk(4, dim=-1) for each in batch), strict=True)]
        for minibatch, part in zip(population.minibatches(batch), parts, strict=True):
            population.update(minibatch)
            for agent, alone in enumerate(twins):
                observations, signs, chances, *others = (each[agent] for each in part)
                loss = alone.loss(observations.T, (signs > 0).long(), chances.log(), *others)
                alone.optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(alone.parameters, alone.settings.grad_clip)
                alone.optimizer.step()
                expected = torch.cat([parameter.flatten() for parameter in alone.parameters])
                found = torch.cat([parameter.flatten() for parameter in twin(population, agent).parameters])
                torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)


def test_the_advantages_of_a_rollout_are_those_of_the_code_for_one() -> None:
    population = Population(VARIED, seeds=[1, 2, 3])
    population.envs.limits[2] = 19.5  # so that terminated and truncated both come about
    recorded: list[tuple[torch.Tensor, Move]] = []
    move = population.envs.move

    def recording(*given: torch.Tensor) -> Move:
        recorded.append((population.envs.observations, move(*given)))
        return recorded[-1][1]

    population.envs.move = recording  # type: ignore[method-assign, assignment]
    batch = population.collect()
    seen = torch.stack([observations for observations, _ in recorded])
    final = torch.stack([found.moved[:4].T for _, found in recorded])
    terminated = torch.stack([found.reach > 1 for _, found in recorded])
    truncated = torch.stack([found.moved[4] == 20 for _, found in recorded])
    assert 0 < terminated.sum() < (terminated | truncated).sum()
    for agent in range(3):
        alone, envs = twin(population, agent), slice(16 * agent, 16 * (agent + 1))
        ends = terminated[:, envs], truncated[:, envs]
        rewards = torch.ones(ends[0].shape)
        rollout = Rollout(seen[:, envs], seen[:, envs, 0] > 0, rewards, *ends, final[:, envs], seen[-1, envs])
        advantages, targets = alone.advantages(rollout)
        torch.testing.assert_close(batch.advantages[agent], advantages.flatten(), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(batch.targets[agent], targets.flatten(), rtol=1e-4, atol=1e-5)


def test_an_agent_learns_beside_others_what_it_learns_alone() -> None:
    together, alone = Population(VARIED, seeds=[1, 2, 3]), Population(VARIED[1:2], seeds=[2])
    for population in (together, alone):
        population.train(512)
    for shared, single in zip(together.networks.layers, alone.networks.layers, strict=True):
        for several, one in zip(shared, single, strict=True):
            torch.testing.assert_close(several[[1, 4]], one, rtol=1e-3, atol=1e-5)


def test_actions_come_as_often_as_softmax_says() -> None:
    population = Population([Settings(num_envs=500, rollout_steps=40)], seeds=[0])
    batch = population.collect()
    chance = population.networks.function(population.policies)(batch.observations).softmax(1)[:, 1]
    right = (batch.signs + 1) / 2
    error = (right - chance).sum() / (chance * (1 - chance)).sum().sqrt()
    assert abs(error) < 4
    torch.testing.assert_close(batch.chances, torch.where(right > 0, chance, 1 - chance))


def test_each_epoch_goes_once_over_every_step_of_every_agent() -> None:
    population = Population(VARIED, seeds=[1, 2, 3])
    batch = population.collect()
    batch = batch._replace(targets=torch.arange(512.0).repeat(3, 1))
    parts: list[Minibatch] = []
    population.update = parts.append  # type: ignore[method-assign, assignment]
    population.learn(batch)
    assert len(parts) == 8
    for epoch in (parts[:4], parts[4:]):
        places = torch.cat([part.targets for part in epoch], dim=-1).long()
        assert torch.equal(places.sort(-1).values, torch.arange(512).repeat(3, 1))
        columns = torch.cat([part.observations for part in epoch], dim=-1)
        assert torch.equal(columns[2], batch.observations[2][:, places[2]])
        assert torch.equal(columns[3:], columns[:3])
    first = parts[0].targets
    assert not torch.equal(first[0], first[1])


def test_learning_curves_are_those_of_the_code_for_one_within_the_noise_of_seeds() -> None:
    """Ten seeds each: the mean greedy return at three points of training, compared as two samples are."""
    settings, seeds, points = Settings(), range(10), (1_024, 2_048, 4_096)
    population = Population([settings] * len(seeds), list(seeds))
    agents = [PPO(settings, seed=1_000 + seed) for seed in seeds]
    for env_steps in points:
        population.train(env_steps)
        together = population.evaluate(50, seed=9).numpy()
        alone = np.array([_greedy_return(agent, env_steps) for agent in agents])
        spread = np.sqrt((together.var(ddof=1) + alone.var(ddof=1)) / len(seeds))
        assert abs(together.mean() - alone.mean()) < 3.5 * spread + 5, env_steps


def _greedy_return(agent: PPO, env_steps: int) -> float:
    agent.train(env_steps)

    def act(observations: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return agent.policy(torch.as_tensor(observations, dtype=torch.float32)).argmax(-1).numpy()

    return float(evaluate_batch(act, 50, seed=9).mean())


def test_a_policy_as_data_is_the_policy_that_was_evaluated() -> None:
    population = Population([Settings()] * 2, seeds=[0, 1])
    population.train(3_000)
    policy = population.policy(1, env_steps=population.env_steps, seed=1)
    observations = np.random.default_rng(0).uniform(-0.2, 0.2, (100, 4)).astype(np.float32)
    logits = population.networks.function(slice(1, 2))(torch.tensor(observations.T)[None])[0]
    assert (policy.act(observations) == logits.argmax(0).numpy()).all()
    gymnasiums = evaluate_batch(policy, 200, seed=5)
    error = np.sqrt(gymnasiums.var() * (1 / 200 + 1 / 200)) + 1
    assert abs(gymnasiums.mean() - population.evaluate(200, seed=5)[1].item()) < 4 * error
    assert policy.trained == {"env_steps": 3_072, "seed": 1}


@pytest.mark.parametrize(
    ("settings", "seeds", "said"),
    [
        ([], [], "0 settings and 0 seeds"),
        ([Settings()], [1, 2], "1 settings and 2 seeds; give one of each for every agent"),
        ([Settings(), Settings(num_envs=8)], [1, 2], "num_envs has 2 values; agents that train together share it"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: list[Settings], seeds: list[int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Population(settings, seeds)


def test_more_agents_than_memory_holds_are_refused_with_the_number_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    each = bytes_per_agent(Settings())
    monkeypatch.setattr(memory, "free", lambda device: 5 * each)
    Population([Settings()] * 5, range(5))
    with pytest.raises(MemoryError, match=r"6 agents need about 0\.0 GB, and cpu has 0\.0 GB free; at most 5 fit"):
        Population([Settings()] * 6, range(6))
