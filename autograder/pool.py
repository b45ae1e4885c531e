"""Worker processes that grade side by side: one that dies or hangs costs its job a second try, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import select
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from autograder.errors import Interrupted, NoSandboxError
from autograder.job import Job
from autograder.result import Result

GRADE = "autograder.grading:grade"
TRIES = 2
# A worker is replaced after so many jobs or so much growth, so that no leak lasts.
JOBS_OF_WORKER = 500
GROWTH_BYTES = 150_000_000
# Beyond every limit of a submission: only a worker that itself hangs gets there.
HARD_SECONDS = 900.0
PATIENCE_SECONDS = 3.0
MAX_SCORE = 10.0  # of every lab


@dataclass(eq=False)
class Worker:
    """process: leads a process group of its own; tries: of its job, this one counted; end: from then on it hangs."""

    process: subprocess.Popen[bytes]
    core: int | None
    job: Job | None = None
    tries: int = 0
    end: float = 0.0
    done: int = 0
    first_memory: int = 0
    memory: int = 0
    buffer: bytes = b""

    @property
    def spent(self) -> bool:
        return self.done >= JOBS_OF_WORKER or self.memory - self.first_memory > GROWTH_BYTES


@dataclass
class Pool:
    """At most `size` workers, started as they are needed. Use as a context manager: leaving it ends them.

    grade: "module:function" of a function from a Job to a Result; stop: a descriptor that holds a byte, a signal's
    number, when the run is to end; pinned: each worker has a core of its own, where there are enough.
    """

    size: int
    grade: str = GRADE
    hard_seconds: float = HARD_SECONDS
    stop: int | None = None
    pinned: bool = True
    _workers: list[Worker] = field(default_factory=list)
    _again: deque[tuple[Job, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        if self.stop is not None:
            self._selector.register(self.stop, selectors.EVENT_READ)
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") and self.pinned else []
        self._free_cores: list[int | None] = list(cores[: self.size]) if len(cores) >= self.size else [None] * self.size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end(list(self._workers))
        self._selector.close()

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Result]]:
        """Grade jobs. A job is drawn when a worker is free for it; results come in the order in which they are ready.

        Raises NoSandboxError when no sandbox works, Interrupted when `stop` says so.
        """
        waiting = iter(jobs)
        self._hand_out(waiting)
        while any(worker.job for worker in self._workers):
            finished = [pair for worker, answers in self._ready() for pair in self._take(worker, answers)]
            # Before the results are looked at: nobody waits while they are written to the disk.
            self._hand_out(waiting)
            yield from finished

    def _hand_out(self, waiting: Iterator[Job]) -> None:
        for worker in [worker for worker in self._workers if worker.job is None and worker.spent]:
            self._end([worker])
        while self._free_cores or any(worker.job is None for worker in self._workers):
            job, tries = self._again.popleft() if self._again else (next(waiting, None), 0)
            if job is None:
                return
            worker = next((worker for worker in self._workers if worker.job is None), None) or self._start()
            worker.job, worker.tries, worker.end = job, tries + 1, time.monotonic() + self.hard_seconds
            assert worker.process.stdin is not None
            with contextlib.suppress(OSError):  # it is dead, which its other pipe will tell
                worker.process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
                worker.process.stdin.flush()

    def _start(self) -> Worker:
        core = self._free_cores.pop(0)
        # -P: a numpy.py beside the submissions is not the one to import. What this process imports, workers must find.
        command = [sys.executable, "-P", "-m", "autograder.worker", self.grade, str(os.getpid())]
        home = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command if core is None else [*command, str(core)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**threads, **os.environ, "PYTHONPATH": path},
        )
        worker = Worker(process, core)
        assert process.stdout is not None
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)
        self._workers.append(worker)
        return worker

    def _ready(self) -> list[tuple[Worker, bool]]:
        """Wait for workers that have something for us (True) or have passed their deadline. Raises Interrupted."""
        end = min(worker.end for worker in self._workers if worker.job)
        events = self._selector.select(max(0.0, end - time.monotonic()))
        if any(key.data is None for key, _ in events):
            assert self.stop is not None
            raise Interrupted(os.read(self.stop, 1)[0])
        answering = [key.data for key, _ in events]
        late = [worker for worker in self._workers if worker.job and time.monotonic() >= worker.end]
        return [*((worker, True) for worker in answering), *((w, False) for w in late if w not in answering)]

    def _take(self, worker: Worker, answers: bool) -> Iterator[tuple[Job, Result]]:
        """Read what a worker has for us; its job's result, if that is all of it."""
        assert worker.process.stdout is not None
        data = os.read(worker.process.stdout.fileno(), 1 << 20) if answers else b""
        worker.buffer += data
        if not answers:
            yield from self._lost(worker, f"the worker did not answer within {self.hard_seconds:g} s")
        elif not data:
            yield from self._lost(worker)
        elif worker.buffer.endswith(b"\n"):
            line, worker.buffer = worker.buffer, b""
            try:
                answer = json.loads(line)
            except ValueError:  # a start-up file of Python's can print before the worker is in command of its pipes
                text = line[:200].decode("utf-8", "replace").strip()
                yield from self._lost(worker, f"the worker's Python printed {text!r} where an answer was due")
                return
            worker.memory = answer["memory"]
            worker.first_memory = worker.first_memory or worker.memory
            worker.done += 1
            yield from self._answered(worker, answer)

    def _answered(self, worker: Worker, answer: dict[str, Any]) -> Iterator[tuple[Job, Result]]:
        if "no_sandbox" in answer:
            raise NoSandboxError(answer["no_sandbox"])
        job, worker.job = worker.job, None
        assert job is not None
        result = (
            Result.from_json(answer["result"])
            if "result" in answer
            else lost(job, f"The grader failed: {answer['fault']}.")
        )
        if result.outcome == "infrastructure_error" and worker.tries < TRIES:
            self._again.append((job, worker.tries))
        else:
            yield job, result

    def _lost(self, worker: Worker, reason: str = "") -> Iterator[tuple[Job, Result]]:
        """Take away a worker that ended, hangs or babbles; a fresh one tries its job once more."""
        self._end([worker])
        reason = reason or _how_ended(worker.process.returncode)
        if worker.job and worker.tries < TRIES:
            self._again.append((worker.job, worker.tries))
        elif worker.job:
            yield worker.job, lost(worker.job, f"The grader failed: {reason}.")

    def _end(self, workers: list[Worker]) -> None:
        """End workers and whatever they started; each has a moment to take its sandbox down itself."""
        for worker in workers:
            self._workers.remove(worker)
            self._selector.unregister(worker.process.stdout)  # type: ignore[arg-type]
            self._free_cores.append(worker.core)
            os.kill(worker.process.pid, signal.SIGTERM)
        end = time.monotonic() + PATIENCE_SECONDS
        for worker in workers:
            _await_end(worker, end)
            # Not yet waited for, so the number is still its own. A worker leads its group.
            os.killpg(worker.process.pid, signal.SIGKILL)
            worker.process.wait()
            for stream in (worker.process.stdin, worker.process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()  # type: ignore[union-attr]


def _await_end(worker: Worker, end: float) -> None:
    """Wait until a process closes its pipe, which it does when it ends, but no longer than until `end`."""
    assert worker.process.stdout is not None
    waiting = select.poll()
    waiting.register(worker.process.stdout, select.POLLIN)
    while waiting.poll(max(0, int(1000 * (end - time.monotonic())))):
        if not os.read(worker.process.stdout.fileno(), 1 << 20):
            return


def _how_ended(code: int) -> str:
    if code >= 0:
        return f"the worker ended with exit code {code}"
    names = {number.value: number.name for number in signal.Signals}  # not every real-time signal has one
    return f"the worker was ended by {names.get(-code, f'signal {-code}')}"


def lost(job: Job, reason: str) -> Result:
    """The result of a job that the grader failed at: no grade, and never a zero."""
    return Result.make(
        submission=Path(job.path).name,
        student=job.student,
        lab=job.lab,
        outcome="infrastructure_error",
        score=None,
        max_score=MAX_SCORE,
        checks=[],
        sandbox=job.sandbox or "none",
        seeds={"submission": job.seed, "variant": job.variant},
        submission_sha256="",
        duration_s=0.0,
        notes=[reason],
    )
