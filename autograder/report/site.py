"""The folder of a report, written beside the old one and put in its place in one step."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from autograder.errors import GradebookError, UsageError
from autograder.gradebook import Gradebook
from autograder.grades import grades
from autograder.progress import LINE_SECONDS, say
from autograder.report import pages
from autograder.report.summary import Summary

MARK = ".upright-report"  # a folder without it is somebody else's, and is never replaced
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def write(gradebook: Gradebook, folder: Path) -> int:
    """Write the report on a gradebook into `folder` and return the number of students' pages.

    Whoever looks meanwhile, or after the end of this process at any moment, finds the old report whole or the new one.
    Raises UsageError if the folder holds something else, GradebookError if it cannot be written.
    """
    new = folder.parent / f".{folder.name}.new"
    try:
        _check(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove(new)
        new.mkdir(mode=0o700)
        (new / MARK).touch()
        count = _pages(gradebook, new)
        _replace(new, folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            _remove(new)
        raise GradebookError(
            f"{folder}: the report cannot be written ({error.strerror}); free some space there, "
            "or give --to another folder, and run the same command again."
        ) from None
    return count


def _check(folder: Path) -> None:
    """Refuse to replace what is no report. Raises UsageError."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"--to {folder}: is no folder; give another name.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UsageError(f"--to {folder}: holds something else than a report; give another folder.")


def _pages(gradebook: Gradebook, new: Path) -> int:
    summaries: dict[str, Summary] = {}
    rows: list[list[Any]] = []
    count, begun = 0, time.monotonic()
    told = begun
    for grade in grades(gradebook):
        summaries.setdefault(grade.lab, Summary(grade.lab, grade.max_score)).add(grade)
        rows.append(pages.row(grade))
        if grade.row is not None:
            path = new / pages.address(grade)
            path.parent.mkdir(exist_ok=True)
            path.write_text(pages.student_page(grade), encoding="utf-8", newline="")
            count += 1
        if time.monotonic() - told > LINE_SECONDS:
            told = time.monotonic()
            say(f"autograder: {count:,} pages written, {count / (told - begun):.0f} a second", sys.stderr)
    text = pages.class_page(list(summaries.values()), rows)
    (new / "index.html").write_text(text, encoding="utf-8", newline="")
    return count


def _replace(new: Path, folder: Path) -> None:
    """Put `new` where `folder` is, in one step, and remove what was there."""
    os.sync()  # all pages are on the disk before any is in its place
    if not folder.exists():
        new.rename(folder)
    elif _exchanged(new, folder):
        _remove(new)
    else:  # a file system without exchange: for a moment there is neither
        old = folder.parent / f".{folder.name}.old"
        _remove(old)
        folder.rename(old)
        new.rename(folder)
        _remove(old)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether Linux could exchange the two folders' names (renameat2)."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
