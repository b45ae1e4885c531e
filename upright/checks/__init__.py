"""The one judge of the labs: scripted environments, cases, verdicts and hints.

A notebook calls it on the student's own functions (`checks.lab1.run_episode(run_episode)`), with public cases. The
grader calls it on the functions inside a sandbox, with cases made from a secret seed. A message reads the same in both.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upright.checks.verdict import Lab

LABS = {
    "lab1_episodes": "lab1",
    "lab2_policies": "lab2",
    "lab3_ppo": "lab3",
    "lab4_vectorize": "lab4",
    "lab5_tune": "lab5",
}


def lab(name: str) -> Lab:
    """A lab by its name. Raises KeyError."""
    return importlib.import_module(f"upright.checks.{LABS[name]}").LAB


def __getattr__(name: str) -> Any:
    """`checks.lab1` loads when it is used: lab 4 needs torch, and nobody else does."""
    if name in LABS.values():
        return importlib.import_module(f"upright.checks.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
