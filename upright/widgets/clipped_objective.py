"""Where PPO's objective stops to push."""

from __future__ import annotations

import traitlets

from upright.widgets.figure import Figure


class ClippedObjective(Figure):
    """PPO's objective for one action, min(r · A, clip(r, 1 − ε, 1 + ε) · A), against the ratio r.

    Schulman et al. (2017), Proximal Policy Optimization Algorithms, equation 7.

    epsilon: from 0 to 1.5, where 1 and more clips no bad action at all; ratio: of the action's probabilities after and
    before the update, from 0 to 2.5; advantage: of the action, from -1 to 1.
    """

    _name = "clipped_objective"
    epsilon = traitlets.Float(0.2, min=0.0, max=1.5).tag(sync=True)
    ratio = traitlets.Float(1.0, min=0.0, max=2.5).tag(sync=True)
    advantage = traitlets.Float(1.0, min=-1.0, max=1.0).tag(sync=True)
