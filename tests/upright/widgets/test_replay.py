"""A recorded episode as a figure: what it keeps of the recording, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from traitlets import TraitError

import upright
from upright.widgets import Replay
from upright.widgets.figure import module


@pytest.fixture(scope="module")
def recorded() -> upright.Replay:
    return upright.record_episode(lambda observation: int(observation[2] + observation[3] > 0), seed=3)


def test_a_recording_is_kept_to_six_digits_and_takes_little_room(recorded: upright.Replay) -> None:
    kept = Replay(recorded).replay
    assert len(recorded.actions) == 200
    assert np.array(kept["states"]) == pytest.approx(np.array(recorded.states), rel=1e-5)
    assert kept["actions"] == list(recorded.actions)
    assert (kept["terminated"], kept["truncated"]) == (False, True)
    assert len(json.dumps(kept)) < 12_000


def test_a_dict_of_the_format_is_taken_like_the_object(recorded: upright.Replay) -> None:
    assert Replay(recorded.model_dump(mode="json"), step=7).replay == Replay(recorded).replay


def test_the_module_is_one_text_that_imports_nothing() -> None:
    source = module("replay")
    assert "import " not in source.replace("// ", "")
    assert len(source.encode()) < 30_000


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"states": [[0.0, 0.0]] * 2, "actions": [1], "rewards": [1.0]}, "states of 2 numbers"),
        ({"actions": [2], "states": [[0.0] * 4] * 2, "rewards": [1.0]}, "the action 2"),
        ({"actions": [1]}, "expected one state more than actions"),
        ({"format": "upright-replay/9"}, "replay: field format"),
    ],
)
def test_what_is_no_episode_of_cartpole_is_refused(
    recorded: upright.Replay, changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(TraitError, match=sentence):
        Replay({**recorded.model_dump(mode="json"), **changed})


def test_text_is_no_recording() -> None:
    with pytest.raises(TraitError, match="expected a JSON object"):
        Replay("episode.json")  # type: ignore[arg-type]  # what a user types
