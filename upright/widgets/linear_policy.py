"""A linear policy as a line in the plane of angle and angular velocity, and what it earns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets

from upright.widgets.figure import Figure

ANGLE_ONLY = (0.0, 0.0, 1.0, 0.0)


class LinearPolicy(Figure):
    """A policy that pushes right where weights @ observation > 0: drag its line, and see path and mean return.

    weights: four numbers from -2 to 2, of the cart's position and velocity, and of the pole's angle and angular
    velocity; seed: of the 100 episodes, 0 or more. They start from numbers of the figure's own generator, so they are
    not Gymnasium's episodes of that seed. mean_return: of the 100 episodes of at most 200 steps; the figure sets it.
    """

    _name = "linear_policy"
    weights = traitlets.List(traitlets.Float(), default_value=list(ANGLE_ONLY)).tag(sync=True)
    seed = traitlets.Int(1, min=0, max=2**32 - 1).tag(sync=True)
    mean_return = traitlets.Float(None, allow_none=True).tag(sync=True)

    def __init__(self, weights: Iterable[float] = ANGLE_ONLY, **traits: Any) -> None:
        super().__init__(weights=[float(weight) for weight in weights], **traits)

    @traitlets.validate("weights")
    def _four_in_range(self, proposal: Any) -> list[float]:
        weights: list[float] = proposal["value"]
        if len(weights) != 4 or not all(-2 <= weight <= 2 for weight in weights):
            raise traitlets.TraitError(f"the weights are {weights}; expected four numbers from -2 to 2")
        return weights
