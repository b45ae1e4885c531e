"""A worker answers one line a job, prints nothing else there, and ends when it is told to or alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.job import Job
from autograder.result import Result
from autograder.worker import answer, memory_bytes
from tests.autograder.fixtures import OBEDIENT

ROOT = Path(__file__).resolve().parents[2]


def job(folder: Path, order: str, name: str = "ada.py") -> Job:
    path = folder / name
    path.write_text(order)
    return Job(str(path), "ada", "lab1_episodes", seed=3)


def ask(worker: subprocess.Popen[bytes], *jobs: Job) -> list[dict[str, Any]]:
    assert worker.stdin is not None
    assert worker.stdout is not None
    found = []
    for one in jobs:
        worker.stdin.write(json.dumps(asdict(one)).encode() + b"\n")
        worker.stdin.flush()
        found.append(json.loads(worker.stdout.readline()))
    return found


def start(parent: int, *core: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "autograder.worker", OBEDIENT, str(parent), *core]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT)  # -m finds the tests there


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    started = start(os.getpid())
    yield started
    started.kill()
    started.communicate()


def test_each_job_has_one_line_whatever_the_grading_prints(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    work = [job(tmp_path, "score 1", "a.py"), job(tmp_path, "raise", "b.py"), job(tmp_path, "score 2", "c.py")]
    first, fault, second = ask(worker, *work)
    assert Result.from_json(first["result"]).score == 1
    assert Result.from_json(second["result"]).score == 2
    assert fault["fault"].startswith("ValueError: a fault of the judge (fixtures.py, line ")
    told, printed = worker.communicate(timeout=60)
    assert told == b""
    assert printed == b"a line that is no answer\n" * 3
    assert worker.returncode == 0


def test_a_file_whose_name_is_not_utf_8_reaches_the_worker(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    [found] = ask(worker, job(tmp_path, "score 4", os.fsdecode(b"caf\xe9.py")))
    assert found["result"]["score"] == 4
    assert found["result"]["submission"] == "caf.py"


def test_the_answer_tells_what_the_worker_occupies(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    small, large = ask(worker, job(tmp_path, "score 1", "a.py"), job(tmp_path, "grow", "b.py"))
    assert 150_000_000 < large["memory"] - small["memory"] < 300_000_000
    assert memory_bytes() == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)


def test_sigterm_ends_it_without_a_word_and_ctrl_c_does_not(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    ask(worker, job(tmp_path, "score 1"))
    worker.send_signal(signal.SIGINT)
    assert ask(worker, job(tmp_path, "score 2"))[0]["result"]["score"] == 2
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 143
    assert worker.stderr is not None
    assert worker.stderr.read() == b"a line that is no answer\n" * 2


def test_it_does_not_begin_for_a_parent_that_is_gone() -> None:
    orphan = start(os.getppid())
    told, printed = orphan.communicate(timeout=60)
    assert (told, printed, orphan.returncode) == (b"", b"", 0)


def test_it_stays_on_the_core_that_it_was_given(tmp_path: Path) -> None:
    core = max(os.sched_getaffinity(0))
    pinned = start(os.getpid(), str(core))
    ask(pinned, job(tmp_path, "score 1"))
    assert os.sched_getaffinity(pinned.pid) == {core}
    pinned.communicate(timeout=60)


def test_a_missing_sandbox_is_told_as_such(tmp_path: Path) -> None:
    assert answer(OBEDIENT, job(tmp_path, "unsandboxed")) == {
        "no_sandbox": "No sandbox works here. none: not even this one"
    }


def test_a_way_of_grading_that_is_not_there_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    assert "ModuleNotFoundError" in answer("autograder.nowhere:grade", job(tmp_path, "score 1"))["fault"]
    assert "AttributeError" in answer("autograder.grading:nothing", job(tmp_path, "score 1"))["fault"]
