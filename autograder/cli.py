"""The command `autograder`: grade what students handed in, and say which sandboxes work on this machine."""

from __future__ import annotations

import argparse
import io
import os
import sys

from autograder import __version__
from autograder.commands import bundle, doctor, export, grade, policy, report
from autograder.errors import GraderError, Interrupted
from autograder.progress import say

COMMANDS = {
    "grade": grade,
    "policy": policy,
    "report": report,
    "export": export,
    "bundle": bundle,
    "doctor": doctor,
}
ENDING = """\
exit codes:
  0    all graded
  2    the command or its files are not right, or those of some student
  3    the grader itself failed for some submission (run the same command again)
  4    no sandbox works here (autograder doctor says why)
  5    the gradebook cannot be read or written
  130  stopped by Ctrl-C, 143 by SIGTERM (run the same command again to go on)"""


def parser() -> argparse.ArgumentParser:
    lines = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(prog="autograder", description=__doc__, epilog=ENDING, formatter_class=lines)
    top.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.add_arguments(commands.add_parser(name, help=command.HELP, epilog=ENDING, formatter_class=lines))
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    _prepare_streams()
    options = parser().parse_args(arguments)
    try:
        return COMMANDS[options.command].run(options)
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
