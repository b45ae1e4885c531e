"""The command `autograder`: grade what students handed in, and say which sandboxes work on this machine."""

from __future__ import annotations

import argparse
import hashlib
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder import __version__, exports
from autograder.gradebook import Gradebook, GradebookError
from autograder.job import Job
from autograder.pool import NoSandboxHere, Pool
from autograder.progress import Progress
from autograder.result import Result
from autograder.submissions import Submission, UsageError, find
from upright.checks import LABS

USAGE, INFRASTRUCTURE, NO_SANDBOX, NO_GRADEBOOK = 2, 3, 4, 5
ENDING = """\
exit codes: 0 all graded; 2 the command or its files are not right; 3 the grader itself failed for some submission
(run the same command again); 4 no sandbox works here (autograder doctor); 5 the gradebook cannot be written;
130 or 143 stopped (run the same command again to go on)"""
TABLE_SECONDS = 5.0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="autograder", description=__doc__, epilog=ENDING)
    top.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    grade = commands.add_parser("grade", help="grade submissions", epilog=ENDING)
    grade.add_argument(
        "submissions",
        nargs="+",
        type=Path,
        metavar="SUBMISSION",
        help="an .ipynb or .py file, a folder of them, or a folder in nbgrader's layout",
    )
    grade.add_argument("--lab", required=True, metavar="LAB", help=f"one of {', '.join(LABS)}")
    grade.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder of the gradebook")
    grade.add_argument(
        "--jobs", type=int, default=_cores(), metavar="N", help="submissions at a time (default: one a core)"
    )
    grade.add_argument("--seed", type=int, metavar="S", help="the run's secret seed (default: a fresh random one)")
    grade.add_argument(
        "--variant", type=int, default=0, metavar="N", help="the number of your course's physics, lab 3 (default: 0)"
    )
    grade.add_argument("--regrade", action="store_true", help="grade again what was graded before, with the same seeds")
    grade.add_argument("--sandbox", metavar="NAME", help="use this back end (default: the best that works)")
    grade.add_argument(
        "--unsafe", action="store_true", help="run submissions without a sandbox; every result is marked"
    )
    commands.add_parser("doctor", help="say which sandboxes work on this machine, and why not")
    return top


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = parser().parse_args(arguments)
    if options.command == "doctor":
        from autograder import doctor

        lines, code = doctor.report()
        print("\n".join(lines))
        return code
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return grade(options)
    except UsageError as reason:
        return _say(str(reason), USAGE)
    except NoSandboxHere as reason:
        return _say(str(reason), NO_SANDBOX)
    except GradebookError as reason:
        return _say(str(reason), NO_GRADEBOOK)
    except KeyboardInterrupt:
        return _say("stopped; what was graded is in the gradebook. Run the same command again to go on.", 130)
    except Terminated:
        return _say("stopped; what was graded is in the gradebook. Run the same command again to go on.", 143)


class Terminated(Exception):
    """The process was asked to end."""


def _terminated(*_: Any) -> None:
    raise Terminated


def _say(sentence: str, code: int) -> int:
    print(f"autograder: {sentence}", file=sys.stderr)
    return code


def grade(options: argparse.Namespace) -> int:
    """`autograder grade`."""
    _check(options)
    found = find(options.submissions, options.lab)
    seed = options.seed if options.seed is not None else secrets.randbits(64)
    with Gradebook(options.out) as gradebook:
        jobs = list(_jobs(found, gradebook, options, seed))
        progress = Progress(len(jobs), len(found) - len(jobs), options.lab, options.out)
        try:
            if jobs:
                with Pool(min(options.jobs, len(jobs))) as pool:
                    progress.began(pool.prepare(jobs[0]))
                    for job, result, reason in pool.results(jobs):
                        _keep(gradebook, job, result, reason, progress)
        finally:
            progress.stop()
            exports.write_table(options.out, gradebook)
    print("\n".join(progress.summary()))
    return INFRASTRUCTURE if progress.outcomes["infrastructure_error"] else 0


def _check(options: argparse.Namespace) -> None:
    if options.lab not in LABS:
        raise UsageError(f"--lab {options.lab}: there is no such lab; there are {', '.join(LABS)}")
    if options.jobs < 1:
        raise UsageError(f"--jobs {options.jobs}: give a whole number from 1")
    if options.seed is not None and not 0 <= options.seed < 2**64:
        raise UsageError(f"--seed {options.seed}: give a whole number from 0 to 2^64 - 1")
    if not 0 <= options.variant <= 999_999:
        raise UsageError(f"--variant {options.variant}: give a whole number from 0 to 999999")
    names = ("bubblewrap-root", "bubblewrap-userns", "landlock")
    if options.sandbox is not None and options.sandbox not in names:
        raise UsageError(f"--sandbox {options.sandbox}: there is no such back end; there are {', '.join(names)}")


def _jobs(found: list[Submission], gradebook: Gradebook, options: argparse.Namespace, seed: int) -> Iterator[Job]:
    """What is left to grade: not a file that has its grade already, unless it is to be graded again."""
    for submission in found:
        row = gradebook.graded(submission.student, options.lab, _sha256(submission.path))
        done = row is not None and row["result"]["outcome"] != "infrastructure_error"
        if done and not options.regrade and row["version"] == __version__ and row["variant"] == options.variant:
            continue
        seeds = row["result"]["seeds"] if row is not None and options.regrade else None
        yield Job(
            path=str(submission.path),
            student=submission.student,
            lab=options.lab,
            seed=seeds["submission"] if seeds else _seed_of(seed, submission.student, options.lab),
            variant=options.variant,
            unsafe=options.unsafe,
            sandbox=options.sandbox,
            previous=seeds,
        )


def _seed_of(seed: int, student: str, lab: str) -> int:
    """A secret seed of 64 bits for one submission: knowing another's does not help."""
    digest = hashlib.sha256(f"{seed}/{lab}/{student}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _sha256(path: Path) -> str:
    """Of the bytes; "" for a file that cannot be read or is too large, which grading will say."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _keep(gradebook: Gradebook, job: Job, result: dict[str, Any] | None, reason: str, progress: Progress) -> None:
    if result is None:
        result = lost(job, reason).to_json()
    attempt = gradebook.record(Result.from_json(result), job.variant)
    row = gradebook.latest(job.student, job.lab)
    if row is not None and row["attempt"] == attempt:
        exports.write_result(gradebook.folder, row)
    progress.graded(result)


def lost(job: Job, reason: str) -> Result:
    """The result of a submission over which two workers were lost: no grade, and never a zero."""
    return Result.make(
        submission=Path(job.path).name,
        student=job.student,
        lab=job.lab,
        outcome="infrastructure_error",
        score=None,
        max_score=10.0,
        checks=[],
        sandbox="none",
        seeds={"submission": job.seed, "variant": job.variant},
        submission_sha256=_sha256(Path(job.path)),
        duration_s=0.0,
        notes=[reason],
    )
