"""Figures that answer when touched, for chapters and notebooks: `widgets.Discount()` as the last line of a cell."""

from upright.widgets.discount import Discount

__all__ = ["Discount"]
