"""A control group for one submission: its memory and processes, all together, where this machine lets us make one."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.sandbox.limits import Limits

MOUNT = Path("/sys/fs/cgroup")
_numbers = itertools.count()


@dataclass(frozen=True)
class Cgroup:
    """folders: one in version 2; in version 1 those for memory, for processor time and, last, for processes."""

    folders: tuple[Path, ...]
    version: int

    @classmethod
    def make(cls, limits: Limits) -> Cgroup | None:
        """A new group with these limits, or None where that is not allowed."""
        version, parents = places()
        if not parents:
            return None
        for parent in parents:
            _sweep(parent, os.getpid())
        made: list[Path] = []
        try:
            for parent in parents:
                folder = parent / f"{_prefix()}{os.getpid()}-{next(_numbers)}"
                folder.mkdir()
                made.append(folder)
            group = cls(tuple(made), version)
            group._limit(limits)
        except OSError:
            for folder in made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
            return None
        return group

    def _limit(self, limits: Limits) -> None:
        memory, pids = self.folders[0], self.folders[-1]
        name = "memory.max" if self.version == 2 else "memory.limit_in_bytes"
        (memory / name).write_text(str(limits.memory_bytes))
        (pids / "pids.max").write_text(str(limits.processes))
        # No refuge in swap, and all end together; kernels differ in which of these files they have.
        swap = (("memory.swap.max", "0"), ("memory.memsw.limit_in_bytes", str(limits.memory_bytes)))
        for optional, value in (*swap, ("memory.oom.group", "1")):
            with contextlib.suppress(OSError):
                (memory / optional).write_text(value) if (memory / optional).exists() else None

    def join(self) -> None:
        """Put the calling process into the group."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def memory_exceeded(self) -> bool:
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        return self._counted(self.folders[0] / name, "oom_kill") > 0

    def processes_exceeded(self) -> bool:
        return self._counted(self.folders[-1] / "pids.events", "max") > 0

    def peak_memory(self) -> int | None:
        name = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        with contextlib.suppress(OSError, ValueError):
            return int((self.folders[0] / name).read_text())
        return None

    def cpu_s(self) -> float:
        """Seconds of processor time of all processes that ever were in the group; 0 where it is not told."""
        if self.version == 2:
            return self._counted(self.folders[0] / "cpu.stat", "usage_usec") / 1e6
        with contextlib.suppress(OSError, ValueError):
            return int((self.folders[1] / "cpuacct.usage").read_text()) / 1e9
        return 0.0

    @staticmethod
    def _counted(path: Path, name: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            for line in path.read_text().splitlines():
                key, _, value = line.partition(" ")
                if key == name:
                    return int(value)
        return 0

    def kill(self) -> None:
        """End every process in the group."""
        for folder in self.folders:
            if (folder / "cgroup.kill").exists():
                with contextlib.suppress(OSError):
                    (folder / "cgroup.kill").write_text("1")
            with contextlib.suppress(OSError):
                for pid in (folder / "cgroup.procs").read_text().split():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), 9)

    def remove(self) -> None:
        """Remove the group, which must be empty; a process that is just ending keeps it for some milliseconds."""
        for folder in self.folders:
            for _ in range(200):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    self.kill()
                    time.sleep(0.005)


@cache
def _prefix() -> str:
    """Process numbers are those of this process namespace only; another container's groups are not ours to judge."""
    return f"upright-{Path('/proc/self/ns/pid').stat().st_ino}-"


@cache
def _sweep(parent: Path, own: int) -> None:
    """Once for the process `own`, remove the groups whose graders are no more, with what may still run in them."""
    for folder in parent.glob(f"{_prefix()}*-*"):
        grader = folder.name.removeprefix(_prefix()).split("-")[0]
        if grader.isdigit() and not Path("/proc", grader).exists():
            stale = Cgroup((folder,), 1)
            stale.kill()
            stale.remove()


def places() -> tuple[int, tuple[Path, ...]]:
    """The version of control groups here, and the folders below which groups for memory and processes can be made."""
    own = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            own.update(dict.fromkeys(controllers.split(","), path.lstrip("/")))
    if all((MOUNT / controller).is_dir() for controller in ("memory", "cpuacct", "pids")):
        found = []
        for controller in ("memory", "cpuacct", "pids"):
            inner = MOUNT / controller / own.get(controller, "")
            found.append(inner if inner.is_dir() else MOUNT / controller)
        return 1, tuple(found)
    for parent in (MOUNT / own.get("", ""), MOUNT):
        with contextlib.suppress(OSError):
            if {"memory", "pids"} <= set((parent / "cgroup.subtree_control").read_text().split()):
                return 2, (parent,)
    return 2, ()
