"""Gradescope's results.json: https://gradescope-autograders.readthedocs.io/en/latest/specs/"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.gradescope.metadata import Metadata
from autograder.gradescope.settings import Settings
from autograder.policy import Extension, GradingPolicy
from autograder.result import Result
from autograder.text import harmless
from upright.checks.verdict import Check

SHOWN_LOG = 4_000
SORRY = (
    "This is not a grade, and not your mistake: the grader did not finish. Please submit the same file again. "
    "If that does not help, ask your instructor."
)
FORMATS = {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}


@dataclass(frozen=True)
class Score:
    """raw: points before the penalty; score: what counts; late_s: seconds after `due`, None if unknown; best: the score
    of an earlier submission, where that one counts."""

    raw: float
    penalty: float
    score: float
    late_s: float | None = None
    due: str | None = None
    best: float | None = None


def unfinished(said: str = "") -> dict[str, Any]:
    """What stands there until there is a grade, and if there will be none. It has no score: Gradescope wants one, here
    or with each test, and takes a run without one as failed, which a zero would hide. said: for the student."""
    return {"output": f"{said} {SORRY}".strip(), **FORMATS, "stdout_visibility": "hidden"}


def document(result: Result, score: Score, metadata: Metadata, settings: Settings, seconds: float) -> dict[str, Any]:
    """The result of one submission. seconds: how long all of it took."""
    found: dict[str, Any] = {
        "score": score.score,
        "execution_time": round(seconds, 1),
        "output": "\n".join(_lines(result, score, metadata, settings)),
        **FORMATS,
        "visibility": settings.visibility,
        "stdout_visibility": "hidden",
        "tests": [_test(number, check, settings) for number, check in enumerate(result.checks, 1)],
        "extra_data": {
            "upright": {
                "lab": result.lab,
                "outcome": result.outcome,
                "raw": score.raw,
                "penalty": score.penalty,
                "late_s": score.late_s,
                "sandbox": result.sandbox,
                "grader_version": result.grader_version,
                "submission_sha256": result.submission_sha256,
            }
        },
    }
    if settings.leaderboard:
        found["leaderboard"] = [{"name": "Points", "value": score.score, "order": "desc"}]
    return found


def score(result: Result, metadata: Metadata, policy: GradingPolicy | None) -> Score:
    """What a graded submission is worth by the policy, if there is one. Gradescope's due date, which knows extensions,
    goes before the policy's."""
    raw = result.score or 0.0
    if policy is None:
        return Score(raw, 0.0, raw)
    extension = Extension(deadline=metadata.due) if metadata.due else None
    late_s, due = policy.late_s(metadata.submitted_at, extension), policy.due(extension)
    penalty = policy.penalty(raw, result.max_score, late_s)
    own = round(raw - penalty, 2)
    best = max((one for one in metadata.previous if own < one <= result.max_score), default=None)
    if policy.attempts != "best":
        best = None
    return Score(raw, penalty, own if best is None else best, late_s, due.isoformat() if due else None, best)


def _lines(result: Result, score: Score, metadata: Metadata, settings: Settings) -> list[str]:
    lines = [f"{result.lab}: {score.raw:g} of {result.max_score:g} points."]
    if score.penalty:
        lines.append(f"It came {_duration(score.late_s)} after {score.due}: {score.penalty:g} points less.")
    elif score.late_s:
        lines.append(f"It came {_duration(score.late_s)} after {score.due}. That costs nothing.")
    if score.best is not None:
        lines.append(f"An earlier submission had {score.best:g} points; the best one counts.")
    if settings.policy is not None:
        lines += metadata.notes
    lines += result.notes
    if result.log:
        lines += ["", "What the notebook printed:", harmless(result.log, SHOWN_LOG)]
    return lines


def _duration(seconds: float | None) -> str:
    minutes = max(1, round((seconds or 0) / 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{count} {name}" for count, name in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts)


def _test(number: int, check: Check, settings: Settings) -> dict[str, Any]:
    outcome = check.outcome if check.limit is None else f"{check.outcome}: {check.limit}"
    said = "" if check.outcome in ("passed", "failed") else f"({outcome})"
    return {
        "name": check.name,
        "number": str(number),
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.outcome == "passed" else "failed",
        "output": "\n".join(filter(None, [check.message, check.hint, said])),
        "output_format": "text",
        "visibility": settings.visibility,
        "tags": [check.outcome],
    }


def write(path: Path, found: dict[str, Any]) -> None:
    """In one step: what stood there before stays until the new text is on the disk. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(found, file, ensure_ascii=False, allow_nan=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
