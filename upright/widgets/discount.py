"""Which rewards still count, and the return."""

from __future__ import annotations

import traitlets

from upright.widgets.figure import Figure


class Discount(Figure):
    """The weights gamma^t of the rewards of an episode, and its discounted return, the sum of gamma^t · r_t.

    gamma: from 0 to 1; steps: length of the episode in env steps, each with a reward of 1, from 1 to 200.
    """

    _name = "discount"
    gamma = traitlets.Float(0.95, min=0.0, max=1.0).tag(sync=True)
    steps = traitlets.Int(60, min=1, max=200).tag(sync=True)
