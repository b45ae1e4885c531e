"""Each limit of the sandbox stops what passes it, and says so; the next submission does not notice."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from autograder.sandbox import identity
from tests.autograder.conftest import LIMITS, Box, ask

FORKS = """
import os, time
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""
WRITES = """
import os
home, number = os.environ["HOME"], 0
try:
    while True:
        with open(f"{home}/{number}", "wb") as file:
            file.write(bytes(500_000))
        number += 1
except OSError as error:
    print("ERRNO", error.errno, number)
"""


def test_a_fork_bomb_is_stopped_and_named(box: Box) -> None:
    def bomb() -> list[bool]:
        process = box.start()
        ask(process, FORKS)
        for _ in range(1_000 if process.cgroup else 40):  # a busy machine is slow to begin
            time.sleep(0.01)
            if process.cgroup and process.cgroup.processes_exceeded():
                break
        ended = process.stop()
        return [ended.signal == signal.SIGKILL, process.cgroup is None or ended.processes_exceeded]

    assert box.do(bomb) == [True, True]


def test_a_fork_bomb_does_not_hinder_the_next_submission(box: Box) -> None:
    def bomb() -> None:
        process = box.start()
        ask(process, FORKS)
        time.sleep(0.2)
        process.stop()

    box.do(bomb)
    seen = box.run("import subprocess; print(subprocess.run(['/usr/bin/true']).returncode)")
    assert (seen.printed, seen.finished) == ("0\n", True)


def test_threads_are_limited(box: Box) -> None:
    seen = box.run(
        """
import threading
event, threads = threading.Event(), []
try:
    while True:
        threads.append(threading.Thread(target=event.wait, daemon=True))
        threads[-1].start()
except RuntimeError as error:
    print("THREADS", len(threads))
event.set()
""",
        processes=24,
    )
    assert 5 < int(seen.printed.split("THREADS")[1]) <= 24


def test_a_memory_bomb_is_stopped_and_named(box: Box) -> None:
    seen = box.run("hoard = []\nwhile True:\n    hoard.append(b'x' * 20_000_000)")
    if seen.ended.memory_exceeded:
        assert seen.ended.signal == signal.SIGKILL
        assert not seen.finished
    else:
        assert '"type":"MemoryError"' in seen.told
    assert (seen.ended.peak_memory_bytes or 0) <= LIMITS.memory_bytes


def test_a_reservation_beyond_reason_is_an_error_and_kills_nothing(box: Box) -> None:
    seen = box.run("try:\n    bytearray(1 << 45)\nexcept MemoryError:\n    print('REFUSED')")
    assert seen.printed == "REFUSED\n"
    assert seen.finished
    assert not seen.ended.memory_exceeded


def test_one_file_may_not_grow_beyond_its_limit(box: Box) -> None:
    seen = box.run(
        """
import os
path = os.environ["HOME"] + "/large"
try:
    with open(path, "wb", buffering=0) as file:
        while True:
            file.write(bytes(100_000))
except OSError as error:
    print("ERRNO", error.errno, os.path.getsize(path))
"""
    )
    assert seen.printed == f"ERRNO 27 {LIMITS.file_bytes}\n"


def test_many_files_are_stopped_and_named(box: Box) -> None:
    seen = box.run(WRITES)
    if not seen.ended.disk_exceeded:
        _, errno, written = seen.printed.split()
        assert errno == "28"
        assert int(written) * 500_000 <= LIMITS.tmp_bytes


def test_a_daemon_that_writes_on_is_stopped_with_its_submission(box: Box) -> None:
    if box.backend.name != "landlock":
        pytest.skip("here files lie in a file system of limited size, which needs no stopping")
    writes = WRITES.replace("print(", "time.sleep(60); print(")
    body = "".join(f"        {line}\n" for line in writes.splitlines())
    process = box.start()
    ask(process, f"import os, time\nif os.fork() == 0:\n    os.setsid()\n    while True:\n{body}time.sleep(60)")
    assert process.uid is not None
    for _ in range(1_000):
        if process.poll() is not None and not _running(process.uid):
            break
        time.sleep(0.01)
    running = _running(process.uid)
    ended = process.stop()
    assert (running, ended.disk_exceeded) == ([], True)


def _running(uid: int) -> list[int]:
    """A user's processes without those that have ended and wait to be counted."""
    found = []
    for pid in identity.processes(uid):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(pid)
    return found


def _not_told(box: Box) -> bool:
    """Behind bubblewrap only a control group knows the processor time, and an ordinary user can make none."""
    return box.backend.name == "bubblewrap-userns"


def test_processor_time_is_stopped_and_named(box: Box) -> None:
    seen = box.run("while True:\n    pass", cpu_s=1)
    assert not seen.finished
    assert seen.ended.signal == signal.SIGXCPU


def test_processor_time_is_stopped_even_when_the_signal_is_ignored(box: Box) -> None:
    seen = box.run("import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True:\n    pass", cpu_s=1)
    assert not seen.finished
    assert seen.ended.signal == signal.SIGKILL
    assert seen.ended.cpu_s >= 1 or _not_told(box), "the time does not tell which limit it was"


def test_no_limit_can_be_raised(box: Box) -> None:
    seen = box.run(
        """
import json, resource
raised = []
for name in ("CPU", "AS", "FSIZE", "NPROC", "NOFILE", "CORE", "STACK"):
    kind = getattr(resource, "RLIMIT_" + name)
    soft, hard = resource.getrlimit(kind)
    try:
        resource.setrlimit(kind, (hard + 1, hard + 1))
        raised.append(name)
    except (ValueError, OSError):
        pass
print(json.dumps(raised))
"""
    )
    assert json.loads(seen.printed) == []


def test_where_memory_ends_the_kernel_takes_a_submission_before_the_grader(box: Box) -> None:
    def scores() -> list[int]:
        process = box.start()
        try:
            ask(process, "x = 1")
            assert os.read(process.answers, 1)  # from then on the code runs
            runner = psutil.Process(process.child.pid)
            everything = [runner, *runner.children(recursive=True)]
            return [int(Path(f"/proc/{one.pid}/oom_score_adj").read_text()) for one in everything]
        finally:
            process.stop()

    assert 1_000 in box.do(scores)
    assert int(Path("/proc/self/oom_score_adj").read_text()) < 1_000
