"""Execute every chapter again, several times, and check its claims each time: a claim that holds once may be luck.

    python -m tools.repeat TIMES

Works in a copy of the tree; exit code 1 at the first repeat in which a chapter fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from benchmarks.build import copied_tree


def main(arguments: list[str]) -> int:
    times = int(arguments[0]) if arguments and arguments[0].isdecimal() else 2
    with copied_tree() as folder:
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        for number in range(1, times + 1):
            print(f"repeat {number} of {times}", flush=True)
            shutil.rmtree(folder / "_build", ignore_errors=True)
            code = subprocess.call([sys.executable, "-m", "tools.execute"], cwd=folder, env=environment)
            if code != 0:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
