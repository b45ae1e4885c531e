"""A check, how it ended, and the text that a student reads. The same in a notebook and in the grader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from upright.checks.answers import Answers

CHECK_OUTCOMES = ("passed", "failed", "not_answered", "student_error", "limit", "protocol")
LIMITS = ("call", "wall", "cpu", "memory", "processes", "file_size", "disk", "output")


@dataclass(frozen=True)
class Check:
    """One check and how it ended.

    points and max_points: 0 to 10; outcome: one of CHECK_OUTCOMES; limit: one of LIMITS if the outcome is `limit`,
    else None; message: what was expected and what came; hint: what to look at, or empty. replay: an episode that shows
    what went wrong (upright-replay/1), if there is one; replay_step: its step at which it went wrong, from 1.
    """

    name: str
    points: float
    max_points: float
    outcome: str
    limit: str | None = None
    message: str = ""
    hint: str = ""
    replay: dict[str, Any] | None = None
    replay_step: int | None = None


class NoPoint(Exception):
    """Why a check gives no point. `outcome` is one of CHECK_OUTCOMES, `limit` names the limit that was passed."""

    outcome = "failed"

    def __init__(self, message: str, hint: str = "", limit: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.limit = message, hint, limit


class Wrong(NoPoint):
    """The answer is wrong. `message` says where, what was expected and what came; `hint` what to look at; `replay` and
    `replay_step` show it: see Check."""

    def __init__(self, message: str, hint: str = "", replay: dict[str, Any] | None = None, step: int = 0) -> None:
        super().__init__(message, hint)
        self.replay, self.replay_step = replay, step if replay else None


class NotAnswered(NoPoint):
    outcome = "not_answered"


class StudentError(NoPoint):
    """The student's code raised an exception."""

    outcome = "student_error"


class LimitPassed(NoPoint):
    outcome = "limit"


class ProtocolBroken(NoPoint):
    """What came out of the sandbox was no answer to the question that had been asked."""

    outcome = "protocol"


@dataclass(frozen=True)
class Part:
    """Some of a check's points: the judge gives `points` and says why it did not give them all."""

    points: float
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Spec:
    """A check before it runs. `judge(answers, rng)` returns when the answer is right, returns a Part for some of the
    points, or raises a NoPoint. `rng` is made from the secret seed; every case comes from it. `function` is the
    student's function that the check is about."""

    name: str
    points: float
    judge: Callable[[Answers, np.random.Generator], Part | str | None]
    function: str = ""


@dataclass(frozen=True)
class Lab:
    """A lab: the functions that a student writes (or none, when the answer is data), and its checks, 10 points."""

    name: str
    functions: tuple[str, ...]
    checks: tuple[Spec, ...]
    modules: tuple[str, ...] = ()  # loaded before the student's code runs: their import is not the student's time


def run(spec: Spec, answers: Answers, seed: int) -> Check:
    """Run one check. What goes wrong in the answer becomes its outcome; only a fault of the judge itself raises."""
    import numpy as np

    rng = np.random.default_rng([seed & (2**64 - 1), *spec.name.encode()])
    try:
        found = spec.judge(answers, rng)
    except NoPoint as reason:
        shown = (reason.replay, reason.replay_step) if isinstance(reason, Wrong) else ()
        return Check(spec.name, 0.0, spec.points, reason.outcome, reason.limit, reason.message, reason.hint, *shown)
    if isinstance(found, Part):
        outcome = "passed" if found.points >= spec.points else "failed"
        return Check(spec.name, found.points, spec.points, outcome, None, found.message, found.hint)
    return Check(spec.name, spec.points, spec.points, "passed", None, found or "")


def line(check: Check) -> str:
    """A check as a student reads it: one line, and below it what was expected and what to look at."""
    mark = "✓" if check.outcome == "passed" else "✗"
    lines = [f"{mark} {check.name} ({check.points:g} of {check.max_points:g} points)"]
    if check.message:
        lines.append(f"    {check.message}")
    if check.hint:
        lines.append(f"    Hint: {check.hint}")
    return "\n".join(lines)


def self_check(lab: Lab, answers: Any, names: Iterable[str], seed: int = 0) -> None:
    """Run the checks of some functions on public cases, print each, and raise AssertionError if one fails."""
    wanted = set(names)
    checks = [run(spec, answers, seed) for spec in lab.checks if spec.function in wanted]
    print("\n".join(line(check) for check in checks))
    missed = [check.name for check in checks if check.outcome != "passed"]
    if missed:
        raise AssertionError(f"{len(missed)} of {len(checks)} checks did not pass: {'; '.join(missed)}") from None
