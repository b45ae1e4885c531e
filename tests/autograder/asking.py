"""Questions to a notebook's functions in a sandbox, and what came of each; and what a grader must not leave behind."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np

from autograder.notebook import Cell
from autograder.sandbox import Backend, Limits, Runtime, identity
from autograder.sandbox.backends import UNSAFE
from autograder.session import SandboxFault, Session
from tests.autograder.conftest import Box
from upright.checks.verdict import Lab, NoPoint
from upright.checks.wire import Array, Opaque

# Seconds are for a busy machine; a test that waits for a limit sets it lower.
SMALL = Limits(
    call_s=10,
    cell_s=10,
    wall_s=60,
    cpu_s=8,
    memory_bytes=300_000_000,
    processes=24,
    file_bytes=2_000_000,
    tmp_bytes=8_000_000,
    output_bytes=1_000_000,
)
FUNCTIONS = ("f", "g")
# What does not depend on the walls is tried without them.
OPEN = Box(UNSAFE, Runtime.detect(), False)
Ask = Callable[[Session], Any]


@dataclass(frozen=True)
class Told:
    """answers: for each question its value, or {outcome, limit, message, hint}; notes and log: the session's; left:
    what was left behind after its end."""

    answers: list[Any]
    notes: list[str]
    log: str
    left: list[str]

    @property
    def answer(self) -> Any:
        (only,) = self.answers
        return only


def call(name: str = "f", *args: Any) -> Ask:
    return lambda session: session.call(name, *args)


def stream(name: str, *observations: list[float]) -> Ask:
    """The function's answers to one observation after another."""

    def ask(session: Session) -> list[Any]:
        policy = session.stream(name)
        return [policy(observation) for observation in observations]

    return ask


def session(backend: Backend, runtime: Runtime, cells: list[str], **limits: float) -> Session:
    numbered = [Cell(number, source) for number, source in enumerate(cells, 1)]
    lab = Lab("test", FUNCTIONS, ())
    return Session(backend, runtime, replace(SMALL, **limits), lab, numbered)  # type: ignore[arg-type]  # ints, too


def told(box: Box, cells: list[str], *questions: Ask, **limits: float) -> Told:
    """Ask a notebook's functions, in the sandbox and as the user that the box is for."""
    return Told(**box.do(lambda: _asked(session(box.backend, box.runtime, cells, **limits), questions)))


def _asked(opened: Session, questions: tuple[Ask, ...]) -> dict[str, Any]:
    with opened:
        answers = [_answer(opened, question) for question in questions]
        notes = opened.notes
    log = opened.log.decode("utf-8", "replace")
    return {"answers": answers, "notes": notes, "log": log, "left": leftovers()}


def _answer(opened: Session, question: Ask) -> Any:
    try:
        return _plain(question(opened))
    except NoPoint as reason:
        told = {"outcome": reason.outcome, "limit": reason.limit, "message": reason.message, "hint": reason.hint}
        return {**told, "points": 0}
    except SandboxFault as fault:
        return {"outcome": "infrastructure_error", "message": str(fault)}


def _plain(value: Any) -> Any:
    """A value as JSON, so that another process can tell it."""
    if isinstance(value, Array):
        return {"array": np.asarray(value.values).tolist(), "dtype": value.dtype}
    return {"opaque": value.type_name} if isinstance(value, Opaque) else value


def leftovers(grader: int | None = None, uids: frozenset[int] = frozenset(), patience: float = 2.0) -> list[str]:
    """What the sandboxes of a grader (this process, unless told) have left behind, in words: processes of the users
    `uids` and below the grader, control groups, folders. An end that is on its way is waited for. Other graders on this
    machine do not count."""
    grader = grader or os.getpid()
    uids = uids or users(grader)
    end = time.monotonic() + patience
    while (found := [*_processes(grader, uids), *_folders(grader, uids)]) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def users(grader: int) -> frozenset[int]:
    """The users of the sandbox that a living grader holds: it keeps the lock of each one open."""
    numbers = set()
    for link in Path(f"/proc/{grader}/fd").iterdir():
        with contextlib.suppress(OSError):
            path = link.readlink()
            if path.parent in identity.FOLDERS and path.name.isdigit():
                numbers.add(identity.first() + int(path.name))
    return frozenset(numbers)


def _processes(grader: int, uids: frozenset[int]) -> list[str]:
    seen, parents = {}, {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, KeyError, ValueError):
            lines = (entry / "status").read_text().splitlines()
            status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
            pid = int(entry.name)
            parents[pid] = int(status["PPid"])
            if status["State"][0] not in "ZX":
                seen[pid] = int(status["Uid"].split()[0]), _command(pid)
    return [
        f"process {pid} of {uid}: {command[:80]}"
        for pid, (uid, command) in seen.items()
        if uid in uids or ("autograder/runner.py" in command and _above(pid, parents) & {grader, 1})
    ]


def _above(pid: int, parents: dict[int, int]) -> set[int]:
    """Who started a runner: a grader, or process 1 if its grader is no more. bubblewrap lies between the two."""
    found: set[int] = set()
    while pid in parents and "autograder/runner.py" in _command(pid):
        pid = parents[pid]
        found.add(pid)
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


def _folders(grader: int, uids: frozenset[int]) -> list[str]:
    homes = [folder / f"home-{uid}" for folder in identity.FOLDERS for uid in uids]
    return [str(path) for path in (*control_groups(grader), *homes) if path.exists()]


def control_groups(grader: int) -> list[Path]:
    """Those that a grader made. Others' come and go meanwhile, which `glob` takes for an error, and `walk` does not."""
    folders = (Path(above, name) for above, names, _ in os.walk("/sys/fs/cgroup") for name in names)
    return [folder for folder in folders if fnmatch(folder.name, f"upright-*-{grader}-*")]
