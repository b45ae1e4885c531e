"""What the page of the class says of a lab: scores, outcomes, checks and mistakes, counted grade by grade."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from autograder.grades import Grade

BINS = 10
COMMONEST = 8
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?")


@dataclass
class Bin:
    """Scores of at least `low` and below `high` points; the last bin holds the full score too."""

    low: float
    high: float
    count: int = 0


@dataclass
class Summary:
    """A lab, counted. outcomes: grades by outcome; asked and missed: by check, how often it was judged, and not passed;
    mistakes: by check and hint, or what was told where there is no hint."""

    lab: str
    max_score: float
    bins: list[Bin] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[tuple[str, str]] = field(default_factory=Counter)
    points: float = 0.0

    def __post_init__(self) -> None:
        width = self.max_score / BINS
        self.bins = [Bin(round(i * width, 6), round((i + 1) * width, 6)) for i in range(BINS)]

    def add(self, grade: Grade) -> None:
        self.outcomes[grade.outcome] += 1
        if grade.score is not None:
            place = int(grade.score / self.max_score * BINS) if self.max_score else 0
            self.bins[min(max(place, 0), BINS - 1)].count += 1
            self.points += grade.score
        for check in grade.row.result.checks if grade.row else ():
            self.asked[check.name] += 1
            if check.outcome != "passed":
                self.missed[check.name] += 1
            if check.outcome not in ("passed", "not_answered"):  # what is not written yet is no mistake
                self.mistakes[check.name, check.hint or _without_numbers(check.message)] += 1

    @property
    def students(self) -> int:
        return sum(self.outcomes.values())

    @property
    def scored(self) -> int:
        return sum(one.count for one in self.bins)

    @property
    def mean(self) -> float | None:
        """Points; None if nobody has a score."""
        return self.points / self.scored if self.scored else None

    @property
    def commonest(self) -> list[tuple[str, str, int]]:
        """Check, hint and how often, the commonest mistake first; in order of name among equals."""
        found = sorted(self.mistakes.items(), key=lambda pair: (-pair[1], pair[0]))
        return [(check, hint, count) for (check, hint), count in found[:COMMONEST]]


def _without_numbers(message: str) -> str:
    """A message such that one mistake with different numbers is counted as one."""
    return NUMBER.sub("…", message)
