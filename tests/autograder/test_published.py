from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import data, published
from upright import Policy
from upright.checks import exports
from upright.policy import MIME


def network(seed: int, width: int = 16) -> dict[str, Any]:
    chance = np.random.default_rng(seed)
    layers = []
    for outputs, inputs, activation in ((width, 4, "tanh"), (width, width, "tanh"), (2, width, "linear")):
        weight = chance.normal(size=(outputs, inputs)) / inputs**0.5
        bias = 0.1 * chance.normal(size=outputs)
        layers.append({"weight": weight.tolist(), "bias": bias.tolist(), "activation": activation})
    return {"format": "upright-policy/1", "observation_size": 4, "action_size": 2, "layers": layers}


ORIGINAL = Policy.parse(network(0))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which one policy is published."""
    published.keep("original", "a page", ORIGINAL, tmp_path)
    known = published.known(tmp_path)
    monkeypatch.setattr(published, "known", lambda: known)
    return tmp_path


def permuted(policy: dict[str, Any]) -> dict[str, Any]:
    """The same policy with its hidden units in another order."""
    first, second, last = policy["layers"]
    order = np.random.default_rng(1).permutation(len(first["weight"]))
    first = {**first, "weight": [first["weight"][i] for i in order], "bias": [first["bias"][i] for i in order]}
    second = {**second, "weight": [[row[i] for i in order] for row in second["weight"]]}
    return {**policy, "layers": [first, second, last]}


def scaled(policy: dict[str, Any], factor: float) -> dict[str, Any]:
    *hidden, last = policy["layers"]
    weight = [[factor * number for number in row] for row in last["weight"]]
    return {**policy, "layers": [*hidden, {**last, "weight": weight, "bias": [factor * b for b in last["bias"]]}]}


def shifted(policy: dict[str, Any]) -> dict[str, Any]:
    *hidden, last = policy["layers"]
    return {**policy, "layers": [*hidden, {**last, "bias": [b + 7 for b in last["bias"]]}]}


def disturbed(policy: dict[str, Any], share: float) -> dict[str, Any]:
    chance = np.random.default_rng(2)
    layers = []
    for layer in policy["layers"]:
        weight = np.array(layer["weight"])
        layers.append({**layer, "weight": (weight * (1 + share * chance.normal(size=weight.shape))).tolist()})
    return {**policy, "layers": layers}


@pytest.mark.parametrize(
    "copy",
    [
        network(0),
        permuted(network(0)),
        scaled(network(0), 3.5),
        shifted(network(0)),
        disturbed(network(0), 0.003),
        disturbed(permuted(scaled(network(0), 0.1)), 0.003),
    ],
    ids=["itself", "other order of units", "other scale", "shifted logits", "noise", "all of it"],
)
def test_a_copy_is_flagged_with_its_source(folder: Path, copy: dict[str, Any]) -> None:
    (flag,) = published.flags(Policy.parse(copy))
    assert flag.startswith("Weights nearly equal to a published policy: original (a page)")


@pytest.mark.parametrize("other", [network(1), scaled(network(0), -1.0), disturbed(network(0), 0.5)])
def test_another_policy_is_not_flagged(folder: Path, other: dict[str, Any]) -> None:
    assert published.flags(Policy.parse(other)) == []


def test_a_policy_that_prefers_nothing_is_not_flagged(folder: Path) -> None:
    assert published.flags(Policy.linear(np.zeros((2, 4)))) == []


def test_a_flag_takes_no_points(folder: Path) -> None:
    outputs = [(1, exports.bundle(ORIGINAL, MIME, ""))]
    flagged = data.grade("lab3_ppo", outputs, 5, 0, None)
    other = data.grade("lab3_ppo", [(1, exports.bundle(Policy.parse(scaled(network(0), 1.0)), MIME, ""))], 5, 0, None)
    assert flagged[1]
    assert flagged[0] == other[0]


def test_a_lab_of_data_without_an_export_has_no_flags() -> None:
    assert data.grade("lab3_ppo", [], 5, 0, None)[1] == []
    assert data.grade("lab5_tune", [], 5, 0, None)[1] == []


def test_the_published_policies_of_this_repository_are_readable_and_far_apart() -> None:
    known = published.known()
    assert len(known) >= 2
    for number, one in enumerate(known):
        assert np.linalg.norm(one.fingerprint) == pytest.approx(1, abs=1e-3)
        for other in known[:number]:
            assert np.linalg.norm(np.array(one.fingerprint) - np.array(other.fingerprint)) > published.TOLERANCE


def test_the_published_policies_were_trained_with_todays_settings() -> None:
    from tools.published import settings, trainings

    recorded = {one.name: (one.source, one.settings) for one in published.known()}
    assert recorded == {one.name: (one.source, settings(one)) for one in trainings()}, "run python -m tools.published"
