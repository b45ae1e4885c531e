"""Figures that answer when touched, for chapters and notebooks: `widgets.Discount()` as the last line of a cell."""

from upright.widgets.cart_pole import CartPole
from upright.widgets.discount import Discount
from upright.widgets.replay import Replay

__all__ = ["CartPole", "Discount", "Replay"]
