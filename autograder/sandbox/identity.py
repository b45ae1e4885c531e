"""Users of the sandbox's own, so that what one submission starts cannot touch, or use up, what another one has.

Run as root only. The users have no name and no files; a lock that the kernel frees keeps two graders apart.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import stat
import time
from functools import cache
from pathlib import Path

from autograder.sandbox import scratch

COUNT = 4_096
PR_SET_CHILD_SUBREAPER = 36
# Far from any user that a machine has; a container may know only the first 65,536.
FIRSTS = (1_900_000_000, 40_000)
FOLDERS = (Path("/run/upright-sandbox"), Path("/var/tmp/upright-sandbox"))
_free: dict[int, list[int]] = {}  # by process: a forked grader must not use its parent's


class NoIdentity(Exception):
    """No user could be set aside; the message says why."""


def first(uid_map: str | None = None) -> int:
    """The lowest of the sandbox's users that this machine or container knows. Raises NoIdentity."""
    text = Path("/proc/self/uid_map").read_text() if uid_map is None else uid_map
    ranges = [tuple(map(int, line.split())) for line in text.splitlines()]
    for uid in FIRSTS:
        if any(start <= uid and uid + 2 * COUNT <= start + length for start, _, length in ranges):
            return uid
    raise NoIdentity("this container knows too few users; give it a range of 65,536")


def take() -> int:
    """A user that runs nothing now, and that no other grader takes. Raises NoIdentity."""
    try:
        return _free.setdefault(os.getpid(), []).pop()
    except IndexError:
        return _lock()


def give_back(uid: int) -> None:
    """The user may be taken again: none of its processes is left."""
    _free.setdefault(os.getpid(), []).append(uid)


def _lock() -> int:
    folder, lowest = _folder(), first()
    _sweep(folder, lowest, os.getpid())
    for number in range(COUNT):
        # The lock stays open as long as this process lives.
        if (lock := _try_lock(folder, number)) is not None:
            if kill_all(lowest + number, patience=0.2):
                return lowest + number
            os.close(lock)
    raise NoIdentity(f"all {COUNT:,} users of the sandbox are taken; see {folder}")


def _try_lock(folder: Path, number: int) -> int | None:
    lock = os.open(folder / str(number), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


@cache
def _sweep(folder: Path, lowest: int, own: int) -> None:
    """Once for the process `own`, end and remove what graders left that were killed."""
    for left in folder.glob("home-*"):
        number = int(left.name.removeprefix("home-")) - lowest
        if 0 <= number < COUNT and (lock := _try_lock(folder, number)) is not None:
            kill_all(lowest + number, patience=0.2)
            scratch.remove(left)
            os.close(lock)


def _folder() -> Path:
    for folder in FOLDERS:
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o711, exist_ok=True)
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022:
                return folder
    raise NoIdentity(f"neither {FOLDERS[0]} nor {FOLDERS[1]} can be made")


def _home(uid: int) -> Path:
    return _folder() / f"home-{uid}"


def home(uid: int) -> Path:
    """An empty folder that belongs to the user, the only place where it may write without a mount namespace."""
    folder = _home(uid)
    scratch.remove(folder)
    folder.mkdir(mode=0o700)
    os.chown(folder, uid, uid)
    return folder


def kill_all(uid: int, patience: float = 2.0) -> bool:
    """End every process of the user, however it hides: the kernel finds them by their owner. Whether none is left, not
    even one that has ended and only waits to be counted: it takes the place of one that the user may still start."""
    end = time.monotonic() + patience
    while True:
        kill_once(uid)
        left = processes(uid)
        if not left:
            return True
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > end:
            return False
        time.sleep(0.002)


def adopt() -> None:
    """Have orphans come to this process, to be waited for by `kill_all`: process 1 of a container may never do it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_once(uid: int) -> None:
    """Send every process of the user the signal that none can refuse."""
    child = os.fork()
    if child == 0:
        try:
            # It may send signals to the user's processes, and they may send it none: its real user is another one.
            os.setresuid(uid + COUNT, uid, uid + COUNT)
            os.kill(-1, signal.SIGKILL)
        except OSError:
            pass
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def processes(uid: int) -> list[int]:
    """The processes of a user, with those that have ended and wait to be counted."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = dict(line.split(":", 1) for line in (entry / "status").read_text().splitlines() if ":" in line)
                if str(uid) in fields["Uid"].split():
                    found.append(int(entry.name))
    return found
