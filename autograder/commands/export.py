"""autograder export: the grades of a lab in the sheet of an LMS."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder import exports, sheets
from autograder.commands import given
from autograder.errors import UsageError
from autograder.gradebook import Gradebook
from autograder.grades import grades
from autograder.progress import say
from autograder.text import harmless
from upright.checks import LABS

HELP = "fill the grades of a lab into the sheet that Canvas or Moodle exported"
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("system", choices=("canvas", "moodle"), help="whose sheet it is")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that `autograder grade --out` wrote")
    parser.add_argument("--lab", required=True, metavar="LAB", help=f"one of {', '.join(LABS)}")
    parser.add_argument(
        "--sheet",
        required=True,
        type=Path,
        metavar="FILE",
        help="Canvas's gradebook or Moodle's grading worksheet, CSV",
    )
    parser.add_argument("--to", required=True, type=Path, metavar="FILE", help="where the filled sheet goes")
    parser.add_argument("--column", metavar="NAME", help="Canvas: the assignment's column (default: the one named LAB)")


def run(options: argparse.Namespace) -> int:
    given.check_lab(options.lab)
    given.check_folder(options.folder)
    if options.to.is_dir():
        raise UsageError(f"--to {options.to}: is a folder; give a file.")
    sheet = sheets.read(options.sheet)
    with Gradebook.open(options.folder) as gradebook:
        found = grades(gradebook, options.lab)
        canvas = options.system == "canvas"
        sheet = sheets.canvas(sheet, found, options.lab, options.column) if canvas else sheets.moodle(sheet, found)
    exports.replace(options.to, [sheet.text()])
    say(f"{options.to}: {sheet.filled} grades of {options.lab}, to import in {options.system.capitalize()}", sys.stdout)
    if sheet.unmatched:
        names = ", ".join(sheet.unmatched[:SHOWN]) + (", …" if len(sheet.unmatched) > SHOWN else "")
        say(f"Not in {options.sheet}, or locked there: {len(sheet.unmatched)} ({harmless(names)})", sys.stdout)
    return 0
