"""The result of grading one submission, as it is stored and handed on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from types import NoneType
from typing import Any, Self

from autograder import __version__
from autograder.text import harmless
from upright.checks.verdict import Check

MAX_NOTES = 50
MAX_LOG = 65_536
OUTCOMES = ("passed", "failed", "invalid_submission", "infrastructure_error")
LARGEST = 1e12  # of a number of points or seconds
# What JSON has for the types that the fields of a Result and a Check declare.
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "str | None": (str, NoneType),
    "float": (int, float),
    "float | None": (int, float, NoneType),
    "int | None": (int, NoneType),
    "dict[str, Any] | None": (dict, NoneType),
    "list[str]": (list,),
    "list[Check]": (list,),
    "dict[str, Any]": (dict,),
}


@dataclass(frozen=True)
class Result:
    """submission: file name; score: points out of max_score, None if the grader itself failed; sandbox: the back end
    that ran the code, "none" if no code was run; seeds: what grading it again needs; flags: what an instructor should
    look at, never a penalty; notes: errors of single cells, and what else a student should know; log: the first 64 KiB
    of what the submission printed; signatures: by kind, the hashes that are compared to find copies."""

    submission: str
    student: str
    lab: str
    outcome: str
    score: float | None
    max_score: float
    checks: list[Check]
    sandbox: str
    seeds: dict[str, Any]
    submission_sha256: str
    grader_version: str
    duration_s: float
    flags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    log: str = ""
    signatures: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, **values: Any) -> Self:
        """A result whose every text is harmless: whatever came from a submission goes through here."""
        values["checks"] = [
            replace(check, message=harmless(check.message), hint=harmless(check.hint)) for check in values["checks"]
        ]
        for name in ("flags", "notes"):
            values[name] = [harmless(text) for text in values.get(name, [])[:MAX_NOTES]]
        values["log"] = harmless(values.get("log", ""), MAX_LOG)
        for name in ("submission", "student"):
            values[name] = harmless(values[name], 200)
        return cls(grader_version=__version__, **values)

    def to_json(self) -> dict[str, Any]:
        """Plain data, its keys in the order of the fields."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The result whose `to_json` this is. Raises ValueError, TypeError or KeyError for anything else."""
        result = cls(**{**data, "checks": [Check(**check) for check in data["checks"]]})
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()  # texts are UTF-8, numbers are finite
        _check_types(result)
        for check in result.checks:
            _check_types(check)
            _check_replay(check)
        if result.outcome not in OUTCOMES or not 0 <= (result.score or 0) <= result.max_score:
            raise ValueError(f"there is no outcome {result.outcome[:40]!r}, or no such score")
        return result


def _check_types(one: Result | Check) -> None:
    """Refuse a field whose value has not the type that is declared. Raises ValueError."""
    for declared in fields(one):
        value: object = getattr(one, declared.name)
        kinds = TYPES.get(str(declared.type), (object,))
        items = value if declared.type == "list[str]" and isinstance(value, list) else []
        if not isinstance(value, kinds) or not all(type(item) is str for item in items):
            raise ValueError(f"{declared.name} is not {declared.type}")
        if isinstance(value, (int, float)) and not abs(value) < LARGEST:
            raise ValueError(f"{declared.name} is out of range")


def _check_replay(check: Check) -> None:
    """Refuse what no player could show. Raises ValueError."""
    if check.replay is None:
        if check.replay_step is not None:
            raise ValueError("replay_step is a step of no replay")
        return
    from upright.replay import Replay  # takes long to import, and most results have none

    steps = len(Replay.parse(check.replay, "replay").actions)
    if check.replay_step is not None and not 0 <= check.replay_step <= steps:
        raise ValueError(f"replay_step is {check.replay_step}; the episode has {steps} steps")
