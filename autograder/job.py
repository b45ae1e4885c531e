"""What a worker needs to know to grade one submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Job:
    """path: the file; seed: this submission's secret seed, 64 bits; variant: the course's physics; sandbox: the name of
    a back end, or None for the best that works; previous: the seeds and retrainings of an earlier grading."""

    path: str
    student: str
    lab: str
    seed: int
    variant: int = 0
    unsafe: bool = False
    sandbox: str | None = None
    previous: dict[str, Any] | None = None
