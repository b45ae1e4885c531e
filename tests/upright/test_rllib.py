"""The exported policy is the trained network, a checkpoint gives it back, and training stops when it is solved."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import upright

upright.quiet()

import ray
import torch
from gymnasium.spaces import Box, Discrete
from ray.rllib.algorithms.ppo.torch.default_ppo_torch_rl_module import DefaultPPOTorchRLModule
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
from ray.rllib.core.rl_module.rl_module import RLModuleSpec

from tests.late_ray import started
from upright.rllib import Solved, cartpole_config, export_policy, load_policy, solve

pytestmark = pytest.mark.ray
TARGET = 100.0  # half of a solved CartPole is enough to see training stop, and takes half the time


def module_with(inference_only: bool = False, **model: Any) -> Any:
    spec = RLModuleSpec(
        module_class=DefaultPPOTorchRLModule,
        observation_space=Box(-np.inf, np.inf, (4,), np.float32),
        action_space=Discrete(2),
        model_config=DefaultModelConfig(**model),
        inference_only=inference_only,
    )
    return spec.build()


def logits_of(module: Any, observations: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return module.forward_inference({"obs": torch.from_numpy(observations)})["action_dist_inputs"].numpy()


@pytest.fixture(scope="module")
def observations() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(1000, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Solved]:
    """One real training run, with a checkpoint."""
    torch.set_num_threads(1)
    options: dict[str, Any] = {"num_cpus": 1, "include_dashboard": False, "log_to_driver": False}
    started(lambda: ray.init(**options, logging_level=logging.ERROR))
    try:
        yield solve(cartpole_config(0), TARGET, checkpoint=tmp_path_factory.mktemp("run") / "checkpoint")
    finally:
        ray.shutdown()


def test_training_in_one_process_starts_no_worker_of_ray(run: Solved) -> None:
    """Two idle ones would take a quarter of the time until Ray is up."""
    started = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # one that has just ended
            started.append(" ".join(child.cmdline()))
    assert any("raylet" in command for command in started)
    assert not [command for command in started if "ray::IDLE" in command]


@pytest.mark.parametrize("inference_only", [True, False])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("activation", ["linear", "relu", "tanh"])
@pytest.mark.parametrize("hidden", [[32], [16, 8]])
def test_an_exported_policy_gives_the_logits_of_its_module(
    hidden: list[int], activation: str, shared: bool, inference_only: bool, observations: np.ndarray
) -> None:
    module = module_with(inference_only, fcnet_hiddens=hidden, fcnet_activation=activation, vf_share_layers=shared)
    policy = export_policy(module)
    np.testing.assert_allclose(policy.logits(observations), logits_of(module, observations), atol=1e-5)
    assert [layer.outputs for layer in policy.layers] == [*hidden, 2]
    assert {layer.activation for layer in policy.layers[:-1]} == {activation}


def test_layers_of_the_head_are_exported_too(observations: np.ndarray) -> None:
    module = module_with(fcnet_hiddens=[16], head_fcnet_hiddens=[8], head_fcnet_activation="relu")
    policy = export_policy(module)
    np.testing.assert_allclose(policy.logits(observations), logits_of(module, observations), atol=1e-5)
    assert [layer.outputs for layer in policy.layers] == [16, 8, 2]


@pytest.mark.parametrize(
    ("model", "name"), [({"fcnet_activation": "silu"}, "SiLU"), ({"fcnet_use_layernorm": True}, "LayerNorm")]
)
def test_a_layer_that_the_format_does_not_know_is_refused_by_name(model: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        export_policy(module_with(fcnet_hiddens=[8], **model))


def test_what_is_told_about_the_training_stays_with_the_policy() -> None:
    assert export_policy(module_with(fcnet_hiddens=[8]), env_steps=512, seed=3).trained == {"env_steps": 512, "seed": 3}


def test_a_folder_without_a_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no RLlib checkpoint"):
        load_policy(tmp_path)


def test_training_stops_at_the_first_evaluation_that_reaches_the_target(run: Solved) -> None:
    means = [mean for _, mean in run.curve]
    assert run.solved
    assert means[-1] >= TARGET
    assert all(mean < TARGET for mean in means[:-1])
    assert run.iterations == len(run.curve)
    assert run.env_steps == run.curve[-1][0] >= 256 * run.iterations
    assert run.train_seconds > 0


def test_the_policy_of_a_run_is_the_one_that_was_evaluated(run: Solved) -> None:
    assert upright.evaluate_batch(run.policy, 100, seed=100_000).mean() == pytest.approx(run.curve[-1][1])
    assert run.policy.trained["env_steps"] == run.env_steps


def test_a_checkpoint_gives_back_the_policy_of_the_run(run: Solved) -> None:
    assert run.checkpoint is not None
    restored = load_policy(run.checkpoint, **run.policy.trained)
    assert restored == run.policy


def test_training_that_does_not_get_there_stops_at_its_budget_and_says_so(run: Solved) -> None:
    seen: list[tuple[int, int, float]] = []
    unsolved = solve(
        cartpole_config(0),
        target=1000.0,
        max_env_steps=300,
        eval_episodes=10,
        on_iteration=lambda iteration, env_steps, mean: seen.append((iteration, env_steps, mean)),
    )
    assert not unsolved.solved
    assert unsolved.iterations == 2
    assert seen == [(n, steps, mean) for n, (steps, mean) in enumerate(unsolved.curve, start=1)]
    assert unsolved.checkpoint is None
