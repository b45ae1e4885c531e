"""Grades what students of Upright hand in: their code in a sandbox, their data as data."""

__version__ = "1.0.0"
