"""What the terminal shows while submissions are graded, and the summary at the end."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, TextIO

from autograder.course import Attendance
from autograder.errors import GraderError
from autograder.result import OUTCOMES, Result
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

    total: how many submissions there are; outcomes: how many of them ended in each way, those that had their grade
    before counted; attendance: who is missing; copied: how many students are flagged for a copy; unknown_times,
    marked_late: how many count as in time since nothing says when, or though Canvas marks them as late. machine: tell
    what happens as lines of JSON on standard output, too.
    """

    def __init__(self, total: int, lab: str, folder: Path, machine: bool = False) -> None:
        self.total, self._lab, self._folder, self._machine = total, lab, folder, machine
        self._start = self._told = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        self._graded = self._kept = self._flagged = 0
        self._points = self._of = 0.0
        self._missed: Counter[str] = Counter()
        self._sandboxes: Counter[str] = Counter()
        self._remarks: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self.attendance, self.copied = Attendance([], [], []), 0
        self.unknown_times = self.marked_late = 0

    def begin(self) -> None:
        self._event("begin", lab=self._lab, total=self.total)
        if not sys.stderr.isatty():
            self._print(f"{self.total} submission{'' if self.total == 1 else 's'} of {self._lab}")
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            console=Console(stderr=True),
        )
        self._bar.start()
        self._task = self._bar.add_task(self._lab, total=self.total, told="")

    def graded(self, result: Result) -> None:
        """Count a result that was found now."""
        self._graded += 1
        self._sandboxes[result.sandbox] += 1
        self._count(result)
        self._happened("graded", result)

    def kept(self, result: Result) -> None:
        """Count a submission that had its grade before."""
        self._kept += 1
        self._count(result)
        self._happened("kept", result)

    def _count(self, result: Result) -> None:
        self.outcomes[result.outcome] += 1
        if result.score is not None:
            self._points, self._of = self._points + result.score, self._of + result.max_score
        self._flagged += bool(result.flags)
        self._missed.update(check.name for check in result.checks if check.outcome != "passed")
        if result.outcome in ("infrastructure_error", "invalid_submission"):
            self._print(f"{result.student}: {result.outcome}: {harmless('; '.join(result.notes), 300)}")
        self._show()

    def _event(self, event: str, **values: Any) -> None:
        if self._machine:
            say(json.dumps({"event": event, **values}), sys.stdout)

    def _happened(self, event: str, result: Result) -> None:
        """Tell a machine of one submission, and how far the run is."""
        told = {name: getattr(result, name) for name in ("student", "outcome", "score", "max_score", "flags")}
        rate = self._graded / max(time.monotonic() - self._start, 1e-3)
        far = {
            "done": self._done,
            "total": self.total,
            "per_minute": round(60 * rate, 1),
            "left_s": round(self._left()),
        }
        self._event(event, **told, **far, outcomes=dict(self.outcomes))

    def failed(self, reason: GraderError) -> None:
        """Tell a machine why the run ended; a person is told by the command."""
        self._event("error", message=str(reason), exit_code=reason.exit_code)

    def end(self, exit_code: int) -> None:
        """Tell the summary: as lines, or to a machine as data."""
        if not self._machine:
            say("\n".join(self.summary()), sys.stdout)
            return
        scored = sum(self.outcomes.values()) - self.outcomes["infrastructure_error"]
        self._event(
            "end",
            lab=self._lab,
            graded=self._graded,
            kept=self._kept,
            outcomes={name: self.outcomes[name] for name in OUTCOMES},
            mean_score=round(self._points / scored, 4) if scored else None,
            not_passed=dict(self._missed.most_common()),
            flagged=self._flagged,
            copied=self.copied,
            unknown_times=self.unknown_times,
            marked_late=self.marked_late,
            missing=self.attendance.missing,
            not_on_the_roster=self.attendance.unknown,
            remarks=self._remarks,
            table=str(self._folder / "gradebook.csv"),
            gradebook=str(self._folder / "gradebook.sqlite"),
            exit_code=exit_code,
        )

    def _left(self) -> float:
        """Seconds until all are done, if the rest takes as long as those that were graded now."""
        return (self.total - self._done) * (time.monotonic() - self._start) / max(self._graded, 1)

    def _left_told(self) -> str:
        left = int(self._left())
        return f"{left // 60}:{left % 60:02d} left"

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(
                self._task, completed=self._done, told=f"{self._rate()}, {self._left_told()}: {self._told_outcomes()}"
            )
        elif time.monotonic() - self._told > LINE_SECONDS:
            self._told = time.monotonic()
            self._print(f"{self._done} of {self.total}, {self._rate()}, {self._left_told()}: {self._told_outcomes()}")

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
        """Say something now, and once more in the summary: that a node was refused, or whose files are in doubt."""
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
        if self.copied:
            rows.append(("alike or published", f"{self.copied} (column flags, and copies.csv)"))
        for name, count in (("at an unknown time", self.unknown_times), ("marked late by Canvas", self.marked_late)):
            if count:
                rows.append((name, f"{count}, who count as in time (--times tells when)"))
        rows += self.attendance.told()
        rows += [("table", str(self._folder / "gradebook.csv")), ("gradebook", str(self._folder / "gradebook.sqlite"))]
        rows += [("note", remark) for remark in self._remarks]
        lines = [self._lab, *(f"  {name:23}{value}" for name, value in rows)]
        if self.outcomes["infrastructure_error"]:
            lines.append("The grader itself failed for some, which have no grade: run the same command again.")
        return lines
