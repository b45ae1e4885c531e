"""Carts and poles in a tensor do what Gymnasium's do, and end and begin as they should."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch

from upright.batched import ANGLE_LIMIT, STANDARD, X_LIMIT, BatchedCartPole, advance

RIGHT, LEFT = True, False


@pytest.fixture
def reference() -> Any:
    return gym.make("CartPole-v1").unwrapped


def column(*numbers: float) -> torch.Tensor:
    """The state of one environment whose episode has not had a step."""
    return torch.tensor([*numbers, 0.0], dtype=torch.float32)[:, None]


@pytest.mark.parametrize("xp", [torch, np], ids=["PyTorch", "NumPy"])
def test_ten_thousand_random_transitions_are_gymnasiums(xp: Any, reference: Any) -> None:
    rng = np.random.default_rng(0)
    states = rng.uniform(-1, 1, (5, 10_000)) * [[X_LIMIT], [4.0], [ANGLE_LIMIT], [4.0], [0.0]]
    states = states.astype(np.float32)
    right = rng.random(10_000) < 0.5
    push = np.where(right, 1.0, -1.0) * STANDARD.force_mag / (STANDARD.masspole * STANDARD.length)
    given = (states, push.astype(np.float32), np.full(10_000, 1 / STANDARD.tau, np.float32))
    state, push, pace = (xp.asarray(each) for each in given)
    found = np.asarray(advance(xp, state, push, pace, STANDARD))
    assert found.dtype == np.float32
    assert (found[4] == 1).all()
    for place in range(10_000):
        reference.state = states[:4, place].astype(np.float64)
        reference.steps_beyond_terminated = None
        reference.step(int(right[place]))
        np.testing.assert_allclose(found[:4, place], reference.state, rtol=2e-6, atol=2e-6)


# Position, velocity, angle, angular velocity, the push, and the limit that is passed.
ENDS = {
    "over the right edge": (2.3, 1.0, 0.0, 0.0, RIGHT),
    "over the left edge": (-2.3, -1.0, 0.0, 0.0, LEFT),
    "tilted too far to the right": (0.0, 0.0, 0.18, 0.5, LEFT),
    "tilted too far to the left": (0.0, 0.0, -0.18, -0.5, RIGHT),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_episode_terminates_at_the_step_at_which_gymnasiums_does(reference: Any, end: str) -> None:
    *state, right = ENDS[end]
    envs = BatchedCartPole(1)
    envs.state = column(*state)
    reference.reset()
    reference.state = np.array(state)
    for _ in range(100):
        observation, _, terminated, _, _ = reference.step(int(right))
        found = envs.step(torch.tensor([right]))
        assert found.terminated.item() == terminated
        np.testing.assert_allclose(found.final_observations[0], observation, atol=1e-5)
        if terminated:
            return
    pytest.fail("no end within 100 steps")


def test_an_episode_is_truncated_at_its_last_step_and_not_before() -> None:
    envs = BatchedCartPole(1, max_episode_steps=3)
    flags = [envs.step(torch.tensor([step % 2])) for step in range(6)]
    assert [found.truncated.item() for found in flags] == [False, False, True, False, False, True]
    assert not any(found.terminated.item() for found in flags)


def test_steps_are_counted_exactly_to_the_end_of_a_long_episode() -> None:
    envs = BatchedCartPole(1, max_episode_steps=20_000)
    state = envs.state.clone()
    for step in range(1, 20_001):
        envs.state[:4] = state[:4]  # it never falls
        found = envs.move(envs.left, state)
        assert found.moved[4].item() == step
    assert envs.state[4].item() == 0


def test_a_last_step_that_also_passes_a_limit_has_both_flags() -> None:
    envs = BatchedCartPole(1, max_episode_steps=1)
    envs.state = column(2.39, 2.0, 0.0, 0.0)
    found = envs.step(torch.tensor([RIGHT]))
    assert found.terminated.item()
    assert found.truncated.item()


def test_only_an_ended_episode_begins_anew_and_its_last_observation_is_kept() -> None:
    envs = BatchedCartPole(3)
    envs.state = torch.cat([column(0, 0, 0, 0), column(2.39, 2, 0, 0), column(0, 0, 0.1, 0)], dim=1)
    found = envs.step(torch.tensor([RIGHT, RIGHT, LEFT]))
    assert found.terminated.tolist() == [False, True, False]
    assert found.final_observations[1, 0] > X_LIMIT
    assert found.observations[1].abs().max() <= 0.05
    assert torch.equal(found.observations[[0, 2]], found.final_observations[[0, 2]])
    assert envs.state[4].tolist() == [1, 0, 1]


def test_a_new_episode_begins_where_it_is_told_to() -> None:
    envs = BatchedCartPole(2, max_episode_steps=1)
    starts = torch.arange(10.0).view(5, 2)
    assert torch.equal(envs.step(torch.tensor([0, 1]), starts).observations, starts[:4].T)


def test_every_step_is_rewarded_with_one() -> None:
    assert BatchedCartPole(2, max_episode_steps=1).step(torch.tensor([0, 1])).rewards.tolist() == [1.0, 1.0]


def test_starts_are_gymnasiums_four_small_numbers() -> None:
    starts = BatchedCartPole(10_000).observations
    assert starts.shape == (10_000, 4)
    assert -0.05 <= starts.min() < -0.0499
    assert 0.0499 < starts.max() <= 0.05
    assert starts.mean(0).abs().max() < 0.002


def test_starting_states_are_drawn_anew_when_their_pool_is_used_up() -> None:
    """65 steps use up a pool. Up to 4,096 environments no state of it serves twice."""
    envs = BatchedCartPole(3, max_episode_steps=1)
    starts = torch.cat([envs.observations, *(envs.step(torch.ones(3)).observations for _ in range(70))])
    assert len(starts.unique(dim=0)) == len(starts)


def test_many_environments_share_starting_states_at_different_steps_only() -> None:
    envs = BatchedCartPole(8_192, max_episode_steps=1)
    starts = torch.stack([envs.step(torch.ones(8_192)).observations for _ in range(64)])
    assert all(len(each.unique(dim=0)) == 8_192 for each in starts)
    _, uses = starts.flatten(0, 1).unique(dim=0, return_counts=True)
    assert 2 <= uses.max() <= 64


def test_a_rollout_holds_what_was_seen_done_and_found() -> None:
    envs = BatchedCartPole(5, seed=3, max_episode_steps=200)
    rollout = envs.rollout(lambda observations: observations[:, 2] + observations[:, 3] > 0, steps=40)
    assert rollout.observations.shape == rollout.final_observations.shape == (40, 5, 4)
    for name in ("actions", "rewards", "terminated", "truncated"):
        assert getattr(rollout, name).shape == (40, 5)
    assert torch.equal(rollout.actions, rollout.observations[..., 2] + rollout.observations[..., 3] > 0)
    after = torch.cat([rollout.observations[1:], rollout.last_observations[None]])
    going = ~(rollout.terminated | rollout.truncated)
    assert torch.equal(after[going], rollout.final_observations[going])


def test_a_seed_gives_the_same_rollout_again_and_another_seed_another() -> None:
    def played(seed: int) -> torch.Tensor:
        return BatchedCartPole(4, seed=seed).rollout(lambda seen: seen[:, 3] < 0, 60).observations

    assert torch.equal(played(1), played(1))
    assert not torch.equal(played(1), played(2))


@pytest.mark.parametrize("name", ["num_envs", "max_episode_steps"])
def test_a_number_that_makes_no_sense_is_refused_with_its_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 0; give a whole number from 1 on"):
        BatchedCartPole(**{"num_envs": 2, name: 0})  # type: ignore[arg-type]


def test_more_environments_than_memory_holds_are_refused_with_the_number_that_fits() -> None:
    with pytest.raises(MemoryError, match=r"1,000,000,000,000 environments need about .* at most [\d,]+ fit"):
        BatchedCartPole(10**12)


@pytest.mark.slow
def test_a_compiled_step_is_the_same_step() -> None:
    plain, compiled = BatchedCartPole(64), BatchedCartPole(64, compiled=True)
    for _ in range(20):
        right = plain.state[3] > 0
        torch.testing.assert_close(plain.step(right).observations, compiled.step(right).observations)
