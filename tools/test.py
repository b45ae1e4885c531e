"""Run linter, formatter and type checker, build the book, and run the tests on it.

python -m tools.test [--lint] [pytest arguments]        exit code 0 when all is well
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tools import book

LINT = (
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "--quiet", "."],
    ["mypy"],
)


# More workers than four would starve those tests that start a Ray cluster or a browser of their own.
WORKERS = min(max(os.cpu_count() or 2, 2), 4)
SPREAD = ("--numprocesses", str(WORKERS), "--dist", "worksteal")


def main(arguments: list[str]) -> int:
    for command in LINT:
        print("$", " ".join(command), flush=True)
        if subprocess.call([sys.executable, "-m", *command]) != 0:
            print(f"upright: {command[0]} found what stands above; mend it and run make test again.", file=sys.stderr)
            return 1
    if "--lint" in arguments:
        return 0
    start = time.perf_counter()
    if book.main() != 0:
        return 1
    print(f"$ pytest (the book took {time.perf_counter() - start:.0f} s)", flush=True)
    return subprocess.call([sys.executable, "-m", "pytest", "-m", "not slow", *SPREAD, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
