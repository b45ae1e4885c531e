"""How often an evaluation lies."""

from __future__ import annotations

import traitlets

from upright.widgets.figure import Figure


class Interval(Figure):
    """How often an evaluation shows a mean on the wrong side of 195, for a policy whose true mean is known.

    The model of the returns: with a certain probability an episode ends early, and then at every step from some step to
    199 equally often; otherwise its return is 200. The probability and the earliest step follow from mean and sd; the
    earliest step is at least 8. Where that makes an sd impossible, the figure takes the largest one and says so. The
    share is exact for this model, not simulated.

    mean: true mean return in steps, from 185 to 199.5; sd: standard deviation of one episode's return in steps, from 10
    to 40; episodes: of one evaluation, from 10 to 1,000.
    """

    _name = "interval"
    mean = traitlets.Float(193.9, min=185.0, max=199.5).tag(sync=True)
    sd = traitlets.Float(27.0, min=10.0, max=40.0).tag(sync=True)
    episodes = traitlets.Int(100, min=10, max=1000).tag(sync=True)
