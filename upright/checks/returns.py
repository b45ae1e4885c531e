"""Is a policy's mean return at least 195? The rule by which every lab decides that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

TARGET = 195.0
FEW, MANY = 100, 1_000
STUDENT_T = 1.984  # two-sided 95 % quantile of Student's t with 99 degrees of freedom


@dataclass(frozen=True)
class Decision:
    """mean return of `episodes` episodes; low and high: its 95 % confidence interval; passed: mean >= 195."""

    mean: float
    low: float
    high: float
    episodes: int

    @property
    def passed(self) -> bool:
        return self.mean >= TARGET


def decide(play: Callable[[int, int], np.ndarray], seed: int) -> Decision:
    """Play 100 episodes; when 195 lies inside the confidence interval of their mean, play 1,000 and decide on those.

    `play(episodes, seed)` gives returns, float64 of shape (episodes,). Between 100 and 1,000 episodes only the close
    cases pay for more: the interval is Student's, mean ± t · sd / √n (Box, Hunter and Hunter, Statistics for
    Experimenters, 2nd ed. 2005, section 2.11). benchmarks/decision.py measures how often the rule errs.
    """
    first = summary(play(FEW, seed))
    if first.low <= TARGET <= first.high and first.low < first.high:
        return summary(play(MANY, seed + 1))
    return first


def summary(returns: np.ndarray) -> Decision:
    """The mean of returns, shape (n,) with n of at least 2, and its interval."""
    mean, half = float(returns.mean()), STUDENT_T * float(returns.std(ddof=1)) / len(returns) ** 0.5
    return Decision(mean, mean - half, mean + half, len(returns))


def told(decision: Decision) -> str:
    """The decision as a student reads it."""
    return (
        f"Mean return {decision.mean:.1f} over {decision.episodes:,} episodes "
        f"(95 % interval {decision.low:.1f} to {decision.high:.1f}); expected at least {TARGET:.0f}."
    )
