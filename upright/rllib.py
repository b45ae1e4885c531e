"""From RLlib to data: the network of a trained RLModule as an `upright-policy/1`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from ray.rllib.core.rl_module.rl_module import RLModule
from torch import nn

from upright.policy import Policy, Scalar

ACTIVATIONS = {nn.ReLU: "relu", nn.Tanh: "tanh", nn.Identity: "linear"}
MODULE_PATH = "learner_group/learner/rl_module/default_policy"


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
