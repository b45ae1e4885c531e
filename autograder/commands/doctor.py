"""autograder doctor: which sandboxes work on this machine, and why not."""

from __future__ import annotations

import argparse
import sys

from autograder.progress import say

HELP = "say which sandboxes work on this machine, and why not"


def add_arguments(doctor: argparse.ArgumentParser) -> None:
    """It has none."""


def run(options: argparse.Namespace) -> int:
    """Print what was found; 4 if no sandbox works."""
    from autograder import doctor

    lines, code = doctor.report()
    say("\n".join(lines), sys.stdout)
    return code
