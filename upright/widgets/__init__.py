"""Figures that answer when touched, for chapters and notebooks: `widgets.Discount()` as the last line of a cell."""

from upright.widgets.curves import Curves
from upright.widgets.discount import Discount
from upright.widgets.linear_policy import LinearPolicy

__all__ = ["Curves", "Discount", "LinearPolicy"]
