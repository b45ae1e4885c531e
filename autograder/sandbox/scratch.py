"""The folder of the host in which code may write, where there is no file system of limited size for it.

What lies in it was made by hostile code: folders deeper than a path may be long, links, any number of files.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

MOST_ENTRIES = 20_000
LONGEST_PATH = 3_000  # the kernel takes 4,096 bytes, and what it does not take cannot be counted
PERIOD_S = 0.1


def exceeds(folder: Path, most: int) -> bool:
    """Whether the files below a folder hold more than `most` bytes, are too many or lie too deep to be counted."""
    used, entries, waiting = 0, 0, [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as found:
            for entry in found:
                entries += 1
                with contextlib.suppress(OSError):
                    used += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                if used > most or entries > MOST_ENTRIES or len(entry.path) > LONGEST_PATH:
                    return True
    return False


def remove(folder: Path) -> None:
    """Remove a folder and all below it, once nothing writes there.

    A folder in a folder in it is moved up first, so that neither a path nor the stack of calls grows with the depth.
    """
    with contextlib.suppress(OSError):
        while inner := _without_files(folder):
            for path in inner:
                for deeper in _without_files(path):
                    deeper.rename(folder / secrets.token_hex(16))
                path.rmdir()
        folder.rmdir()


def _without_files(folder: Path) -> list[Path]:
    """Remove the files in a folder; the folders in it, which are left."""
    folder.chmod(0o700)
    left = []
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                left.append(folder / entry.name)
            else:
                (folder / entry.name).unlink()
    return left


class Watch:
    """Looks from time to time whether a folder exceeds its limit, and calls `stop` once if it does."""

    def __init__(self, folder: Path, most: int, stop: Callable[[], None]) -> None:
        self.exceeded = False
        self._folder, self._most, self._stop = folder, most, stop
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="upright-scratch", daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(PERIOD_S):
            if exceeds(self._folder, self._most):
                self.exceeded = True
                self._stop()
                return

    def end(self) -> None:
        self._over.set()
        self._thread.join()
