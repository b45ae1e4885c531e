"""What the terminal shows while submissions are graded, and the summary at the end."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from autograder.text import harmless

LINE_SECONDS = 10.0


class Progress:
    """A bar with rate, time left and outcomes on a terminal; a line now and then anywhere else."""

    def __init__(self, total: int, skipped: int, lab: str, folder: Path) -> None:
        self._total, self._skipped, self._lab, self._folder = total, skipped, lab, folder
        self._sandbox = "none"
        self._start = self._told = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        self._scores = 0.0
        self.outcomes: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()
        self._flagged = 0

    def began(self, sandbox: str) -> None:
        self._sandbox = sandbox
        if not sys.stderr.isatty():
            print(f"autograder: {self._total} submissions of {self._lab}, sandbox {sandbox}", file=sys.stderr)
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[outcomes]}"),
            console=Console(stderr=True),
        )
        self._bar.start()
        self._task = self._bar.add_task(self._lab, total=self._total, rate="", outcomes="")

    @property
    def _done(self) -> int:
        return sum(self.outcomes.values())

    def _rate(self) -> str:
        return f"{60 * self._done / max(time.monotonic() - self._start, 1e-3):.0f} a minute"

    def _told_outcomes(self) -> str:
        return ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))

    def graded(self, result: dict[str, Any]) -> None:
        """Count one result."""
        self.outcomes[result["outcome"]] += 1
        self._scores += result["score"] or 0.0
        self._flagged += bool(result["flags"])
        self._missed.update(check["name"] for check in result["checks"] if check["outcome"] != "passed")
        if result["outcome"] in ("infrastructure_error", "invalid_submission"):
            self._print(f"{result['student']}: {result['outcome']}: {harmless('; '.join(result['notes']), 300)}")
        if self._bar is not None:
            self._bar.update(self._task, advance=1, rate=self._rate(), outcomes=self._told_outcomes())
        elif time.monotonic() - self._told > LINE_SECONDS:
            self._told = time.monotonic()
            self._print(f"{self._done} of {self._total}, {self._rate()}: {self._told_outcomes()}")

    def _print(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.print(f"autograder: {line}", markup=False, highlight=False)
        else:
            print(f"autograder: {line}", file=sys.stderr)

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def summary(self) -> list[str]:
        """The lines at the end."""
        lines = [
            f"{self._lab}: {self._done} graded"
            + (f", {self._rate()}" if self._done else "")
            + f", sandbox {self._sandbox}"
        ]
        if self._skipped:
            lines.append(f"  {self._skipped} had their grade already (--regrade grades them again)")
        lines += [f"  {count:6} {outcome}" for outcome, count in sorted(self.outcomes.items())]
        counted = self._done - self.outcomes["infrastructure_error"]
        if counted:
            lines.append(f"  mean score {self._scores / counted:.2f} of 10")
        lines += [f"  {count:6} × not passed: {name}" for name, count in self._missed.most_common(5)]
        if self._flagged:
            lines.append(f"  {self._flagged} flagged for you to look at (column flags)")
        if self.outcomes["infrastructure_error"]:
            lines.append("  Some have no grade because the grader failed: run the same command again.")
        return [
            *lines,
            f"Gradebook: {self._folder / 'gradebook.csv'}, results in {self._folder / 'results' / self._lab}",
        ]
