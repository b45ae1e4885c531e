"""autograder export: the grades of a lab in the sheet of an LMS, or in nbgrader's database."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder import exports, nbgrader_course, sheets
from autograder.commands import given
from autograder.errors import UsageError
from autograder.gradebook import Gradebook
from autograder.grades import grades
from autograder.progress import say
from autograder.text import harmless
from upright.checks import LABS

HELP = "bring the grades of a lab into Canvas, Moodle or nbgrader"
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    systems = parser.add_subparsers(dest="system", required=True, metavar="SYSTEM")
    canvas = systems.add_parser("canvas", help="fill in the gradebook that Canvas exported")
    moodle = systems.add_parser("moodle", help="fill in the grading worksheet that Moodle exported")
    nbgrader = systems.add_parser("nbgrader", help="write scores into nbgrader's database, for its formgrader")
    for system in (canvas, moodle, nbgrader):
        system.add_argument("folder", type=Path, metavar="DIR", help="the folder that `autograder grade --out` wrote")
        system.add_argument("--lab", required=True, metavar="LAB", help=f"one of {', '.join(LABS)}")
    for system, sheet in ((canvas, "Canvas's gradebook"), (moodle, "Moodle's grading worksheet")):
        system.add_argument("--sheet", required=True, type=Path, metavar="FILE", help=f"{sheet}, CSV")
        system.add_argument("--to", required=True, type=Path, metavar="FILE", help="where the filled sheet goes")
        system.add_argument(
            "--feedback", type=Path, metavar="FILE", help="where a zip of feedback files goes, one for each student"
        )
    canvas.add_argument("--column", metavar="NAME", help="the assignment's column (default: the one named LAB)")
    nbgrader.add_argument("--course", required=True, type=Path, metavar="FOLDER", help="your nbgrader course")


def run(options: argparse.Namespace) -> int:
    given.check_lab(options.lab)
    given.check_folder(options.folder)
    return _to_nbgrader(options) if options.system == "nbgrader" else _to_sheet(options)


def _to_sheet(options: argparse.Namespace) -> int:
    for name, path in (("--to", options.to), ("--feedback", options.feedback)):
        if path and path.is_dir():
            raise UsageError(f"{name} {path}: is a folder; give a file.")
    sheet = sheets.read(options.sheet)
    with Gradebook.open(options.folder) as gradebook:
        found = grades(gradebook, options.lab)
        canvas = options.system == "canvas"
        sheet = sheets.canvas(sheet, found, options.lab, options.column) if canvas else sheets.moodle(sheet, found)
        # Where students are anonymous, Canvas's sheet names none of them; its feedback files find them all the same.
        if sheet.unmatched and not sheet.filled and not (canvas and options.feedback):
            raise UsageError(
                f"{options.sheet}: has none of the {len(sheet.unmatched)} students with a grade, or only locked rows"
                f" ({_names(sheet.unmatched)}). Is it this class's sheet? Nothing was written."
            )
        exports.replace(options.to, [sheet.text()])
        if options.feedback:
            from autograder import feedback  # with the templates of the report, which take a moment

            files = feedback.canvas if canvas else feedback.moodle
            written = feedback.write(options.feedback, files(gradebook, options.lab, sheet))
            say(f"{options.feedback}: {written} feedback files", sys.stdout)
    count = "1 grade" if sheet.filled == 1 else f"{sheet.filled} grades"
    say(f"{options.to}: {count} of {options.lab}, to import in {options.system.capitalize()}", sys.stdout)
    _list(f"Not in {options.sheet}, or locked there", sheet.unmatched)
    _list(f"In {options.sheet} and without a grade here, so left as they were", sheet.left)
    return 0


def _to_nbgrader(options: argparse.Namespace) -> int:
    with Gradebook.open(options.folder) as gradebook, nbgrader_course.Course(options.course) as course:
        written = course.write(gradebook, options.lab)
    count = "1 grade" if len(written.scored) == 1 else f"{len(written.scored)} grades"
    say(f"{options.course}: {count} of {options.lab}, in nbgrader's database", sys.stdout)
    _list(f"Not in {options.course}", written.unknown)
    _list("Another file was handed in than the one that counts", written.changed)
    _list("Points that a person gave in formgrader were kept, and count there", written.by_hand)
    return 0


def _list(told: str, students: list[str]) -> None:
    """Say who, if there is anybody."""
    if students:
        say(f"{told}: {len(students)} ({_names(students)})", sys.stdout)


def _names(students: list[str]) -> str:
    return harmless("; ".join(students[:SHOWN]) + ("; …" if len(students) > SHOWN else ""))
