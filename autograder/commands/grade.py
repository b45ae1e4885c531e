"""autograder grade: what students handed in, into the gradebook of a folder."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import batch, copies, course, grades, nbgrader_course, times
from autograder.commands import given, policy
from autograder.errors import GraderError, UsageError
from autograder.gradebook import Gradebook
from autograder.progress import Progress
from autograder.submissions import find
from upright.checks import LABS, lab

if TYPE_CHECKING:
    from autograder.cluster import Cluster

HELP = "grade submissions"
INFRASTRUCTURE = 3
SANDBOXES = ("bubblewrap-root", "bubblewrap-userns", "landlock")
LAST_VARIANT = 999_999
SHOWN = 5  # names of what was not looked at


def add_arguments(grade: argparse.ArgumentParser) -> None:
    grade.add_argument(
        "submissions",
        nargs="*",
        type=Path,
        metavar="SUBMISSION",
        help="an .ipynb or .py file (its student is its name), a folder of them, or a folder in nbgrader's layout "
        "(default: what was handed in to --course)",
    )
    grade.add_argument("--lab", required=True, metavar="LAB", help=f"one of {', '.join(LABS)}")
    grade.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder of the gradebook")
    grade.add_argument(
        "--jobs", type=int, metavar="N", help=f"submissions at a time (default: {_cores()}; on a cluster, all its CPUs)"
    )
    grade.add_argument("--seed", type=int, metavar="S", help="the run's secret seed (default: that of earlier runs)")
    grade.add_argument(
        "--variant", type=int, metavar="N", help="the number of your course's physics, for lab 3 (default: 0)"
    )
    grade.add_argument(
        "--regrade",
        action="store_true",
        help="grade again what has its grade, with its own seeds; the old result is kept",
    )
    policy.add_files(grade)
    grade.add_argument(
        "--times", type=Path, metavar="FILE", help="when it was handed in: CSV with student and submitted_at"
    )
    grade.add_argument(
        "--json", action="store_true", help="for machines: what happens, as lines of JSON on standard output"
    )
    grade.add_argument(
        "--sandbox", metavar="NAME", help=f"one of {', '.join(SANDBOXES)} (default: the first that works)"
    )
    grade.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="grade on the nodes of a Ray cluster: HOST:PORT, or auto for the one that runs on this machine",
    )
    grade.add_argument(
        "--unsafe", action="store_true", help="run submissions without a sandbox; every result is marked"
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(options: argparse.Namespace) -> int:
    progress = Progress(0, options.lab, options.out, options.json)
    try:
        return _graded(options, progress)
    except GraderError as reason:
        progress.failed(reason)
        raise


def _graded(options: argparse.Namespace, progress: Progress) -> int:
    _check(options)
    in_doubt: list[str] = []
    passed_over: list[str] = []
    found = find(options.submissions or _handed_in(options), options.lab, in_doubt, passed_over)
    for told in in_doubt:
        progress.remark(told)
    if passed_over:
        names = ", ".join(passed_over[:SHOWN]) + (", …" if len(passed_over) > SHOWN else "")
        progress.remark(f"Not looked at, no notebook of a student's ({len(passed_over)}): {names}.")
    decisions = policy.read(options)
    table = course.read_times(options.times) if options.times else {}
    settings = batch.Settings(
        lab=options.lab,
        seed=options.seed or 0,
        workers=options.jobs or _cores(),
        variant=options.variant,
        regrade=options.regrade,
        unsafe=options.unsafe,
        sandbox=options.sandbox,
        times=times.handed_in(found, options.lab, table),
    )
    progress.total = len(found)
    with Gradebook.open(options.out) as gradebook, _cluster(options, progress) as cluster:
        course.keep(gradebook, options.lab, decisions)
        seed = course.run_seed(gradebook, options.lab, options.seed)
        batch.grade(found, gradebook, replace(settings, seed=seed), progress, cluster)
        progress.attendance = course.attendance(gradebook, options.lab)
        progress.copied = len(copies.flags(gradebook, options.lab))
        notes = Counter(note for grade in grades.grades(gradebook, options.lab) for note in grade.notes)
        progress.unknown_times, progress.marked_late = notes[grades.UNKNOWN_TIME], notes[grades.MARKED_LATE]
    failed = progress.outcomes["infrastructure_error"]
    exit_code = INFRASTRUCTURE if failed else UsageError.exit_code if in_doubt else 0
    progress.end(exit_code)
    return exit_code


def _handed_in(options: argparse.Namespace) -> list[Path]:
    """The folder of submissions of nbgrader's course, if one is given."""
    if not options.course:
        return []
    with nbgrader_course.Course(options.course) as course_folder:
        return [course_folder.submitted()]


def _cluster(options: argparse.Namespace, progress: Progress) -> contextlib.AbstractContextManager[Cluster | None]:
    if options.cluster is None:
        return contextlib.nullcontext()
    from autograder.cluster import Cluster  # with pydantic and Ray, which take a second

    return Cluster(
        options.cluster,
        options.jobs,
        run_code=bool(lab(options.lab).functions),
        sandbox=options.sandbox,
        unsafe=options.unsafe,
        tell=progress.remark,
    )


def _check(options: argparse.Namespace) -> None:
    """Refuse what argparse cannot. Raises UsageError."""
    given.check_lab(options.lab)
    if options.jobs is not None and not 1 <= options.jobs <= 1_000:
        raise UsageError(f"--jobs {options.jobs}: give a whole number from 1 to 1000.")
    if options.seed is not None and not 0 <= options.seed < 2**64:
        raise UsageError(f"--seed {options.seed}: give a whole number from 0 to 2^64 - 1.")
    if options.variant is not None and not 0 <= options.variant <= LAST_VARIANT:
        raise UsageError(f"--variant {options.variant}: give a whole number from 0 to {LAST_VARIANT}.")
    if options.sandbox is not None and options.unsafe:
        raise UsageError("--sandbox and --unsafe: give only one of them.")
    if options.sandbox is not None and options.sandbox not in SANDBOXES:
        raise UsageError(f"--sandbox {options.sandbox}: there is no such sandbox; there are {', '.join(SANDBOXES)}.")
