"""A batch of submissions: what of it is left to grade, and each result into the gradebook as soon as it is known."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import TYPE_CHECKING

from autograder import __version__, exports, grades, notebook
from autograder.errors import Interrupted
from autograder.gradebook import Gradebook, Row
from autograder.job import Job
from autograder.pool import GRADE, Pool
from autograder.progress import Progress
from autograder.submissions import Submission

if TYPE_CHECKING:
    from autograder.cluster import Cluster

TABLE_SECONDS = 5.0
TABLE_SHARE = 0.05  # of the time, at most, goes into writing the table again and again


@dataclass(frozen=True)
class Settings:
    """What the command line says. variant: None for that of an earlier result, or 0; workers: at least 1; grade: see
    Pool; times: when a student's work was handed in (UTC, ISO 8601), where that is known."""

    lab: str
    seed: int
    workers: int
    variant: int | None = None
    regrade: bool = False
    unsafe: bool = False
    sandbox: str | None = None
    grade: str = GRADE
    times: Mapping[str, str] = field(default_factory=dict)


def grade(
    submissions: list[Submission],
    gradebook: Gradebook,
    settings: Settings,
    progress: Progress,
    cluster: Cluster | None = None,
) -> None:
    """Grade what has no grade yet, on a cluster if there is one. What is graded stays, whatever comes.

    Raises Interrupted, NoSandboxError, ClusterError or GradebookError.
    """
    hashes: dict[str, str] = {}
    rules = grades.Rules.of(gradebook, settings.lab)
    table = _Table(gradebook)
    progress.begin()
    try:
        with _stopping() as stop, _graders(len(submissions), settings, stop, cluster) as pool:
            for job, result in pool.results(_jobs(submissions, gradebook, settings, progress, hashes)):
                # What could not be read has the hash that it will be known by, if there is one.
                sha256 = result.submission_sha256 or hashes[job.student]
                del hashes[job.student]
                handed_in = settings.times.get(job.student)
                gradebook.record(replace(result, submission_sha256=sha256), job.variant, handed_in)
                found = grades.grade(gradebook, job.student, rules)
                assert found is not None
                exports.write_result(gradebook.folder, found)
                progress.graded(result)
                table.write_now_and_then()
    except Interrupted:
        exports.write_table(gradebook.folder, gradebook)
        raise
    finally:
        progress.stop()
    exports.write_all(gradebook.folder, gradebook)


@contextlib.contextmanager
def _graders(count: int, settings: Settings, stop: int, cluster: Cluster | None) -> Iterator[Pool | Cluster]:
    if cluster is not None:
        cluster.stop = stop
        yield cluster
    else:
        with Pool(min(settings.workers, count), settings.grade, stop=stop) as pool:
            yield pool


class _Table:
    """Writes the table every few seconds; less often when a large class makes that long."""

    def __init__(self, gradebook: Gradebook) -> None:
        self._gradebook = gradebook
        self._next = time.monotonic() + TABLE_SECONDS

    def write_now_and_then(self) -> None:
        began = time.monotonic()
        if began >= self._next:
            exports.write_table(self._gradebook.folder, self._gradebook)
            took = time.monotonic() - began
            self._next = began + max(TABLE_SECONDS, took / TABLE_SHARE)


def _jobs(
    submissions: list[Submission], gradebook: Gradebook, settings: Settings, progress: Progress, hashes: dict[str, str]
) -> Iterator[Job]:
    """What is left to grade. The files' hashes go into `hashes`, by student."""
    for submission in submissions:
        last = gradebook.latest(submission.student, settings.lab)
        sha256 = notebook.digest(submission.path)
        if last is None or last.result.submission_sha256 != sha256:
            earlier = last and _earlier(gradebook, submission.student, sha256, settings)
            if earlier:
                # A later attempt with a file that has its grade: the attempt is new, and the grade is known.
                gradebook.record(earlier.result, earlier.variant, settings.times.get(submission.student))
                progress.kept(earlier.result)
                continue
            last = None
        elif not settings.regrade and _stands(last, settings):
            if submission.student in settings.times:
                gradebook.handed_in(submission.student, settings.lab, settings.times[submission.student])
            progress.kept(last.result)
            continue
        hashes[submission.student] = sha256
        yield _job(submission, sha256, last, settings)


def _earlier(gradebook: Gradebook, student: str, sha256: str, settings: Settings) -> Row | None:
    """The last attempt with this very file, if its result need not be found again."""
    rows = (row for _, rows in gradebook.attempts(settings.lab, student) for row in reversed(rows))
    found = (row for row in rows if row.result.submission_sha256 == sha256)
    return next((row for row in found if not settings.regrade and _stands(row, settings)), None)


def _stands(row: Row, settings: Settings) -> bool:
    """Whether the result of this very file need not be found again."""
    return (
        row.graded
        and row.result.submission_sha256 != ""
        and row.result.grader_version == __version__
        and row.variant == (settings.variant or 0)
        and (row.result.sandbox != "unsafe" or settings.unsafe)
    )


def _job(submission: Submission, sha256: str, last: Row | None, settings: Settings) -> Job:
    """A file that was graded before keeps its secret seed, so that a student gets the same cases again."""
    variant = settings.variant
    if variant is None:
        variant = last.variant if last is not None and settings.regrade else 0
    return Job(
        path=str(submission.path),
        student=submission.student,
        lab=settings.lab,
        seed=last.result.seeds["submission"]
        if last is not None
        else seed_of(settings.seed, submission.student, settings.lab, sha256),
        variant=variant,
        unsafe=settings.unsafe,
        sandbox=settings.sandbox,
        previous=last.result.seeds if last is not None and settings.regrade else None,
    )


def seed_of(run_seed: int, student: str, lab: str, submission_sha256: str) -> int:
    """A secret seed of 63 bits for one submission: to know another's, or that of an earlier attempt, does not help."""
    digest = hashlib.sha256(json.dumps([run_seed, student, lab, submission_sha256]).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@contextlib.contextmanager
def _stopping() -> Iterator[int]:
    """A descriptor that gets a byte, the signal's number, at Ctrl-C or SIGTERM; a second one ends the process."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def once(number: int, frame: FrameType | None) -> None:
        signal.signal(number, found[signal.Signals(number)])

    woken = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in found:
        signal.signal(number, once)
    try:
        yield read
    finally:
        for number, handler in found.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(woken)
        os.close(read)
        os.close(write)
