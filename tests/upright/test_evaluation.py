"""An evaluation plays the episodes it says, and an interval covers the mean as often as it says."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import upright
from upright import Policy, evaluate, evaluate_batch, mean_interval

upright.quiet()

ANGLE = Policy.linear([[0, 0, -1, 0], [0, 0, 1, 0]])
WEIGHTS = np.array([0.1, 0.3, 1.5, 1.0])
BALANCES = Policy.linear([-WEIGHTS, WEIGHTS])


def left(observations: np.ndarray) -> np.ndarray:
    return np.zeros(len(observations), dtype=np.int64)


def test_evaluate_equals_a_loop_written_by_hand_seed_by_seed() -> None:
    expected = []
    env = gym.make("CartPole-v0")
    for seed in range(40, 50):
        observation, _ = env.reset(seed=seed)
        total, ended = 0.0, False
        while not ended:
            observation, reward, terminated, truncated, _ = env.step(ANGLE(observation))
            total += float(reward)
            ended = terminated or truncated
        expected.append(total)
    env.close()
    assert len(set(expected)) > 3
    assert evaluate(ANGLE, episodes=10, seed=40).tolist() == expected


def test_the_first_episode_of_a_seed_is_the_second_of_the_seed_before() -> None:
    assert evaluate(ANGLE, episodes=4, seed=7)[1:].tolist() == evaluate(ANGLE, episodes=3, seed=8).tolist()


def test_an_episode_of_cartpole_v0_ends_after_200_steps_and_of_v1_after_500() -> None:
    assert evaluate(BALANCES, episodes=2).tolist() == [200.0, 200.0]
    assert evaluate(BALANCES, episodes=2, env_id="CartPole-v1").tolist() == [500.0, 500.0]
    assert evaluate_batch(BALANCES, episodes=2).tolist() == [200.0, 200.0]
    assert evaluate_batch(BALANCES, episodes=2, env_id="CartPole-v1").tolist() == [500.0, 500.0]


def test_rewards_are_summed_and_not_steps_counted() -> None:
    returns = evaluate(lambda _: 1, episodes=1, env_id="MountainCar-v0")
    assert returns.tolist() == [-200.0]


def test_a_policy_may_remember_what_it_saw() -> None:
    class Alternates:
        """Pushes left and right in turn, from one episode into the next."""

        def __init__(self) -> None:
            self.seen: list[np.ndarray] = []

        def __call__(self, observation: np.ndarray) -> int:
            self.seen.append(observation)
            return len(self.seen) % 2

    policy = Alternates()
    returns = evaluate(policy, episodes=3)
    assert len(policy.seen) == returns.sum()
    # The episodes come one after another: what is seen first of each is the start of that seed.
    starts = np.cumsum([0, *returns[:-1]]).astype(int)
    env = gym.make("CartPole-v0")
    for seed, start in enumerate(starts):
        np.testing.assert_array_equal(policy.seen[start], env.reset(seed=seed)[0])
    env.close()


def test_a_batch_plays_each_episode_as_one_environment_would_from_the_same_start() -> None:
    envs = gym.make_vec("CartPole-v0", num_envs=30, vectorization_mode="vector_entry_point")
    starts, _ = envs.reset(seed=9)
    envs.close()
    env = gym.make("CartPole-v0")
    expected = []
    for start in starts:
        env.reset()
        env.unwrapped.state = start  # type: ignore[attr-defined]
        steps, ended = 0, False
        while not ended:
            _, _, terminated, truncated, _ = env.step(0)
            ended = terminated or truncated
            steps += 1
        expected.append(steps)
    env.close()
    assert len(set(expected)) > 1
    # Were later episodes of an environment counted too, the shorter ones would show more.
    assert evaluate_batch(left, episodes=30, seed=9).tolist() == expected


def test_a_batch_and_single_episodes_agree_on_how_good_a_policy_is() -> None:
    one_by_one, batch = evaluate(ANGLE, episodes=300), evaluate_batch(ANGLE, episodes=300)
    error = np.sqrt(one_by_one.var() / 300 + batch.var() / 300)
    assert abs(one_by_one.mean() - batch.mean()) < 4 * error


def test_a_batch_takes_a_policy_or_a_function_from_many_observations_to_actions() -> None:
    assert evaluate_batch(ANGLE, 20, seed=1).tolist() == evaluate_batch(ANGLE.act, 20, seed=1).tolist()


def test_the_same_seed_gives_the_same_returns_and_another_seed_others() -> None:
    for play in (evaluate, evaluate_batch):
        assert play(ANGLE, 20, seed=1).tolist() == play(ANGLE, 20, seed=1).tolist()
        assert play(ANGLE, 20, seed=1).tolist() != play(ANGLE, 20, seed=100).tolist()


def test_no_episodes_have_no_returns() -> None:
    assert evaluate(ANGLE, episodes=0).shape == (0,)
    assert evaluate_batch(ANGLE, episodes=0).shape == (0,)


def test_an_environment_nobody_knows_is_named() -> None:
    for play in (evaluate, evaluate_batch):
        with pytest.raises(gym.error.Error, match="CartWheel"):
            play(ANGLE, env_id="CartWheel-v0")


def test_an_environment_without_a_vectorised_version_is_named_with_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"Acrobot-v1 has no vectorised version in Gymnasium; use evaluate instead"):
        evaluate_batch(ANGLE, env_id="Acrobot-v1")


def test_a_policy_that_raises_is_not_hidden() -> None:
    def broken(_: np.ndarray) -> Any:
        raise RuntimeError("no idea")

    for play in (evaluate, evaluate_batch):
        with pytest.raises(RuntimeError, match="no idea"):
            play(broken, episodes=2)


def test_the_interval_covers_the_mean_in_about_95_of_100_repeats() -> None:
    rng = np.random.default_rng(0)
    # Returns as a policy near the line shows them: many at 200, some far below.
    true_mean = 0.7 * 200 + 0.3 * 150
    covered = 0
    for repeat in range(400):
        returns = np.where(rng.random(100) < 0.7, 200.0, rng.uniform(100, 200, size=100))
        low, high = mean_interval(returns, resamples=1_000, seed=repeat)
        covered += low <= true_mean <= high
    assert 0.91 <= covered / 400 <= 0.98


def test_the_interval_is_the_textbooks_for_a_large_normal_sample() -> None:
    returns = np.random.default_rng(1).normal(100, 20, size=400)
    low, high = mean_interval(returns)
    half = 1.96 * returns.std() / np.sqrt(400)
    assert low == pytest.approx(returns.mean() - half, abs=0.1)
    assert high == pytest.approx(returns.mean() + half, abs=0.1)


def test_equal_returns_have_an_interval_of_no_width() -> None:
    assert mean_interval(np.full(100, 200.0)) == (200.0, 200.0)


def test_the_interval_of_the_same_returns_is_the_same_each_time() -> None:
    returns = np.arange(20)
    assert mean_interval(returns) == mean_interval(returns)
    assert mean_interval(returns) != mean_interval(returns, seed=1)


def test_the_interval_of_no_returns_is_refused() -> None:
    with pytest.raises(ValueError, match="no returns: play at least one episode"):
        mean_interval(np.array([]))
