"""The figures' forward pass is torch's, and their rules for an action are those of upright.Policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.upright.widgets.program import run
from upright.policy import Policy
from upright.widgets import CartPole

NETWORK = """
const { logits, greedy } = await load("policy");
return given.observations.map((each) => [logits(given.policy, each), greedy(given.policy, each)]);
"""
RULE = 'const { linear } = await load("policy"); return given.map(([w, o]) => linear(w, o));'


def network(activation: str) -> tuple[nn.Sequential, Policy]:
    """A network of two hidden layers in torch, and the same one as data."""
    torch.manual_seed(4)
    kind = {"tanh": nn.Tanh, "relu": nn.ReLU}[activation]
    model = nn.Sequential(nn.Linear(4, 32), kind(), nn.Linear(32, 32), kind(), nn.Linear(32, 2)).double()
    linears = [part for part in model if isinstance(part, nn.Linear)]
    layers = [
        {"weight": part.weight.tolist(), "bias": part.bias.tolist(), "activation": name}
        for part, name in zip(linears, (activation, activation, "linear"), strict=True)
    ]
    return model, Policy.parse(
        {"format": "upright-policy/1", "observation_size": 4, "action_size": 2, "layers": layers, "trained": {}}
    )


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_forward_pass_is_torchs(activation: str) -> None:
    model, policy = network(activation)
    observations = np.random.default_rng(0).normal(size=(500, 4))
    expected = model(torch.from_numpy(observations)).detach().numpy()
    answers = run(NETWORK, {"policy": policy.model_dump(mode="json"), "observations": observations.tolist()})
    assert np.abs(np.array([scores for scores, _ in answers]) - expected).max() <= 1e-7
    assert [action for _, action in answers] == expected.argmax(axis=1).tolist()


def test_what_the_page_keeps_of_a_policy_scores_as_the_policy_does() -> None:
    model, policy = network("tanh")
    kept: Any = CartPole("network", policy=policy).policy
    observations = np.random.default_rng(1).normal(size=(100, 4))
    answers = run(NETWORK, {"policy": kept, "observations": observations.tolist()})
    expected = model(torch.from_numpy(observations)).detach().numpy()
    assert np.abs(np.array([scores for scores, _ in answers]) - expected).max() <= 1e-6


def test_of_equal_scores_the_first_action_is_taken() -> None:
    policy = Policy.linear([[1, 0, 0, 0], [1, 0, 0, 0]]).model_dump(mode="json")
    assert run(NETWORK, {"policy": policy, "observations": [[0.3, 0, 0, 0]]}) == [[[0.3, 0.3], 0]]


def test_four_weights_push_right_only_above_zero() -> None:
    rng = np.random.default_rng(2)
    weights, observations = rng.normal(size=(200, 4)), rng.normal(size=(200, 4))
    weights[0] = 0
    asked = [[w.tolist(), o.tolist()] for w, o in zip(weights, observations, strict=True)]
    assert run(RULE, asked) == [int(w @ o > 0) for w, o in zip(weights, observations, strict=True)]
