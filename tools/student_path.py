"""What a student does, on any system: install the course, run chapters 2 to 6, solve the labs with their self-checks.

    python tools/student_path.py [NAME ...]     default: all; a NAME is a chapter or a lab, such as ppo or lab1_episodes

Needs no make and no Debian package, so that it runs on macOS and Windows too. The labs are run with their solutions,
each self-check included. Exit code 1 at the first chapter or lab that fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = ("environments", "episodes", "policies", "policy_gradients", "ppo")
TIMEOUT = 1200  # seconds for one cell: lab 5 is a search


def main(arguments: list[str]) -> int:
    """Install, then run this file again with the Python of .venv, which has the packages."""
    sys.path.insert(0, str(ROOT))
    from tools import environment

    try:
        environment.check_python()
        environment.install_pins()
    except environment.Stop as reason:
        print(f"upright: {reason}", file=sys.stderr)
        return 2
    command = [environment.program("python"), "-m", "tools.student_path", "--installed", *arguments]
    return subprocess.call(command, cwd=ROOT)


def walk(names: list[str]) -> int:
    from tools import execute, labs

    sources = {source.stem: source for source in labs.sources()}
    chosen = names or [*CHAPTERS, *sources]
    unknown = sorted(set(chosen) - set(CHAPTERS) - set(sources))
    if unknown:
        print(f"upright: {', '.join(unknown)} is not on the way: {', '.join([*CHAPTERS, *sources])}", file=sys.stderr)
        return 2
    chapters = [name for name in chosen if name in CHAPTERS]
    if chapters and execute.main(chapters) != 0:
        return 1
    return 0 if all(solve(sources[name]) for name in chosen if name in sources) else 1


def solve(source: Path) -> bool:
    """Run a lab with its solution from top to bottom; a self-check that fails is an error of its cell."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    from tools import labs

    print(f"{source.stem}: solving", flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        notebook = labs.instructor_notebook(source)
        try:
            NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": folder}}).execute()
        except CellExecutionError as error:
            print(f"upright: {source.stem} failed:\n{error}", file=sys.stderr)
            return False
    passed = sum(text.count("✓ ") for text in _printed(notebook))
    print(f"{source.stem}: all cells ran, {passed} self-checks passed", flush=True)
    return passed > 0


def _printed(notebook: dict) -> list[str]:
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return [output["text"] for output in outputs if output["output_type"] == "stream"]


if __name__ == "__main__":
    # Paths and marks are printed on Windows too, whatever its code page.
    os.environ["PYTHONUTF8"] = "1"
    installed = sys.argv[1:2] == ["--installed"]
    sys.exit(walk(sys.argv[2:]) if installed else main(sys.argv[1:]))
