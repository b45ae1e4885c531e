"""autograder report: a gradebook as pages, one of the class and one to send to each student."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from autograder.commands import given
from autograder.gradebook import Gradebook
from autograder.progress import say

HELP = "write a gradebook as pages: one of the class, and one for each student"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that `autograder grade --out` wrote")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where the pages go (DIR/report)")


def run(options: argparse.Namespace) -> int:
    from autograder.report import site  # with the template engine and the figures, which take a second

    given.check_folder(options.folder)
    to = (options.to or options.folder / "report").absolute()
    began = time.monotonic()
    with Gradebook.open(options.folder) as gradebook:
        count = site.write(gradebook, to)
    pages = "1 student's page" if count == 1 else f"{count:,} students' pages"
    say(f"{to / 'index.html'}: the class, and {pages}, in {time.monotonic() - began:.1f} s", sys.stdout)
    return 0
