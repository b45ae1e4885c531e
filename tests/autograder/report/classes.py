"""Small classes whose gradebook a report is written on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder.gradebook import Gradebook
from tests.autograder.fixtures import lost, result
from upright.checks import lab2
from upright.checks.answers import Local
from upright.checks.verdict import Check, run

# A tag, its end, an attribute's end, a right-to-left override, NUL.
HOSTILE = "</script></style><script>boom()</script>\"'><img src=x onerror=boom()>\u202egnp\x00"


def fallen() -> Check:
    """What the judge says of a policy that always pushes to the right: with the replay of an episode."""
    return run(lab2.LAB.checks[1], Local({"policy": lambda observation: 1}), 7)


def small(folder: Path) -> None:
    """Ada fell, Ben passed, Chen's file could not be read, Dora met a fault of the grader, and one is hostile."""
    passed = replace(fallen(), points=4.0, outcome="passed", hint="", replay=None, replay_step=None)
    lab = {"lab": "lab2_policies"}
    with Gradebook.open(folder) as book:
        book.record(result("ada", **lab, score=6.0, checks=[fallen()], flags=["code equal to that of ben"]))
        book.record(result("ben", **lab, score=10.0, outcome="passed", checks=[passed]))
        book.record(result("chen", **lab, score=0.0, outcome="invalid_submission", checks=[], notes=["Not JSON."]))
        book.record(lost("dora", **lab))
        check = Check(HOSTILE, 0.0, 4.0, "failed", None, HOSTILE, HOSTILE)
        hostile = result(HOSTILE, **lab, score=0.0, checks=[check], notes=[HOSTILE], log=HOSTILE, flags=[HOSTILE])
        # As if it had come into the gradebook without being made harmless.
        book.record(replace(hostile, student=HOSTILE, log=HOSTILE + "x" * 1_000_000))
