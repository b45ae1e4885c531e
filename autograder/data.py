"""Labs whose answer is data: the judge of upright.checks, with what only a grader has."""

from __future__ import annotations

from typing import Any

from autograder import published
from upright.checks import exports, lab3, lab5
from upright.checks.verdict import Check

Graded = tuple[list[Check], list[str], list[str], dict[str, Any]]


def grade(lab: str, outputs: exports.Outputs, seed: int, variant: int, previous: dict[str, Any] | None) -> Graded:
    """Checks, flags, notes, and what is recorded beside the seeds. `previous`: what an earlier grading recorded."""
    if lab == lab3.LAB.name:
        checks, policy, notes = lab3.grade(outputs, seed, variant)
        return checks, published.flags(policy) if policy else [], notes, {}
    from autograder.retrain import retrain  # only here: nobody else starts a training

    return lab5.grade(outputs, seed, retrain, previous)
