"""Who takes part in benchmarks/solve.py: a function for each row, from a seed to what one training came to."""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

import upright

TARGET = 195.0
EVALUATION_SEED = 100_000
CONFIRMATION_SEED = 200_000
MAX_ENV_STEPS = 400_000
WINNER_LR = 0.006733929096170726


def run_rllib(make_config: Callable[[], Any]) -> dict[str, Any]:
    """Train an RLlib configuration until solved. Returns what `main` puts into the table; `ended` is the clock's time
    after the last evaluation.

    Ray's own processes start while this one imports: either takes seconds, and neither needs the other. It is the main
    thread that starts them, because they end with the thread that did.
    """
    import ray

    with ThreadPoolExecutor(1) as beside:
        ready = beside.submit(importing, make_config)
        ray.init(address="local", num_cpus=4, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    solve = ready.result()
    ended = 0.0

    def tick(*_: float) -> None:
        nonlocal ended
        ended = time.perf_counter()

    try:
        run = solve(TARGET, MAX_ENV_STEPS, eval_seed=EVALUATION_SEED, on_iteration=tick)
    finally:
        ray.shutdown()
    confirmed = upright.evaluate_batch(run.policy, 100, CONFIRMATION_SEED).mean()
    return {
        "solved": run.solved,
        "env_steps": run.env_steps,
        "train_seconds": run.train_seconds,
        "ended": ended,
        "iterations": run.iterations,
        "confirmed_mean": float(confirmed),
    }


def importing(make_config: Callable[[], Any]) -> Callable[..., Any]:
    """`upright.rllib.solve` of a configuration, with all imported that it is going to need."""
    importlib.import_module("torch._dynamo")  # PyTorch's first optimizer in a process does this

    from upright.rllib import solve

    return partial(solve, make_config())


def run_ours(seed: int) -> dict[str, Any]:
    def config() -> Any:
        from upright.rllib import cartpole_config

        return cartpole_config(seed)

    return run_rllib(config)


def run_winner(seed: int) -> dict[str, Any]:
    """What the tutorial's search of 20 trials found to be best, and the library's defaults for all else."""
    return run_rllib(lambda: default_config(0, [64], "relu").training(lr=WINNER_LR).debugging(seed=seed))


def run_tutorial(seed: int) -> dict[str, Any]:
    """Two env runners, one linear layer of 32, and the library's defaults, as in the tutorial of 2021."""
    return run_rllib(lambda: default_config(2, [32], "linear").debugging(seed=seed))


def default_config(env_runners: int, hiddens: list[int], activation: str) -> Any:
    """The library's defaults, with a policy of this shape and so many env runners."""
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig

    network = DefaultModelConfig(fcnet_hiddens=hiddens, fcnet_activation=activation)
    config = PPOConfig().environment("CartPole-v0").env_runners(num_env_runners=env_runners)
    return config.rl_module(model_config=network)


def run_sb3(seed: int) -> dict[str, Any]:
    """PPO of stable-baselines3 with `CartPole-v1` of hyperparams/ppo.yml in DLR-RM/rl-baselines3-zoo."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    def greedy(observations: np.ndarray) -> np.ndarray:
        return model.predict(observations, deterministic=True)[0]

    class StopWhenSolved(BaseCallback):
        """Evaluates when an iteration is over, which is when the next rollout starts, with the clock stopped."""

        iterations, steps_at_end, train_seconds, started, solved = -1, 0, 0.0, 0.0, False

        def _on_rollout_start(self) -> None:
            now = time.perf_counter()
            self.iterations += 1
            if self.iterations > 0:
                self.train_seconds += now - self.started
                self.solved = bool(upright.evaluate_batch(greedy, 100, EVALUATION_SEED).mean() >= TARGET)
                self.steps_at_end = self.num_timesteps
            self.started = time.perf_counter()

        def _on_step(self) -> bool:
            return not self.solved

    model = PPO(
        "MlpPolicy",
        make_vec_env("CartPole-v0", n_envs=8, seed=seed),
        n_steps=32,
        batch_size=256,
        gae_lambda=0.8,
        gamma=0.98,
        n_epochs=20,
        ent_coef=0.0,
        # "lin_" in the zoo: from this value down to zero over the 100,000 steps that it trains for.
        learning_rate=lambda remaining: 0.001 * remaining,
        clip_range=lambda remaining: 0.2 * remaining,
        seed=seed,
        device="cpu",
    )
    stop = StopWhenSolved()
    model.learn(100_000, callback=stop)
    return {
        "ended": time.perf_counter(),
        "solved": stop.solved,
        "env_steps": stop.steps_at_end,
        "train_seconds": stop.train_seconds,
        "iterations": stop.iterations,
        "confirmed_mean": float(upright.evaluate_batch(greedy, 100, CONFIRMATION_SEED).mean()),
    }


def run_tensors(seed: int) -> dict[str, Any]:
    """`upright.ppo`, the environments and the agent on one device."""
    import torch

    from upright.ppo import PPO

    agent = PPO(seed=seed)

    def iterations() -> Iterator[int]:
        while True:
            agent.train(agent.env_steps + 1)
            yield agent.env_steps

    @torch.no_grad()
    def greedy(observations: np.ndarray) -> np.ndarray:
        return agent.policy(torch.as_tensor(observations)).argmax(-1).numpy()

    return until_solved(iterations(), greedy)


def run_single_file(seed: int) -> dict[str, Any]:
    from benchmarks.single_file import SingleFile

    agent = SingleFile("CartPole-v0", seed)
    return until_solved(agent.iterations(), agent.greedy)


def until_solved(iterations: Iterator[int], greedy: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
    """Let an agent iterate until it is solved. `iterations` yields env steps; evaluations do not count as training."""
    seconds, count, mean, env_steps = 0.0, 0, 0.0, 0
    start = time.perf_counter()
    for env_steps in iterations:
        seconds += time.perf_counter() - start
        count += 1
        mean = float(upright.evaluate_batch(greedy, 100, EVALUATION_SEED).mean())
        if mean >= TARGET or env_steps >= MAX_ENV_STEPS:
            break
        start = time.perf_counter()
    return {
        "ended": time.perf_counter(),
        "solved": mean >= TARGET,
        "env_steps": env_steps,
        "train_seconds": seconds,
        "iterations": count,
        "confirmed_mean": float(upright.evaluate_batch(greedy, 100, CONFIRMATION_SEED).mean()),
    }


RUNS = {
    "rllib": run_ours,
    "tensors": run_tensors,
    "sb3": run_sb3,
    "single_file": run_single_file,
    "winner": run_winner,
    "tutorial": run_tutorial,
}
