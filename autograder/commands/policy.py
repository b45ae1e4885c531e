"""autograder policy: what lateness costs, who has more time, who is in the class. Nothing is graded again."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from autograder import course, exports, nbgrader_course
from autograder.commands import given
from autograder.database import FILE
from autograder.errors import UsageError
from autograder.gradebook import Gradebook
from autograder.progress import say
from upright.checks import LABS

HELP = "change a lab's policy, extensions or roster, without grading again"


def add_arguments(policy: argparse.ArgumentParser) -> None:
    policy.add_argument("folder", type=Path, metavar="DIR", help="the folder of the gradebook")
    policy.add_argument("--lab", required=True, metavar="LAB", help=f"one of {', '.join(LABS)}")
    add_files(policy)


def add_files(parser: argparse.ArgumentParser) -> None:
    """The files that `grade` takes as well. What is not given stays as it is."""
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="deadline, lateness and attempts: JSON, an upright-grading/1"
    )
    parser.add_argument(
        "--extensions", type=Path, metavar="FILE", help="more time for some: CSV with student, and days or deadline"
    )
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="the class: CSV with student and name, or what Canvas or Moodle exported",
    )
    parser.add_argument(
        "--course",
        type=Path,
        metavar="FOLDER",
        help="an nbgrader course: what is not given otherwise comes from its database (class, due date, extensions)",
    )


def read(options: argparse.Namespace) -> course.Decisions:
    """What the files say, and nbgrader's database where they say nothing. Raises UsageError, GradebookError."""
    found = course.Decisions()
    if options.course:
        with nbgrader_course.Course(options.course) as known:
            found = known.decisions(options.lab)
    if options.policy:
        found = replace(found, policy=course.read_policy(options.policy, found.deadline))
    if options.extensions:
        found = replace(found, extensions=course.read_extensions(options.extensions))
    if options.roster:
        found = replace(found, roster=course.read_roster(options.roster))
    return found


def run(options: argparse.Namespace) -> int:
    given.check_lab(options.lab)
    decisions = read(options)
    if not (options.folder / FILE).exists():
        raise UsageError(f"{options.folder}: holds no gradebook; give the folder that `autograder grade` wrote.")
    with Gradebook.open(options.folder) as gradebook:
        course.keep(gradebook, options.lab, decisions)
        exports.write_all(gradebook.folder, gradebook)
        say("\n".join(_told(gradebook, options.lab)), sys.stdout)
    return 0


def _told(gradebook: Gradebook, lab: str) -> list[str]:
    policy = course.policy(gradebook, lab)
    cost = {"none": "costs nothing", "zero": "leaves no points"}.get(
        policy.late, f"costs {policy.percent:g} % {policy.late.replace('_', ' ')}" if policy.percent else ""
    )
    rows = [
        ("deadline", policy.deadline or "none"),
        ("lateness", f"{cost}, after {policy.grace_minutes:g} minutes; at most {policy.cap_percent:g} %"),
        ("attempts", f"the {policy.attempts} counts"),
        ("extensions", str(len(course.extensions(gradebook, lab)))),
        *course.attendance(gradebook, lab).told(),
        ("table", str(gradebook.folder / "gradebook.csv")),
    ]
    return [lab, *(f"  {name:23}{value}" for name, value in rows)]
