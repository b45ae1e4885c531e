"""Small programs inside each sandbox that works here, and what came of them."""

from __future__ import annotations

import json
import os
import select
import shutil
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import BACKENDS, USER, Backend, Ended, Finding, Limits, Process, Runtime
from autograder.sandbox.backends import find
from autograder.sandbox.filters import program
from tests.conftest import WORKER
from upright.checks.wire import encode

# As whom root tries what is made for ordinary users. One for each worker of pytest: a user's processes are counted.
ORDINARY_USER = 64_123 + WORKER
LIMITS = Limits(
    call_s=10,
    cell_s=10,
    wall_s=20,
    cpu_s=10,
    memory_bytes=300_000_000,
    processes=24,
    file_bytes=1_000_000,
    tmp_bytes=8_000_000,
)
NOT_COPIED = shutil.ignore_patterns("test", "tests", "idlelib", "site-packages", "config-*", "*.a")


@dataclass(frozen=True)
class Seen:
    """What a program inside printed, what the runner told, whether it came to its end, and how its process ended."""

    printed: str
    told: str
    finished: bool
    ended: Ended


@dataclass(frozen=True)
class Box:
    """A back end that works here. `do(function)`: the function's result, from the user for whom the back end is."""

    backend: Backend
    runtime: Runtime
    foreign: bool

    def do(self, function: Callable[[], Any]) -> Any:
        return _as_ordinary_user(function) if self.foreign else function()

    def run(self, source: str, **limits: int) -> Seen:
        seen = self.do(lambda: asdict(_seen(self.start(**limits), source)))
        return Seen(**{**seen, "ended": Ended(**seen["ended"])})

    def start(self, **limits: int) -> Process:
        return self.backend.start(replace(LIMITS, **limits), self.runtime)


def ask(process: Process, source: str) -> None:
    """Have the runner run one cell, and let out what it printed."""
    cells = [[1, source], [2, "import sys; sys.stdout.flush()"]]
    os.write(process.questions, encode({"cells": cells, "id": 0, "functions": []}))


def _seen(process: Process, source: str, seconds: float = 20.0) -> Seen:
    ask(process, source)
    texts = {process.answers: b"", process.log: b""}
    reading = select.poll()
    for descriptor in texts:
        reading.register(descriptor, select.POLLIN)
    end, finished = time.monotonic() + seconds, False
    while not finished and time.monotonic() < end:
        for descriptor, _ in reading.poll(100):
            more = os.read(descriptor, 65_536)
            texts[descriptor] += more
            if not more:
                reading.unregister(descriptor)
        finished = b'"defined"' in texts[process.answers]
        if not finished and process.poll() is not None:
            break
    with suppress(BlockingIOError):
        os.set_blocking(process.log, False)
        texts[process.log] += os.read(process.log, 65_536)
    printed, told = (texts[end].decode("utf-8", "replace") for end in (process.log, process.answers))
    process.wait(0.0 if finished else 1.0)
    return Seen(printed, told, finished, process.stop())


def _as_ordinary_user(function: Callable[[], Any]) -> Any:
    answer, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
            os.setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
            text = json.dumps({"value": function()})
        except BaseException as error:
            text = json.dumps({"error": repr(error)})
        os.close(answer)
        with os.fdopen(told, "w") as file:
            file.write(text)
        os._exit(0)
    os.close(told)
    with os.fdopen(answer) as file:
        found = json.loads(file.read() or "{}")
    os.waitpid(child, 0)
    assert "value" in found, found.get("error", "the process was lost")
    return found["value"]


@pytest.fixture(scope="session")
def everyones() -> Iterator[Runtime]:
    """A copy of the interpreter, NumPy and our packages that every user may read, wherever the original lies."""
    with tempfile.TemporaryDirectory(prefix="upright-test-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        base, installed = Path(sys.base_prefix), Path(sysconfig.get_paths()["platlib"])
        library = Path(sysconfig.get_paths()["stdlib"]).relative_to(base)
        python = Path(os.path.realpath(sys.executable))
        (folder / "bin").mkdir()
        _move(python, base / "lib", folder / "bin" / "python")
        _copy(base / library, folder / library)
        for shared in (base / "lib").glob("libpython*.so*"):
            shutil.copy2(shared, folder / "lib")
        for package in ("numpy", "numpy.libs"):
            if (installed / package).exists():
                _copy(installed / package, folder / "packages" / package)
        here = Runtime.detect()
        for place in map(Path, here.path):
            for package in ("autograder", "upright"):
                if (place / package / "__init__.py").exists():
                    _copy(place / package, folder / "packages" / package)
        system = tuple(path for path in here.readable if path.startswith(("/usr", "/lib", "/bin", "/etc")))
        packages = folder / "packages"
        runner = str(packages / "autograder" / "runner.py")
        yield Runtime(str(folder / "bin" / "python"), (str(packages),), (*system, name), runner)


def _move(python: Path, libraries: Path, target: Path) -> None:
    """A copy of the interpreter that looks for its shared library beside itself, and no more where it was built."""
    program, built, moved = python.read_bytes(), str(libraries).encode() + b"\0", b"$ORIGIN/../lib\0"
    if len(moved) <= len(built):  # a shorter path would be a folder of the system, where every user may read
        program = program.replace(built, moved.ljust(len(built), b"\0"))
    target.write_bytes(program)
    target.chmod(0o755)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=NOT_COPIED, dirs_exist_ok=True)
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


_boxes: dict[str, Box | Finding] = {}


@pytest.fixture(params=[backend.name for backend in BACKENDS])
def box(request: pytest.FixtureRequest, everyones: Runtime) -> Box:
    if request.param not in _boxes:
        _boxes[request.param] = _box(request.param, everyones)
    found = _boxes[request.param]
    if isinstance(found, Finding):
        pytest.skip(f"{found.name}: {found.reason}")
    return found


def _box(name: str, everyones: Runtime) -> Box | Finding:
    backend = next(backend for backend in (*BACKENDS, USER) if backend.name == name)
    program()  # an ordinary user may not be able to read the module that makes it
    foreign = name == "bubblewrap-userns" and os.geteuid() == 0
    box = Box(backend, Runtime.detect() if name == "bubblewrap-root" else everyones, foreign)
    finding = Finding(**box.do(lambda: vars(find(backend, box.runtime))))
    return box if finding.works else finding
