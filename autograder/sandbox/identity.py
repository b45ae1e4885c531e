"""A user of its own for the code of each grading process, so that what one submission starts cannot touch another's.

Run as root only. The users have no name and no files; a lock that the kernel frees keeps two graders apart.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import stat
from functools import cache
from pathlib import Path

FIRST, COUNT = 1_900_000_000, 4_096
FOLDERS = (Path("/run/upright-sandbox"), Path("/var/tmp/upright-sandbox"))


class NoIdentity(Exception):
    """No user could be set aside; the message says why."""


@cache
def _held(pid: int) -> tuple[int, int]:
    folder = _folder()
    for number in range(COUNT):
        lock = os.open(folder / str(number), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        uid = FIRST + number
        kill_all(uid)
        clear(uid)
        return uid, lock
    raise NoIdentity(f"all {COUNT:,} users of the sandbox are taken; see {folder}")


def own() -> int:
    """The user id that this grading process holds until it ends."""
    return _held(os.getpid())[0]


def _folder() -> Path:
    for folder in FOLDERS:
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o711, exist_ok=True)
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022:
                return folder
    raise NoIdentity(f"neither {FOLDERS[0]} nor {FOLDERS[1]} can be made")


def scratch(uid: int) -> Path:
    """An empty folder that belongs to the user, the only place where it may write without a mount namespace."""
    folder = _folder() / f"home-{uid}"
    clear(uid)
    folder.mkdir(mode=0o700)
    os.chown(folder, uid, uid)
    return folder


def clear(uid: int) -> None:
    """Remove what the user left in its folder."""
    folder = _folder() / f"home-{uid}"
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def kill_all(uid: int) -> None:
    """End every process of the user, however it hides: the kernel finds them by their owner."""
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        except OSError:
            pass
        finally:
            os._exit(0)
    os.waitpid(child, 0)
