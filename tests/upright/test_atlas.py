"""Learning curves as data: what is refused, and with which sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from upright import Atlas, DataError, Policy, evaluate_batch
from upright.atlas import rounded
from upright.format import MAX_BYTES

RECORDED = Path(__file__).resolve().parents[2] / "book" / "data" / "atlas-small.json"


def provenance(**changes: Any) -> dict[str, Any]:
    versions = {"ray": "2.60.0"}
    found = {"date": "2026-11-23", "commit": None, "command": "python -m benchmarks.atlas", "python": "3.11"}
    return found | {"packages": versions, "cpu": "one", "cpu_count": 2, "gpu": None} | changes


def run(**changes: Any) -> dict[str, Any]:
    return {"lr": 0.001, "width": 2, "activation": "tanh", "seed": 1, "returns": [9.0, 200.0]} | changes


def data(**changes: Any) -> dict[str, Any]:
    about = {"format": "upright-atlas/1", "env_id": "CartPole-v0", "provenance": provenance()}
    return about | {"eval_episodes": 40, "eval_seed": 0, "env_steps": [0, 1000], "runs": [run()]} | changes


def network(width: int, inputs: int = 4) -> dict[str, Any]:
    layers = [
        {"weight": np.ones((width, inputs)).tolist(), "bias": [0.0] * width, "activation": "tanh"},
        {"weight": np.ones((2, width)).tolist(), "bias": [0.0, 0.0], "activation": "linear"},
    ]
    return {"format": "upright-policy/1", "observation_size": inputs, "action_size": 2, "layers": layers}


def test_an_atlas_travels_as_one_line() -> None:
    atlas = Atlas.parse(data(runs=[run(policy=network(2)), run(seed=2)]))
    assert Atlas.loads(atlas.dumps()) == atlas
    assert "\n" not in atlas.dumps()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": "upright-atlas/2"}, "field format"),
        ({"env_steps": [0, 0]}, "env_steps does not increase"),
        ({"env_steps": [1000, 0]}, "env_steps does not increase"),
        ({"env_steps": [0, 1000, 2000]}, r"runs\.0 has 2 returns, but there are 3 env_steps"),
        ({"env_steps": []}, "field env_steps"),
        ({"runs": []}, "field runs"),
        ({"runs": [run(), run()]}, r"runs\.1 has the hyperparameters and the seed of an earlier run"),
        ({"provenance": {"date": "2026-11-23"}}, r"field provenance\.commit"),
        ({"provenance": provenance(date="yesterday")}, r"field provenance\.date"),
        ({"eval_episodes": 0}, "field eval_episodes"),
        ({"notes": "more"}, "field notes"),
    ],
)
def test_an_atlas_that_does_not_agree_with_itself_is_refused_by_name(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=rf"^mine: .*{told}"):
        Atlas.parse(data(**changes), "mine")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"lr": 0}, r"field runs\.0\.lr"),
        ({"lr": "0.001"}, r"field runs\.0\.lr"),
        ({"width": 2.5}, r"field runs\.0\.width"),
        ({"activation": "swish"}, r"field runs\.0\.activation"),
        ({"seed": -1}, r"field runs\.0\.seed"),
        ({"returns": [9.0, -1.0]}, r"field runs\.0\.returns\.1"),
        ({"returns": [9.0, float("nan")]}, r"field runs\.0\.returns\.1"),
        ({"policy": network(3)}, "width is 2 but the policy has 3 hidden units"),
        ({"policy": network(2, inputs=3)}, "CartPole's 4 numbers"),
        ({"policy": {"format": "upright-policy/1"}}, r"field runs\.0\.policy"),
    ],
)
def test_a_run_that_cannot_be_is_refused_by_name(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=told):
        Atlas.parse(data(runs=[run(**changes)]), "mine")


def test_a_rounded_policy_has_four_digits_and_the_same_shape() -> None:
    policy = Policy.linear([[0.123456, -98765.4, 0, 1], [1e-7, 1, 2, 3]], seed=1)
    assert rounded(policy).layers[0].weight == ((0.1235, -98770.0, 0.0, 1.0), (1e-7, 1.0, 2.0, 3.0))
    assert rounded(policy).trained == {"seed": 1}


def test_the_recorded_atlas_is_small_and_complete() -> None:
    atlas = Atlas.load(RECORDED)
    assert RECORDED.stat().st_size < 300_000 < MAX_BYTES
    assert len({(one.lr, one.width, one.activation) for one in atlas.runs}) * 5 == len(atlas.runs)
    assert all(one.policy for one in atlas.runs)
    assert atlas.provenance.commit
    assert atlas.provenance.command.startswith("python -m benchmarks.atlas")


def test_a_recorded_policy_earns_the_return_that_was_recorded() -> None:
    atlas = Atlas.load(RECORDED)
    for one in atlas.runs[::30]:
        assert one.policy
        again = evaluate_batch(one.policy, atlas.eval_episodes, atlas.eval_seed, atlas.env_id).mean()
        assert again == pytest.approx(one.returns[-1], abs=0.06)
