"""Figures that answer when touched."""
