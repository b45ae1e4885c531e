"""Which file of a submission folder is graded. Nothing of it is read here."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.notebook import InvalidSubmission
from autograder.submissions import SUFFIXES
from autograder.text import harmless

MOST_ENTRIES = 10_000
SHOWN = 5


def find(folder: Path, lab: str) -> Path:
    """The one notebook, or the one that is named like the lab; else a .py file, in the same way. Raises
    InvalidSubmission."""
    files = _files(folder)
    for suffix in SUFFIXES:
        found = [path for path in files if path.suffix.lower() == suffix]
        named = [path for path in found if path.stem == lab]
        for one in (named, found):
            if len(one) == 1:
                return one[0]
        if found:
            names = ", ".join(harmless(str(path.relative_to(folder)), 80) for path in found[:SHOWN])
            more = ", …" if len(found) > SHOWN else ""
            reason = f"{len(found)} files {suffix} were handed in ({names}{more})"
            raise InvalidSubmission(f"{reason}. Hand in one, or name one of them {lab}{suffix}.")
    raise InvalidSubmission(f"No notebook was handed in. Hand in {lab}.ipynb.")


def _files(folder: Path) -> list[Path]:
    """The files below a folder in a fixed order, hidden ones left out, links as they are."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        found += [Path(place, name) for name in names if not name.startswith(".")]
        if len(found) > MOST_ENTRIES:
            raise InvalidSubmission(f"More than {MOST_ENTRIES:,} files were handed in. Hand in the notebook alone.")
    return sorted(found)
