"""Grade the submission that lies in Gradescope's folder, and write its results.json, whatever comes.

    python -P -m autograder.gradescope.run ROOT      ROOT: /autograder on Gradescope

What is printed goes to results/stdout, which instructors see and students do not. Exit code 0: there is a grade.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder import batch, grading, notebook, sandbox
from autograder.errors import GraderError, Interrupted
from autograder.gradescope import handed_in, metadata, results
from autograder.gradescope.settings import FILE, RESERVE_SECONDS, Settings
from autograder.job import Job
from autograder.pool import Pool
from autograder.result import Result
from autograder.sandbox import USER, NoSandbox
from upright import checks
from upright.format import DataError

AUTOGRADER = Path("/autograder")
# Where everybody may write, on Ubuntu. Closed where one user is all that keeps a submission in.
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/var/crash")


def main(root: Path) -> int:
    began = time.monotonic()
    try:
        found = _graded(root, began)
    except Interrupted as stopped:
        late = stopped.exit_code == 128 + signal.SIGALRM
        print("No grade: the time was up." if late else f"No grade: stopped by signal {stopped.exit_code - 128}.")
        found = results.unfinished("Grading took longer than Gradescope allows." if late else "Grading was stopped.")
    except (GraderError, NoSandbox, DataError) as reason:
        print(f"No grade: {reason}")
        found = results.unfinished()
    except Exception:
        traceback.print_exc(file=sys.stdout)
        found = results.unfinished()
    results.write(root / "results" / "results.json", found)
    sys.stdout.flush()
    return 0 if "score" in found else 1


def _graded(root: Path, began: float) -> dict[str, Any]:
    settings = Settings.load(root / "source" / FILE)
    known = metadata.read(root / metadata.FILE)
    with _stopping(began + settings.seconds - RESERVE_SECONDS) as stop:
        result = _result(root, settings, known, stop)
    for line in (*known.notes, *(f"Flag: {flag}" for flag in result.flags)):
        print(line)
    print(f"{result.lab}: {result.outcome}, sandbox: {result.sandbox}, {result.duration_s:g} s")
    if result.score is None:
        print(*result.notes, sep="\n")
        return results.unfinished()
    if known.total_points not in (None, result.max_score):
        print(f"This lab has {result.max_score:g} points, the assignment on Gradescope {known.total_points:g}.")
    score = results.score(result, known, settings.policy)
    return results.document(result, score, known, settings, time.monotonic() - began)


def _result(root: Path, settings: Settings, known: metadata.Metadata, stop: int) -> Result:
    """Raises NoSandbox, GraderError; Interrupted when the time is up."""
    job = Job(str(root / "submission"), known.student, settings.lab, 0, settings.variant)
    try:
        path = handed_in.find(root / "submission", settings.lab)
    except notebook.InvalidSubmission as reason:
        return grading.invalid(job, reason, time.monotonic())
    seed = batch.seed_of(settings.seed, known.student, settings.lab, notebook.digest(path))
    code = bool(checks.lab(settings.lab).functions)
    job = Job(str(path), known.student, settings.lab, seed, settings.variant, sandbox=_sandbox(root) if code else None)
    with Pool(1, stop=stop) as pool:
        return next(result for _, result in pool.results([job]))


def _sandbox(root: Path) -> str:
    """The best sandbox that works; where none does, a user of the submission's own, which is enough to hide what only
    root may read. A container of Gradescope holds one submission and ends with it. Raises NoSandbox."""
    try:
        return sandbox.choose().name
    except NoSandbox as reason:
        name = sandbox.choose(name=USER.name).name
        print(f"{reason}\nThe code runs as a user of its own, with a filter of system calls and with limits.")
    if root == AUTOGRADER:
        close(SHARED)
    return name


def close(folders: Iterable[str]) -> None:
    """Let none but root make or list anything in these folders."""
    for folder in folders:
        with contextlib.suppress(OSError):
            Path(folder).chmod(0o711)


@contextlib.contextmanager
def _stopping(end: float) -> Iterator[int]:
    """A descriptor that gets a byte, the signal's number, when a signal asks for the end or the time is up (SIGALRM).
    end: of time.monotonic()."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, max(0.001, end - time.monotonic()))
    try:
        yield read
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.set_wakeup_fd(-1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
