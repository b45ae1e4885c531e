"""The grading policy of a lab as data: what lateness costs, and which of several attempts counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from autograder.errors import UsageError
from upright.format import Format

UNITS = {"per_hour": 3600.0, "per_day": 86_400.0}


def moment(text: str) -> datetime:
    """A time with its zone, such as 2026-12-01T23:59:00+01:00, as UTC. Raises ValueError."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("expected a time such as 2026-12-01T23:59:00+01:00") from None
    if found.tzinfo is None:
        raise ValueError("has no time zone; expected a time such as 2026-12-01T23:59:00+01:00, or ...Z for UTC")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time of this century") from None


def _checked(text: str) -> str:
    moment(text)
    return text


Percent = Annotated[float, Field(gt=0, le=100)]


@dataclass(frozen=True)
class Extension:
    """More time for one student: `days` after the lab's deadline, or a `deadline` of the student's own (ISO 8601)."""

    days: float | None = None
    deadline: str | None = None


class GradingPolicy(Format):
    """How the score of a lab comes about, `upright-grading/1`.

    deadline: a time with its zone. late: `none` (lateness costs nothing), `zero`, or `per_hour` or `per_day`: `percent`
    of the lab's points for each hour or day that has begun since the deadline, at most `cap_percent`, and never more
    than the score. grace_minutes: so much later is still in time. attempts: which of several counts.
    """

    format: Literal["upright-grading/1"] = "upright-grading/1"
    deadline: Annotated[str, AfterValidator(_checked)] | None = None
    late: Literal["none", "zero", "per_hour", "per_day"] = "none"
    percent: Percent | None = None
    grace_minutes: Annotated[float, Field(ge=0, le=525_600)] = 0
    cap_percent: Percent = 100
    attempts: Literal["best", "last", "average"] = "last"

    @model_validator(mode="after")
    def _whole(self) -> GradingPolicy:
        if self.late in UNITS and self.percent is None:
            raise ValueError(f'"late": "{self.late}" needs "percent", such as 10')
        if self.late not in UNITS and self.percent is not None:
            raise ValueError(f'"percent" is only for "per_hour" and "per_day", and "late" is "{self.late}"')
        if self.late != "none" and self.deadline is None:
            raise ValueError(f'"late": "{self.late}" needs a "deadline"')
        return self

    def late_s(self, submitted_at: str | None, extension: Extension | None = None) -> float | None:
        """Seconds after the student's own deadline, 0 within the grace; None if the time or the deadline is unknown."""
        due = self.due(extension)
        if due is None or submitted_at is None:
            return None
        seconds = (moment(submitted_at) - due).total_seconds()
        return seconds if seconds > 60 * self.grace_minutes else 0.0

    def due(self, extension: Extension | None = None) -> datetime | None:
        """When a student's work was due, in UTC, the grace left out."""
        if extension is not None and extension.deadline is not None:
            return moment(extension.deadline)
        if self.deadline is None:
            return None
        return moment(self.deadline) + timedelta(days=extension.days if extension and extension.days else 0.0)

    def penalty(self, raw: float, max_score: float, late_s: float | None) -> float:
        """The points that lateness takes from `raw`: 0 to raw. A time that is unknown is never late."""
        if not late_s or self.late == "none":
            return 0.0
        if self.late == "zero":
            return raw
        begun = math.ceil(late_s / UNITS[self.late])
        assert self.percent is not None
        return round(min(raw, max_score * min(begun * self.percent, self.cap_percent) / 100), 2)


def utc(text: str, where: str) -> str:
    """A time with its zone as UTC, ISO 8601. Raises UsageError that begins with `where`."""
    try:
        return moment(text).isoformat()
    except ValueError as reason:
        raise UsageError(f"{where}: {text[:60]!r}: {reason}.") from None
