"""What a bundle for Gradescope was made with, as data in the bundle."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from autograder.policy import GradingPolicy
from upright.format import Format

FILE = "settings.json"
Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
RESERVE_SECONDS = 45.0  # between the end of grading and Gradescope's own end: the result has to be written


class Settings(Format):
    """lab: its name; seed: the secret seed, 64 bits; variant: the course's physics, for lab 3; seconds: Gradescope's
    time limit; visibility: when students see the checks; leaderboard: whether points go there; policy: what lateness
    costs, None for nothing."""

    format: Literal["upright-gradescope/1"] = "upright-gradescope/1"
    lab: str
    seed: Annotated[int, Field(ge=0, lt=2**64)]
    variant: Annotated[int, Field(ge=0, le=999_999)] = 0
    seconds: Annotated[float, Field(gt=RESERVE_SECONDS, le=7_200)]
    visibility: Visibility = "visible"
    leaderboard: bool = False
    policy: GradingPolicy | None = None
