"""When a sandbox ends, nothing is left of it: no process, no control group, no file; also when the grader is killed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import Process
from tests.autograder.conftest import ORDINARY_USER, Box, ask

# A process that left its group, its session and its parent, does not care about signals, and bears a name to find it.
DAEMON = """
import ctypes, os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, b"NAME", 0, 0, 0)
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(0.1)
"""
DEEP = """
import os
os.chdir(os.environ["HOME"])
for number in range(1_500):
    try:
        os.mkdir("d")
        os.chdir("d")
        open("file", "w").close()
    except OSError:
        break
print("DEPTH", number)
"""


def _named(name: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = path.read_text()
            if f"({name})" in text and text.rpartition(")")[2].split()[0] not in "ZX":
                found.append(int(path.parent.name))
    return found


def _eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true: an end that is on its way is waited for."""
    for _ in range(500):
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def name() -> str:
    return "u" + secrets.token_hex(6)


def _start_daemon(box: Box, name: str) -> Process:
    process = box.start()
    ask(process, DAEMON.replace("NAME", name))
    assert _eventually(lambda: bool(_named(name))), "the daemon did not start"
    return process


def test_a_daemon_dies_with_its_submission(box: Box, name: str) -> None:
    def daemon() -> list[int]:
        _start_daemon(box, name).stop()
        return _named(name)

    assert box.do(daemon) == []


def test_control_group_and_folder_are_removed(box: Box) -> None:
    def made_and_left() -> list[Any]:
        process = box.start()
        ask(process, "open('file', 'w').close()")
        made = [*(process.cgroup.folders if process.cgroup else ()), *([process.home] if process.home else ())]
        there = [str(folder) for folder in made if folder.is_dir()]
        process.stop()
        return [there, [str(folder) for folder in made if folder.exists()]]

    there, left = box.do(made_and_left)
    assert left == []
    assert there or box.backend.name == "bubblewrap-userns", "as root, something is made that must be removed"


def test_folders_deeper_than_a_path_may_be_long_are_removed(box: Box) -> None:
    def deep() -> list[Any]:
        process = box.start()
        ask(process, DEEP)
        time.sleep(0.5)
        process.stop()
        return [str(process.home)] if process.home and process.home.exists() else []

    assert box.do(deep) == []


@pytest.mark.parametrize(
    ("source", "code", "number"), [("os._exit(3)", 3, None), ("os.kill(os.getpid(), 11)", None, 11)]
)
def test_how_it_ended_is_told(box: Box, source: str, code: int | None, number: int | None) -> None:
    ended = box.run(f"import os\n{source}").ended
    assert (ended.exit_code, ended.signal) == (code, number)


def test_poll_tells_the_exit_code_only_after_the_end_and_stop_may_be_repeated(box: Box) -> None:
    def life() -> list[Any]:
        process = box.start()
        before = process.poll()
        ask(process, "import os\nos._exit(4)")
        ended_by_itself = _eventually(lambda: process.poll() is not None)
        after = process.poll()
        first, second = process.stop(), process.stop()
        return [before, ended_by_itself, after, first == second, process.poll()]

    assert box.do(life) == [None, True, 4, True, 4]


def _lowest_free() -> int:
    descriptor = os.open("/dev/null", os.O_RDONLY)
    os.close(descriptor)
    return descriptor


def test_the_descriptors_are_closed(box: Box) -> None:
    def count() -> list[int]:
        box.start().stop()  # holds a lock from now on, as root
        lowest = [_lowest_free()]
        for _ in range(3):
            box.start().stop()
        return [*lowest, _lowest_free()]

    before, after = box.do(count)
    assert before == after


def test_two_at_a_time_do_not_share_a_user_or_a_folder(box: Box) -> None:
    if box.backend.name == "bubblewrap-userns":
        pytest.skip("in a user namespace each has users of its own")
    first, second = box.start(), box.start()
    try:
        assert first.uid != second.uid
        assert first.home is None or first.home != second.home
        first.stop()
        assert second.poll() is None
    finally:
        first.stop()
        second.stop()


def test_a_killed_grader_leaves_nothing_once_another_one_has_run(box: Box, name: str) -> None:
    told, tell = os.pipe()
    grader = os.fork()
    if grader == 0:
        with contextlib.suppress(BaseException):
            if box.foreign:
                os.setgroups([])
                os.setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
                os.setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
            process = _start_daemon(box, name)
            made = [str(folder) for folder in (process.cgroup.folders if process.cgroup else ())]
            os.write(tell, json.dumps([*made, *([str(process.home)] if process.home else [])]).encode())
            time.sleep(60)
        os._exit(1)
    os.close(tell)
    with os.fdopen(told) as file:
        made = json.loads(os.read(file.fileno(), 65_536))
    assert _named(name)
    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    if box.backend.name != "landlock":
        assert _eventually(lambda: not _named(name)), "the process namespace outlived its grader"
    assert _next_grader(box) == 0
    assert _eventually(lambda: not _named(name))
    assert [folder for folder in made if Path(folder).exists()] == []


def _next_grader(box: Box) -> int:
    """Another process that starts a sandbox; it looks for what earlier graders left."""
    grader = os.fork()
    if grader == 0:
        code = 1
        with contextlib.suppress(BaseException):
            box.do(lambda: box.start().stop() and None)
            code = 0
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(grader, 0)[1])
