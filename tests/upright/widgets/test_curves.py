"""The figure of learning curves: what it shows at first, what it opens, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

from tests.upright.widgets.node import call
from upright import Atlas, DataError
from upright.widgets import Curves
from upright.widgets.curves import HYPERPARAMETERS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def beside_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def atlas() -> Atlas:
    return Atlas.load(ROOT / "book" / "data" / "atlas.json")


@pytest.mark.parametrize(
    "choice",
    [
        {"compare": "lr", "width": 64},
        {"compare": "width", "lr": 0.01},
        {"compare": "activation", "width": 4},
        {"compare": "clip_param"},
    ],
    ids=lambda choice: choice["compare"],
)
def test_the_first_picture_shows_mean_and_extremes_over_the_seeds(atlas: Atlas, choice: dict[str, Any]) -> None:
    figure = Curves("atlas", **choice)
    by = choice["compare"]
    others = [name for name in HYPERPARAMETERS if name != by]
    for group in figure.summary["groups"]:
        runs = [
            run.returns
            for run in atlas.runs
            if getattr(run, by) == group["value"] and all(getattr(run, n) == getattr(figure, n) for n in others)
        ]
        assert group["seeds"] == len(runs) == 12
        np.testing.assert_allclose(group["mean"], np.mean(runs, axis=0), atol=0.051)
        np.testing.assert_allclose(group["low"], np.min(runs, axis=0), atol=0.051)
        np.testing.assert_allclose(group["high"], np.max(runs, axis=0), atol=0.051)
    assert len(figure.summary["groups"]) == len({getattr(run, by) for run in atlas.runs})


def test_the_script_puts_the_same_runs_side_by_side_as_python(atlas: Atlas) -> None:
    data = atlas.model_dump(mode="json")
    figures = [Curves("atlas", compare=by) for by in HYPERPARAMETERS]
    names = ("compare", *HYPERPARAMETERS)
    choices = [{name: getattr(figure, name) for name in names} for figure in figures]
    for figure, groups in zip(figures, call("atlas", *[["compared", data, each] for each in choices]), strict=True):
        told = {group["value"]: group for group in figure.summary["groups"]}
        assert {group["value"] for group in groups} == set(told)
        for group in groups:
            for curve in ("mean", "low", "high"):
                np.testing.assert_allclose(group[curve], told[group["value"]][curve], atol=0.051)


def test_an_episode_on_the_stage_is_the_policy_s_own(atlas: Atlas) -> None:
    policy = next(run.policy for run in atlas.runs if run.policy)
    assert policy
    episode: dict[str, Any] = {"state": [0.01, 0.02, -0.03, 0.04], "steps": 0, "why": ""}
    expected = policy(np.array(episode["state"]))
    after = call("playback", ["stepped", episode, policy.model_dump(mode="json")])[0]
    assert after["action"] == expected
    assert after["steps"] == 1
    late = call("playback", ["stepped", episode | {"steps": 199}, policy.model_dump(mode="json")])[0]
    assert late["why"] == "limit"


def test_the_recording_is_in_the_state_only_when_it_is_opened(atlas: Atlas) -> None:
    figure = Curves("atlas")
    assert figure.atlas is None
    assert figure.src == "data/atlas.json"
    assert len(json.dumps(figure.summary)) < 6_000
    figure.opened = True
    assert Atlas.parse(figure.atlas) == atlas


def test_the_first_picture_follows_a_choice_made_in_python() -> None:
    figure = Curves("atlas", width=16)
    before = figure.summary
    figure.width = 64
    assert figure.summary["drawn"]["width"] == 64
    assert figure.summary["groups"] != before["groups"]


@pytest.mark.parametrize(
    ("name", "value"), [("lr", 0.5), ("width", 5), ("activation", "swish"), ("clip_param", 0.3), ("seed", 99)]
)
def test_a_value_that_was_not_recorded_is_refused_with_those_that_were(name: str, value: Any) -> None:
    with pytest.raises(traitlets.TraitError, match=rf"{name} is {value}, but the recording has "):
        Curves("atlas", **{name: value})


def test_a_comparison_by_something_else_is_refused() -> None:
    with pytest.raises(traitlets.TraitError, match="compare"):
        Curves("atlas", compare="gamma")


def test_a_recording_of_another_kind_is_refused_by_its_name() -> None:
    with pytest.raises(DataError, match=r"^data/searches\.json: field "):
        Curves("searches")
    with pytest.raises(FileNotFoundError, match=r"data/nothing\.json"):
        Curves("nothing")
