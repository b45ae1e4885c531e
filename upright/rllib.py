"""Train on RLlib until CartPole is solved, and turn the trained RLModule into data, an `upright-policy/1`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from ray.rllib.algorithms.algorithm_config import AlgorithmConfig
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
from ray.rllib.core.rl_module.rl_module import RLModule
from torch import nn

from upright.evaluation import evaluate_batch
from upright.policy import Policy, Scalar
from upright.search import Config

ACTIVATIONS = {nn.ReLU: "relu", nn.Tanh: "tanh", nn.Identity: "linear"}
MODULE_PATH = "learner_group/learner/rl_module/default_policy"


def cartpole_config(seed: int = 0) -> PPOConfig:
    """PPO for CartPole-v0 in one process, as chapter 6 writes it out: about half a second of training on one core.

    The 8 copies of the environment step together (Gymnasium's own vectorised CartPole), so that one call of the
    network serves all of them. A large learning rate at the start gets much out of each batch; its fall over the first
    2,000 env steps keeps what was learned.
    """
    return (
        PPOConfig()
        .environment("CartPole-v0")
        .env_runners(
            num_env_runners=0,
            num_envs_per_env_runner=8,
            rollout_fragment_length=32,
            gym_env_vectorize_mode="vector_entry_point",
        )
        .training(
            train_batch_size_per_learner=256,
            minibatch_size=256,
            num_epochs=10,
            lr=[[0, 5e-3], [2000, 1e-3]],
            gamma=0.98,
            lambda_=0.9,
            use_kl_loss=False,
        )
        .rl_module(
            model_config=DefaultModelConfig(fcnet_hiddens=[64, 64], fcnet_activation="tanh", vf_share_layers=False)
        )
        .debugging(seed=seed)
    )


def tuned_config(found: Config, seed: int = 0) -> PPOConfig:
    """`cartpole_config` with what a search names changed, and with batches of 512 env steps from 16 environments and 14
    epochs where it names none: with a constant learning rate, larger batches vary less from seed to seed."""
    named = {"num_epochs": 14, **found.named()}
    batch, envs, minibatch = found.batch()
    named |= {"train_batch_size_per_learner": batch, "minibatch_size": minibatch}
    named.pop("num_envs_per_env_runner", None)
    network = DefaultModelConfig(
        fcnet_hiddens=list(named.pop("fcnet_hiddens", [64, 64])),
        fcnet_activation=named.pop("fcnet_activation", "tanh"),
        vf_share_layers=False,
    )
    return (
        cartpole_config(seed)
        .env_runners(num_envs_per_env_runner=envs, rollout_fragment_length=batch // envs)
        .training(**named)
        .rl_module(model_config=network)
    )


@dataclass(frozen=True)
class Solved:
    """What came of training until solved.

    env_steps: environment steps sampled for training; train_seconds: time in `algo.train()` alone, without building
    the algorithm and without evaluation; curve: (env_steps, mean greedy return) after each iteration; policy: the
    policy of the last iteration; checkpoint: its folder, if one was asked for.
    """

    solved: bool
    env_steps: int
    train_seconds: float
    iterations: int
    curve: list[tuple[int, float]]
    policy: Policy
    checkpoint: Path | None = None


def solve(
    config: AlgorithmConfig,
    target: float = 195.0,
    max_env_steps: int = 200_000,
    eval_episodes: int = 100,
    eval_seed: int = 100_000,
    on_iteration: Callable[[int, int, float], None] | None = None,
    checkpoint: str | Path | None = None,
) -> Solved:
    """Train until an evaluation says that it is solved, or `max_env_steps` are used up.

    After each training iteration the greedy policy plays `eval_episodes` episodes that no training saw, the same ones
    every time; training stops when their mean return is at least `target`. Whoever wants to state that return plays
    further episodes, with another seed than `eval_seed`: these here took part in the decision to stop.

    `on_iteration(iteration, env_steps, mean)` is told after each evaluation. `checkpoint` is a folder for the final
    state of the algorithm. Ray is started if it is not running, and left running.
    """
    env_id = str(config.env)
    algo = config.build_algo()
    curve: list[tuple[int, float]] = []
    seconds = 0.0
    try:
        while not curve or (curve[-1][1] < target and curve[-1][0] < max_env_steps):
            start = time.perf_counter()
            result = algo.train()
            seconds += time.perf_counter() - start
            env_steps = int(result["env_runners"]["num_env_steps_sampled_lifetime"])
            module = algo.get_module()
            assert module is not None
            policy = export_policy(module, env_steps=env_steps, seed=config.seed)
            mean = float(evaluate_batch(policy, eval_episodes, eval_seed, env_id, **config.env_config).mean())
            curve.append((env_steps, mean))
            if on_iteration is not None:
                on_iteration(len(curve), env_steps, mean)
        saved = Path(checkpoint).resolve() if checkpoint is not None else None
        if saved is not None:
            algo.save_to_path(str(saved))
    finally:
        algo.stop()
    return Solved(mean >= target, env_steps, seconds, len(curve), curve, policy, saved)


def export_policy(module: RLModule, **trained: Scalar) -> Policy:
    """The policy network of a default PPO module, such as `algo.get_module()`, as data.

    `trained` is kept with it: how many env steps, which seed. Raises ValueError for a network of other than linear
    layers with ReLU or tanh between them.
    """
    layers: list[dict[str, Any]] = []
    for part in _parts(module):
        if isinstance(part, nn.Linear):
            weight, bias = part.weight.detach().double().cpu(), part.bias
            numbers = torch.zeros(len(weight)) if bias is None else bias.detach().double().cpu()
            layers.append({"weight": weight.tolist(), "bias": numbers.tolist(), "activation": "linear"})
        elif type(part) in ACTIVATIONS and layers:
            layers[-1]["activation"] = ACTIVATIONS[type(part)]
        else:
            raise ValueError(
                f"cannot export a layer of type {type(part).__name__}: only Linear, ReLU and Tanh are known"
            )
    return Policy.parse(
        {
            "format": "upright-policy/1",
            "observation_size": len(layers[0]["weight"][0]),
            "action_size": len(layers[-1]["weight"]),
            "layers": layers,
            "trained": trained,
        },
        source=f"export_policy({type(module).__name__})",
    )


def load_policy(checkpoint: str | Path, **trained: Scalar) -> Policy:
    """The policy in an Algorithm's checkpoint folder, as data. Needs no running Ray."""
    folder = Path(checkpoint).resolve() / MODULE_PATH
    if not folder.is_dir():
        raise FileNotFoundError(f"{checkpoint}: no RLlib checkpoint ({MODULE_PATH} is missing)")
    return export_policy(RLModule.from_checkpoint(folder), **trained)


def _parts(module: Any) -> list[nn.Module]:
    """The layers from observation to logits, in order."""
    encoder = module.encoder
    encoder = getattr(encoder, "actor_encoder", None) or encoder.encoder
    return [part for mlp in (encoder.net.mlp, module.pi.net.mlp) for part in mlp]
