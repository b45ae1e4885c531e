"""What the terminal shows while submissions are graded, and the summary at the end."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, TextIO

from autograder.result import Result
from autograder.text import harmless

LINE_SECONDS = 5.0


def say(text: str, file: TextIO) -> None:
    """Print a line. That nobody can read it, as behind `| head` or on a full disk, ends no grading."""
    try:
        print(text, file=file, flush=True)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, file.fileno())  # what is left in the buffer goes there, now and when Python ends
        os.close(nowhere)


class Progress:
    """A bar with rate, time left and outcomes on a terminal; a line now and then anywhere else.

    outcomes: how many submissions ended in each way, those that had their grade before counted.
    """

    def __init__(self, total: int, lab: str, folder: Path) -> None:
        self._total, self._lab, self._folder = total, lab, folder
        self._start = self._told = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        self._graded = self._kept = self._flagged = 0
        self._points = self._of = 0.0
        self._missed: Counter[str] = Counter()
        self._sandboxes: Counter[str] = Counter()
        self._remarks: list[str] = []
        self.outcomes: Counter[str] = Counter()

    def begin(self) -> None:
        if not sys.stderr.isatty():
            self._print(f"{self._total} submission{'' if self._total == 1 else 's'} of {self._lab}")
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._bar.start()
        self._task = self._bar.add_task(self._lab, total=self._total, told="")

    def graded(self, result: Result) -> None:
        """Count a result that was found now."""
        self._graded += 1
        self._sandboxes[result.sandbox] += 1
        self._count(result)

    def kept(self, result: Result) -> None:
        """Count a submission that had its grade before."""
        self._kept += 1
        self._count(result)

    def _count(self, result: Result) -> None:
        self.outcomes[result.outcome] += 1
        if result.score is not None:
            self._points, self._of = self._points + result.score, self._of + result.max_score
        self._flagged += bool(result.flags)
        self._missed.update(check.name for check in result.checks if check.outcome != "passed")
        if result.outcome in ("infrastructure_error", "invalid_submission"):
            self._print(f"{result.student}: {result.outcome}: {harmless('; '.join(result.notes), 300)}")
        self._show()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, told=f"{self._rate()} {self._told_outcomes()}")
        elif time.monotonic() - self._told > LINE_SECONDS:
            self._told = time.monotonic()
            left = (self._total - self._done) * (self._told - self._start) / max(self._done, 1)
            left_told = f"{int(left // 60)}:{int(left % 60):02d} left"
            self._print(f"{self._done} of {self._total}, {self._rate()}, {left_told}: {self._told_outcomes()}")

    @property
    def _done(self) -> int:
        return self._graded + self._kept

    def _rate(self) -> str:
        return f"{60 * self._graded / max(time.monotonic() - self._start, 1e-3):.0f} a minute"

    def _told_outcomes(self) -> str:
        return ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))

    def _print(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.print(f"autograder: {line}", markup=False, highlight=False)
        else:
            say(f"autograder: {line}", sys.stderr)

    def remark(self, line: str) -> None:
        """Say something now, and once more in the summary: that a node was refused, for instance."""
        self._remarks.append(harmless(line))
        self._print(self._remarks[-1])

    def stop(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()

    def summary(self) -> list[str]:
        """The lines at the end."""
        rows = [("graded", f"{self._graded} ({self._rate()})")]
        if self._kept:
            rows.append(("had their grade before", f"{self._kept} (--regrade grades them again)"))
        rows += [
            ("passed", f"{self.outcomes['passed']}"),
            ("failed", f"{self.outcomes['failed']}"),
            ("invalid submissions", f"{self.outcomes['invalid_submission']}"),
            ("infrastructure errors", f"{self.outcomes['infrastructure_error']}"),
        ]
        scored = sum(self.outcomes.values()) - self.outcomes["infrastructure_error"]
        if scored:
            rows.append(("mean score", f"{self._points / scored:.2f} of {self._of / scored:g}"))
        if self._sandboxes:
            rows.append(("sandbox", ", ".join(sorted(self._sandboxes))))
        rows += [("not passed", f"{count} × {name}") for name, count in self._missed.most_common(5)]
        if self._flagged:
            rows.append(("flagged", f"{self._flagged} (column flags of the table)"))
        rows += [("table", str(self._folder / "gradebook.csv")), ("gradebook", str(self._folder / "gradebook.sqlite"))]
        rows += [("cluster", remark) for remark in self._remarks]
        lines = [self._lab, *(f"  {name:23}{value}" for name, value in rows)]
        if self.outcomes["infrastructure_error"]:
            lines.append("The grader itself failed for some, which have no grade: run the same command again.")
        return lines
