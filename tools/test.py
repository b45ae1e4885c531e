"""Run linter, formatter and type checker, build the book, and run the tests on it.

python -m tools.test [--lint] [pytest arguments]        exit code 0 when all is well; -n0 runs tests one after another
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tools import book

STYLE = (["ruff", "check", "."], ["ruff", "format", "--check", "--quiet", "."])
TYPES = ["mypy"]
# Each worker of pytest loads the course's packages: a gigabyte. One more than there are cores, because much of a test
# is waiting: for a browser, a cluster, a time limit.
MOST_WORKERS = 4
NO_TESTS = 5  # pytest's exit code


def main(arguments: list[str]) -> int:
    for command in STYLE:
        if not passed(command, start(command)):
            return 1
    types = start(TYPES)
    if "--lint" in arguments:
        return 0 if passed(TYPES, types) else 1
    # The type checker takes most of a minute when nothing is cached, and the book does not use all cores.
    began = time.perf_counter()
    try:
        built = book.main() == 0
    finally:
        typed = passed(TYPES, types)
    if not (built and typed):
        return 1
    print(f"$ pytest (the book took {time.perf_counter() - began:.0f} s)", flush=True)
    return tests(arguments)


def tests(arguments: list[str]) -> int:
    """Run the quick tests: first those that start Ray, one by one, then the others beside one another."""
    workers = min((os.cpu_count() or 1) + 1, MOST_WORKERS)
    alone, beside = ["-m", "not slow and ray"], ["-m", "not slow and not ray", f"-n{workers}", "--dist=loadfile"]
    ended = [subprocess.call([sys.executable, "-m", "pytest", *options, *arguments]) for options in (alone, beside)]
    # Arguments may choose tests of one part only: the other then has none.
    return next((code for code in ended if code not in (0, NO_TESTS)), min(ended))


def start(command: list[str]) -> subprocess.Popen[str]:
    """Begin to check; what it says is shown when it has ended."""
    print("$", " ".join(command), flush=True)
    return subprocess.Popen(
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def passed(command: list[str], started: subprocess.Popen[str]) -> bool:
    """Wait for the end of a check, and show what it found."""
    found = started.communicate()[0]
    if started.returncode == 0:
        return True
    print(found, end="", flush=True)
    print(f"upright: {command[0]} found what stands above; mend it and run make test again.", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
