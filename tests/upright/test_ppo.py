"""PPO for one agent: the advantages of its paper, a loss that clips, and an agent that learns to balance."""

from __future__ import annotations

import pytest
import torch

from upright.batched import BatchedCartPole, Rollout
from upright.ppo import PPO, Settings


def rollout(terminated: list[bool], truncated: list[bool]) -> Rollout:
    """One environment, a step for each flag."""
    steps = len(terminated)
    numbers = torch.rand(2, steps, 1, 4, generator=torch.Generator().manual_seed(0))
    return Rollout(
        observations=numbers[0],
        actions=torch.zeros(steps, 1, dtype=torch.bool),
        rewards=torch.ones(steps, 1),
        terminated=torch.tensor(terminated)[:, None],
        truncated=torch.tensor(truncated)[:, None],
        final_observations=numbers[1],
        last_observations=numbers[1, -1],
    )


def values(agent: PPO, observations: torch.Tensor) -> list[float]:
    return agent.value(observations).flatten().tolist()


def test_an_advantage_is_the_discounted_sum_of_the_errors_that_follow_in_the_episode() -> None:
    agent = PPO(Settings(gamma=0.9, lambda_=0.5))
    seen = rollout([False, True, False], [False, False, False])
    before, after = values(agent, seen.observations), values(agent, seen.final_observations)
    last = 1 + 0.9 * after[2] - before[2]
    second = 1 - before[1]  # the episode terminates here: no value after it, and nothing that follows counts
    first = 1 + 0.9 * after[0] - before[0] + 0.9 * 0.5 * second
    advantages, targets = agent.advantages(seen)
    torch.testing.assert_close(advantages.flatten(), torch.tensor([first, second, last]))
    torch.testing.assert_close(targets - advantages, torch.tensor(before)[:, None])


def test_a_truncated_episode_is_worth_what_could_have_followed() -> None:
    agent = PPO(Settings(gamma=0.9, lambda_=0.5))
    seen = rollout([False, False], [True, False])
    before, after = values(agent, seen.observations), values(agent, seen.final_observations)
    assert agent.advantages(seen)[0][0].item() == pytest.approx(1 + 0.9 * after[0] - before[0], rel=1e-5)


def test_an_episode_with_both_flags_has_no_future() -> None:
    agent = PPO()
    seen = rollout([True], [True])
    assert agent.advantages(seen)[0].item() == pytest.approx(1 - values(agent, seen.observations)[0], rel=1e-5)


def last_bias(agent: PPO) -> torch.nn.Parameter:
    return list(agent.policy.parameters())[-1]


@pytest.mark.parametrize(("advantage", "old", "moves"), [(1.0, -3.0, False), (-1.0, -3.0, True), (1.0, 0.0, True)])
def test_a_ratio_beyond_the_clip_moves_the_policy_only_back(advantage: float, old: float, moves: bool) -> None:
    agent = PPO(Settings(vf_loss_coeff=0.0))
    observations = torch.zeros(2, 4)
    actions = torch.tensor([0, 0])
    # The second of the two keeps the normalised advantages apart, and has a ratio that lies within the clip.
    now = agent.log_probs(observations)[1, 0].item()
    agent.loss(
        observations, actions, torch.tensor([old, now]), torch.tensor([advantage, -advantage]), torch.zeros(2)
    ).backward()
    alone = PPO(Settings(vf_loss_coeff=0.0))
    gain = (alone.log_probs(observations)[1, 0] - now).exp() * -advantage / 2**0.5 / 2
    (-gain).backward()
    same = torch.allclose(last_bias(agent).grad, last_bias(alone).grad, atol=1e-4)  # type: ignore[arg-type]
    assert same != moves


def greedy_return(agent: PPO) -> float:
    envs = BatchedCartPole(100, seed=1_000)
    running, returns = torch.ones(100, dtype=torch.bool), torch.zeros(100)
    with torch.no_grad():
        for _ in range(200):
            found = envs.step(agent.policy(envs.observations).argmax(-1))
            returns += running
            running &= ~(found.terminated | found.truncated)
    return float(returns.mean())


def test_agents_learn_to_balance_on_four_seeds() -> None:
    before, after = [], []
    for seed in range(4):
        agent = PPO(seed=seed)
        before.append(greedy_return(agent))
        agent.train(8_000)
        after.append(greedy_return(agent))
    assert sum(before) / 4 < 60
    assert sum(after) / 4 > 130, after


def test_a_seed_gives_the_same_agent_again() -> None:
    def weights(seed: int) -> torch.Tensor:
        agent = PPO(seed=seed)
        agent.train(1_000)
        return last_bias(agent).detach()

    assert torch.equal(weights(4), weights(4))
    assert not torch.equal(weights(4), weights(5))


def test_progress_is_told_after_each_iteration() -> None:
    told: list[int] = []
    PPO(Settings(num_epochs=1)).train(1_000, told.append)
    assert told == [512, 1024]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"minibatches": 3}, "minibatches is 3, which does not divide 512 env steps"),
        ({"activation": "gelu"}, "activation is 'gelu'; it can be tanh, relu"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(**wrong)  # type: ignore[arg-type]
