"""CartPole as a figure: what it offers by default, what it keeps of a policy, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from traitlets import TraitError

from upright.policy import Policy
from upright.widgets import CartPole
from upright.widgets.figure import module

POLICY = Policy.linear([[0, 0, 0, 0], [0, 0, 1, 1]])


def test_by_default_the_reader_drives_slowly_and_may_watch_random_pushes() -> None:
    figure = CartPole()
    assert (figure.driver, figure.drivers, figure.speed) == ("you", ["you", "random"], 0.1)
    assert (figure.controls, figure.max_episode_steps, figure.gravity, figure.length) == ([], 200, 9.8, 0.5)
    assert (figure.step, figure.episode_return, figure.terminated, figure.truncated) == (0, 0.0, False, False)


def test_a_policy_offers_the_network_and_the_driver_is_always_offered() -> None:
    assert CartPole(policy=POLICY).drivers == ["you", "random", "network"]
    assert CartPole("linear").drivers == ["you", "random", "linear"]
    assert CartPole("network", drivers=["network"], policy=POLICY.model_dump(mode="json")).drivers == ["network"]


def test_names_are_kept_once_and_in_the_figures_order() -> None:
    assert CartPole(controls=["noise", "gravity", "noise"]).controls == ["gravity", "noise"]


def test_a_policy_takes_little_room() -> None:
    rng = np.random.default_rng(0)
    figure = CartPole("network", policy=Policy.linear(rng.normal(size=(2, 4))))
    assert all(len(str(number)) <= 11 for row in figure.policy["layers"][0]["weight"] for number in row)
    assert len(json.dumps(figure.policy)) < 500


def test_the_module_is_small() -> None:
    assert len(module("cart_pole").encode()) < 36_000


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown driver": ({"driver": "robot"}, "drivers names 'robot'; known are \"you\""),
    "a driver that is not offered": ({"driver": "linear", "drivers": ["you"]}, 'this figure offers "you"'),
    "no driver": ({"drivers": []}, "drivers is empty"),
    "a network without a policy": ({"driver": "network"}, "needs a policy"),
    "an unknown control": ({"controls": ["wind"]}, "controls names 'wind'"),
    "three weights": ({"weights": [1.0, 2.0, 3.0]}, "give four numbers from -4 to 4"),
    "a weight that is too large": ({"weights": [0.0, 0.0, 0.0, 5.0]}, "only their ratios count"),
    "a weight that is no number": ({"weights": [0.0, 0.0, 0.0, float("nan")]}, "give four numbers"),
    "another speed": ({"speed": 2.0}, "one of 0.1, 0.25 and 1"),
    "a pole without length": ({"length": 0.0}, "length"),
    "gravity upwards": ({"gravity": -1.0}, "gravity"),
    "a force of nothing": ({"force_mag": 0.0}, "force_mag"),
    "too much noise": ({"noise": 0.6}, "noise"),
    "an episode of no steps": ({"max_episode_steps": 0}, "max_episode_steps"),
    "a negative seed": ({"seed": -1}, "seed"),
    "a policy that is no policy": ({"policy": {"format": "upright-policy/2"}}, "policy: field"),
    "a policy for another task": ({"policy": Policy.linear([[1.0, 2.0]])}, "takes 2 numbers and has 1 actions"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_a_sentence(what: str) -> None:
    traits, sentence = REFUSED[what]
    with pytest.raises(TraitError, match=sentence):
        CartPole(**traits)


def test_a_trait_that_is_set_later_is_checked_too() -> None:
    figure = CartPole()
    with pytest.raises(TraitError, match="this figure offers"):
        figure.driver = "network"
    assert figure.driver == "you"
