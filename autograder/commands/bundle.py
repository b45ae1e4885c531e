"""autograder bundle: a lab's grader as the zip from which Gradescope builds an autograder."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path
from typing import get_args

from autograder import course
from autograder.commands import given
from autograder.errors import UsageError
from autograder.progress import say
from upright.checks import LABS

HELP = "pack a lab's grader into a zip for Gradescope"
LONGEST_MINUTES = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from autograder.gradescope.settings import Visibility

    parser.add_argument("system", choices=("gradescope",), help="for whom it is")
    parser.add_argument("--lab", required=True, metavar="LAB", help=f"one of {', '.join(LABS)}")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="where the zip goes")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="what lateness costs: JSON, an upright-grading/1")
    parser.add_argument("--seed", type=int, metavar="S", help="the secret seed (default: a random one)")
    parser.add_argument(
        "--variant", type=int, default=0, metavar="N", help="your course's physics, for lab 3 (default: 0)"
    )
    parser.add_argument(
        "--minutes", type=float, default=10.0, metavar="M", help="the time limit set on Gradescope (default: 10)"
    )
    parser.add_argument(
        "--visibility", choices=get_args(Visibility), default="visible", help="when students see the checks"
    )
    parser.add_argument("--leaderboard", action="store_true", help="show points on Gradescope's leaderboard")


def run(options: argparse.Namespace) -> int:
    from autograder.gradescope import bundle
    from autograder.gradescope.settings import Settings

    _check(options)
    given.check_lab(options.lab)
    least = bundle.needed_seconds(options.lab) / 60
    if not least <= options.minutes <= LONGEST_MINUTES:
        raise UsageError(f"--minutes {options.minutes:g}: {options.lab} needs {least:g} to {LONGEST_MINUTES}.")
    policy = course.read_policy(options.policy) if options.policy else None
    if policy is not None and policy.attempts == "average":
        raise UsageError(f"--policy {options.policy}: attempts: average is not for Gradescope; give last or best.")
    settings = Settings(
        lab=options.lab,
        seed=options.seed if options.seed is not None else secrets.randbits(64),
        variant=options.variant,
        seconds=60 * options.minutes,
        visibility=options.visibility,
        leaderboard=options.leaderboard,
        policy=policy,
    )
    count = bundle.write(options.output, settings)
    say(f"{options.output}: {options.lab} for Gradescope, {count} files, with the secret seed: keep it", sys.stdout)
    return 0


def _check(options: argparse.Namespace) -> None:
    """Refuse what argparse cannot. Raises UsageError."""
    if options.seed is not None and not 0 <= options.seed < 2**64:
        raise UsageError(f"--seed {options.seed}: give a whole number from 0 to 2^64 - 1.")
    if not 0 <= options.variant <= 999_999:
        raise UsageError(f"--variant {options.variant}: give a whole number from 0 to 999999.")
    if options.output.is_dir():
        raise UsageError(f"-o {options.output}: is a folder; give a file.")
