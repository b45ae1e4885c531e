"""One check of a result, for a step of GitHub Classroom's workflow: python -P -m autograder.classroom FILE NUMBER

FILE is what `autograder grade` wrote into its folder `results`, NUMBER counts its checks from 1. The check is printed
as students read it, and the exit code is 0 if it passed, 1 if not, 2 if there is none.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from autograder.text import harmless
from upright.checks.verdict import Check, line

FIELDS = ("name", "points", "max_points", "outcome", "limit", "message", "hint")


def main(arguments: list[str]) -> int:
    path, number = Path(arguments[0]), int(arguments[1])
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        checks = [Check(**{name: check[name] for name in FIELDS}) for check in result["checks"]]
        told = [harmless(line(check)) for check in checks]
        notes = [harmless(str(note)) for note in result["notes"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        print(f"{path}: there is no result; the step that grades says why.")
        return 2
    if number > len(checks):
        print("\n".join(["This check was not run.", *notes]))
        return 2
    print(told[number - 1])
    return 0 if checks[number - 1].outcome == "passed" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
