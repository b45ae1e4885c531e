"""What several commands are given, looked at in one way: the name of a lab, and the folder of a gradebook."""

from __future__ import annotations

from pathlib import Path

from autograder.database import FILE
from autograder.errors import UsageError
from upright.checks import LABS


def check_lab(name: str) -> None:
    """Raises UsageError if there is no such lab."""
    if name not in LABS:
        raise UsageError(f"--lab {name}: there is no such lab; there are {', '.join(LABS)}.")


def check_folder(folder: Path) -> None:
    """Raises UsageError if no gradebook is there: to open it would make one."""
    if not (folder / FILE).is_file():
        raise UsageError(f"{folder}: there is no {FILE}; give the folder that autograder grade --out wrote.")
