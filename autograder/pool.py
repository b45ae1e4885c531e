"""Worker processes that grade side by side: a worker that dies or hangs costs its job a second try, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from autograder.job import Job

TRIES = 2
JOBS_OF_WORKER = 500  # then a fresh one takes its place, so that no leak can grow
HARD_SECONDS = 900.0  # beyond every limit of a submission: only a worker that hangs itself gets there


class NoSandboxHere(Exception):
    """No worker can grade, since no sandbox works; the message says why. Exit code 4."""


@dataclass
class Worker:
    process: subprocess.Popen
    core: int | None
    job: Job | None = None
    tries: int = 0
    began: float = 0.0
    done: int = 0
    buffer: bytes = b""

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it is dead: its end is seen when its answer is read
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        self.began = time.monotonic()


class Pool:
    """`results(jobs)` yields (job, result or None, reason): None when two workers were lost over the job."""

    def __init__(self, size: int, command: list[str] | None = None, hard_seconds: float = HARD_SECONDS) -> None:
        self._command = command or [sys.executable, "-m", "autograder.worker"]
        self._hard_seconds = hard_seconds
        self._selector = selectors.DefaultSelector()
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        pinned = cores[:size] if len(cores) >= size else [None] * size
        self._workers = [self._start(core) for core in pinned]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            self._end(worker)

    def _start(self, core: int | None) -> Worker:
        command = self._command + ([] if core is None else [str(core)])
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        worker = Worker(process, core)
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)
        return worker

    def _end(self, worker: Worker) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(worker.process.stdout)  # type: ignore[arg-type]
        worker.process.kill()
        worker.process.wait()
        for stream in (worker.process.stdin, worker.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]

    def _renew(self, worker: Worker) -> Worker:
        self._end(worker)
        fresh = self._start(worker.core)
        self._workers[self._workers.index(worker)] = fresh
        return fresh

    def prepare(self, job: Job) -> str:
        """Let every worker load what jobs like this one need, and return the sandbox's name. Raises NoSandboxHere."""
        for worker in self._workers:
            worker.send({"prepare": asdict(job)})
        names = []
        for worker in self._workers:
            assert worker.process.stdout is not None
            answer = json.loads(worker.process.stdout.readline() or b'{"fault": "the worker did not start"}')
            if "sandbox" not in answer:
                raise NoSandboxHere(answer.get("no_sandbox") or f"A worker could not start: {answer.get('fault')}")
            names.append(answer["sandbox"])
        return names[0]

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, dict[str, Any] | None, str]]:
        """Grade the jobs; results come in the order in which they are ready. Jobs are drawn one at a time."""
        waiting = iter(jobs)
        for worker in list(self._workers):
            self._next(worker, waiting)
        while any(worker.job for worker in self._workers):
            for key, _ in self._selector.select(timeout=1.0):
                yield from self._read(key.data, waiting)
            for worker in list(self._workers):
                if worker.job and time.monotonic() - worker.began > self._hard_seconds:
                    reason = f"the worker did not answer for {self._hard_seconds:g} s"
                    yield from self._lost(worker, reason, waiting)

    def _next(self, worker: Worker, waiting: Iterator[Job]) -> None:
        job = next(waiting, None)
        if job is not None and worker.done >= JOBS_OF_WORKER:
            worker = self._renew(worker)
        worker.job, worker.tries = job, 1
        if job is not None:
            worker.send({"grade": asdict(job)})

    def _read(self, worker: Worker, waiting: Iterator[Job]) -> Iterator[tuple[Job, dict[str, Any] | None, str]]:
        assert worker.process.stdout is not None
        data = os.read(worker.process.stdout.fileno(), 1 << 20)
        worker.buffer += data
        if not data:
            yield from self._lost(worker, "the worker ended while it graded", waiting)
        elif worker.buffer.endswith(b"\n"):
            answer, worker.buffer = json.loads(worker.buffer), b""
            worker.done += 1
            result = answer.get("result")
            if result is None or result["outcome"] == "infrastructure_error":
                reason = answer.get("fault") or answer.get("no_sandbox") or "; ".join(result["notes"])
                yield from self._lost(worker, reason, waiting, result)
            elif worker.job is not None:
                yield worker.job, result, ""
                self._next(worker, waiting)

    def _lost(
        self, worker: Worker, reason: str, waiting: Iterator[Job], result: dict[str, Any] | None = None
    ) -> Iterator[tuple[Job, dict[str, Any] | None, str]]:
        job, tries = worker.job, worker.tries
        if job is None:
            return
        fresh = self._renew(worker)
        if tries < TRIES:
            fresh.job, fresh.tries = job, tries + 1
            fresh.send({"grade": asdict(job)})
        else:
            yield job, result, reason
            self._next(fresh, waiting)
