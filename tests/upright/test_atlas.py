"""Learning curves as data: what is refused, and with which sentence."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.atlas import train
from upright import Atlas, DataError, Policy, evaluate_batch
from upright.atlas import rounded

RECORDED = Path(__file__).resolve().parents[2] / "book" / "data" / "atlas.json"


def provenance(**changes: Any) -> dict[str, Any]:
    versions = {"ray": "2.60.0"}
    found = {"date": "2026-11-23", "commit": None, "command": "python -m benchmarks.atlas", "python": "3.11"}
    return found | {"packages": versions, "cpu": "one", "cpu_count": 2, "gpu": None} | changes


def run(**changes: Any) -> dict[str, Any]:
    return {
        "lr": 0.001,
        "width": 2,
        "activation": "tanh",
        "clip_param": 0.2,
        "seed": 1,
        "returns": [9.0, 200.0],
    } | changes


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
        ({"clip_param": 0}, r"field runs\.0\.clip_param"),
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


def test_runs_that_differ_in_the_clip_range_alone_are_different_runs() -> None:
    assert len(Atlas.parse(data(runs=[run(), run(clip_param=0.1)])).runs) == 2


def test_a_run_is_solved_at_the_first_evaluation_that_reaches_the_target() -> None:
    runs = [run(returns=[9.0, 195.0, 20.0]), run(returns=[9.0, 194.9, 20.0], seed=2)]
    atlas = Atlas.parse(data(env_steps=[0, 1000, 2000], runs=runs))
    assert [atlas.solved_at(one) for one in atlas.runs] == [1000, None]
    assert atlas.solved_at(atlas.runs[1], target=9.0) == 0


def settings_of(one: Any) -> tuple[Any, ...]:
    return one.lr, one.width, one.activation, one.clip_param


def test_the_recorded_atlas_is_small_and_complete() -> None:
    atlas = Atlas.load(RECORDED)
    assert len(gzip.compress(RECORDED.read_bytes())) < 400_000
    seeds = {one.seed for one in atlas.runs}
    assert len(seeds) >= 10
    assert len({settings_of(one) for one in atlas.runs}) * len(seeds) == len(atlas.runs) >= 2_000
    assert {settings_of(one) for one in atlas.runs if one.policy} == {settings_of(one) for one in atlas.runs}
    assert atlas.provenance.commit
    assert atlas.provenance.command.startswith("python -m benchmarks.atlas")


def test_a_recorded_policy_earns_the_return_that_was_recorded() -> None:
    atlas = Atlas.load(RECORDED)
    for one in [one for one in atlas.runs if one.policy][::30]:
        assert one.policy
        again = evaluate_batch(one.policy, atlas.eval_episodes, atlas.eval_seed, atlas.env_id).mean()
        assert again == pytest.approx(one.returns[-1], abs=0.06)


def test_the_recorded_curves_come_again_from_the_same_seeds() -> None:
    atlas = Atlas.load(RECORDED)
    part = {"width": 4, "activation": "relu", "clip_param": 0.2, "lr": [0.01, 0.03], "seeds": [1, 12]}
    grid = list(atlas.env_steps[:4])
    again = train(part, grid, atlas.eval_episodes, policies=0)
    known = {(settings_of(one), one.seed): one.returns for one in atlas.runs}
    for one in again:
        recorded = known[(one["lr"], 4, "relu", 0.2), one["seed"]]
        assert one["returns"] == pytest.approx(recorded[:4], abs=0.06)
