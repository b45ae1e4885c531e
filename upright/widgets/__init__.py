"""Figures that answer when touched, for chapters and notebooks: `widgets.Discount()` as the last line of a cell."""

from upright.widgets.cart_pole import CartPole
from upright.widgets.clipped_objective import ClippedObjective
from upright.widgets.curves import Curves
from upright.widgets.discount import Discount
from upright.widgets.interval import Interval
from upright.widgets.linear_policy import LinearPolicy
from upright.widgets.replay import Replay
from upright.widgets.speed import Speed

__all__ = ["CartPole", "ClippedObjective", "Curves", "Discount", "Interval", "LinearPolicy", "Replay", "Speed"]
