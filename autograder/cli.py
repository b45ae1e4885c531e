"""The command `autograder`: grade what students handed in, and say which sandboxes work on this machine."""

from __future__ import annotations

import argparse
import io
import os
import secrets
import sys
from pathlib import Path

from autograder import __version__, batch
from autograder.errors import GraderError, Interrupted, UsageError
from autograder.gradebook import Gradebook
from autograder.progress import Progress, say
from autograder.submissions import find
from upright.checks import LABS

INFRASTRUCTURE = 3
SANDBOXES = ("bubblewrap-root", "bubblewrap-userns", "landlock")
LAST_VARIANT = 999_999
ENDING = """\
exit codes:
  0    all graded
  2    the command or its files are not right
  3    the grader itself failed for some submission (run the same command again)
  4    no sandbox works here (autograder doctor says why)
  5    the gradebook cannot be read or written
  130  stopped by Ctrl-C, 143 by SIGTERM (run the same command again to go on)"""


def parser() -> argparse.ArgumentParser:
    lines = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(prog="autograder", description=__doc__, epilog=ENDING, formatter_class=lines)
    top.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    grade = commands.add_parser("grade", help="grade submissions", epilog=ENDING, formatter_class=lines)
    grade.add_argument(
        "submissions",
        nargs="+",
        type=Path,
        metavar="SUBMISSION",
        help="an .ipynb or .py file (its student is its name), a folder of them, or a folder in nbgrader's layout",
    )
    grade.add_argument("--lab", required=True, metavar="LAB", help=f"one of {', '.join(LABS)}")
    grade.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder of the gradebook")
    grade.add_argument(
        "--jobs", type=int, default=_cores(), metavar="N", help="submissions at a time (default: %(default)s)"
    )
    grade.add_argument("--seed", type=int, metavar="S", help="the run's secret seed (default: a fresh random one)")
    grade.add_argument(
        "--variant", type=int, metavar="N", help="the number of your course's physics, for lab 3 (default: 0)"
    )
    grade.add_argument(
        "--regrade",
        action="store_true",
        help="grade again what has its grade, with its own seeds; the old result is kept",
    )
    grade.add_argument(
        "--sandbox", metavar="NAME", help=f"one of {', '.join(SANDBOXES)} (default: the first that works)"
    )
    grade.add_argument(
        "--unsafe", action="store_true", help="run submissions without a sandbox; every result is marked"
    )
    commands.add_parser("doctor", help="say which sandboxes work on this machine, and why not")
    return top


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    _prepare_streams()
    options = parser().parse_args(arguments)
    try:
        return _doctor() if options.command == "doctor" else _grade(options)
    except GraderError as reason:
        say(f"autograder: {reason}", sys.stderr)
        return reason.exit_code
    except KeyboardInterrupt:
        stopped = Interrupted(2)
        say(f"autograder: {stopped}", sys.stderr)
        return stopped.exit_code


def _prepare_streams() -> None:
    """Where a stream was closed (`2>&-`), what is said goes nowhere; no sign that a terminal lacks is an error."""
    while (nowhere := os.open(os.devnull, os.O_RDWR)) <= 2:  # the lowest number that is free
        os.set_inheritable(nowhere, True)
    os.close(nowhere)
    sys.stdout, sys.stderr = sys.stdout or os.fdopen(1, "w"), sys.stderr or os.fdopen(2, "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr is


def _doctor() -> int:
    from autograder import doctor

    lines, code = doctor.report()
    say("\n".join(lines), sys.stdout)
    return code


def _grade(options: argparse.Namespace) -> int:
    _check(options)
    found = find(options.submissions, options.lab)
    settings = batch.Settings(
        lab=options.lab,
        seed=secrets.randbits(64) if options.seed is None else options.seed,
        workers=options.jobs,
        variant=options.variant,
        regrade=options.regrade,
        unsafe=options.unsafe,
        sandbox=options.sandbox,
    )
    progress = Progress(len(found), options.lab, options.out)
    with Gradebook.open(options.out) as gradebook:
        batch.grade(found, gradebook, settings, progress)
    say("\n".join(progress.summary()), sys.stdout)
    return INFRASTRUCTURE if progress.outcomes["infrastructure_error"] else 0


def _check(options: argparse.Namespace) -> None:
    """Refuse what argparse cannot. Raises UsageError."""
    if options.lab not in LABS:
        raise UsageError(f"--lab {options.lab}: there is no such lab; there are {', '.join(LABS)}.")
    if not 1 <= options.jobs <= 1_000:
        raise UsageError(f"--jobs {options.jobs}: give a whole number from 1 to 1000.")
    if options.seed is not None and not 0 <= options.seed < 2**64:
        raise UsageError(f"--seed {options.seed}: give a whole number from 0 to 2^64 - 1.")
    if options.variant is not None and not 0 <= options.variant <= LAST_VARIANT:
        raise UsageError(f"--variant {options.variant}: give a whole number from 0 to {LAST_VARIANT}.")
    if options.sandbox is not None and options.unsafe:
        raise UsageError("--sandbox and --unsafe: give only one of them.")
    if options.sandbox is not None and options.sandbox not in SANDBOXES:
        raise UsageError(f"--sandbox {options.sandbox}: there is no such sandbox; there are {', '.join(SANDBOXES)}.")
