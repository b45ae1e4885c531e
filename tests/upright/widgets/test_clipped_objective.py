"""The clipped objective and its slope are those that PyTorch finds."""

from __future__ import annotations

import itertools

import pytest
import torch
import traitlets

from tests.upright.widgets.node import call
from upright.widgets import ClippedObjective

STATES = [
    {"epsilon": epsilon, "advantage": advantage, "ratio": ratio}
    for epsilon, advantage, ratio in itertools.product(
        (0.1, 0.2, 0.5, 1.0, 1.4), (-1.0, -0.3, 0.0, 0.5, 1.0), (0.01, 0.4, 0.79, 0.81, 1.0, 1.19, 1.21, 1.7, 2.45)
    )
]


def in_torch(state: dict[str, float]) -> tuple[float, float]:
    """The objective and its derivative by the ratio."""
    ratio = torch.tensor(state["ratio"], dtype=torch.float64, requires_grad=True)
    clipped = ratio.clip(1 - state["epsilon"], 1 + state["epsilon"])
    objective = torch.minimum(ratio * state["advantage"], clipped * state["advantage"])
    objective.backward()
    assert ratio.grad is not None
    return objective.item(), ratio.grad.item()


def test_objective_and_slope_are_those_of_pytorch() -> None:
    found = call("clipped_objective", *(["objective", state, state["ratio"]] for state in STATES))
    slopes = call("clipped_objective", *(["slope", state] for state in STATES))
    expected = [in_torch(state) for state in STATES]
    assert [each["clipped"] for each in found] == pytest.approx([objective for objective, _ in expected])
    assert [each["plain"] for each in found] == pytest.approx([each["ratio"] * each["advantage"] for each in STATES])
    assert slopes == pytest.approx([slope for _, slope in expected])


def test_an_epsilon_of_one_leaves_nothing_flat_for_a_bad_action() -> None:
    flat = call(
        "clipped_objective",
        ["flat", {"epsilon": 1.0, "advantage": -1.0}],
        ["flat", {"epsilon": 0.9, "advantage": -1.0}],
        ["flat", {"epsilon": 1.5, "advantage": 1.0}],
    )
    assert flat == [None, [0, pytest.approx(0.1)], None]


def test_it_begins_where_every_update_begins() -> None:
    figure = ClippedObjective()
    assert (figure.epsilon, figure.ratio, figure.advantage) == (0.2, 1.0, 1.0)


@pytest.mark.parametrize("trait", [{"epsilon": -0.1}, {"epsilon": 1.6}, {"ratio": 3.0}, {"advantage": 1.1}])
def test_it_refuses_what_its_picture_does_not_show(trait: dict[str, float]) -> None:
    with pytest.raises(traitlets.TraitError):
        ClippedObjective(**trait)
