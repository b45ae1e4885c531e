"""One process in a sandbox: its three descriptors, and its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import identity
from autograder.sandbox.cgroup import Cgroup
from autograder.sandbox.limits import Ended, Limits

QUESTIONS, ANSWERS = 3, 4


@dataclass
class Process:
    """questions: descriptor to write to; answers and log: descriptors to read from. `stop` ends it and all it started."""

    child: subprocess.Popen
    questions: int
    answers: int
    log: int
    limits: Limits
    cgroup: Cgroup | None = None
    uid: int | None = None  # whose processes die with it, where there is no pid namespace
    home: Path | None = None
    _ended: Ended | None = None

    def disk_exceeded(self) -> bool:
        """Whether the files in a folder of the host, not in a file system of limited size, are more than allowed."""
        if self.home is None:
            return False
        used = files = 0
        for folder, _, names in os.walk(self.home):
            for name in names:
                files += 1
                with contextlib.suppress(OSError):
                    used += os.lstat(os.path.join(folder, name)).st_blocks * 512
            if used > self.limits.tmp_bytes or files > 100_000:
                return True
        return False

    def stop(self, patience: float = 0.0) -> Ended:
        """End everything inside and say how it ended. A process that is ending by itself is given `patience` seconds,
        so that its own exit code is known. Does nothing the second time."""
        if self._ended is None:
            self._ended = self._stop(patience)
        return self._ended

    def _stop(self, patience: float) -> Ended:
        pid, status, usage = self._wait(patience)
        if not pid:
            self._kill()
            pid, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = 0
        if self.uid is not None:
            identity.kill_all(self.uid)
        code, number = (None, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), None)
        if code is not None and 128 < code < 128 + 65:  # bubblewrap's way to tell that a signal ended its child
            code, number = None, code - 128
        exceeded = self.cgroup.memory_exceeded() if self.cgroup else False
        crowded = self.cgroup.processes_exceeded() if self.cgroup else False
        peak = self.cgroup.peak_memory() if self.cgroup else None
        self._clean()
        return Ended(code, number, exceeded, crowded, peak, usage.ru_utime + usage.ru_stime)

    def _wait(self, patience: float):  # type: ignore[no-untyped-def]
        end = time.monotonic() + patience
        while True:
            found = os.wait4(self.child.pid, os.WNOHANG)
            if found[0] or time.monotonic() >= end:
                return found
            time.sleep(0.002)

    def _kill(self) -> None:
        """With a pid namespace, killing its first process kills all others, and the kernel waits for their end."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        with contextlib.suppress(OSError):
            for inner in children.read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(inner), signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)
        os.kill(self.child.pid, signal.SIGKILL)  # Popen.kill might take the exit status, which is ours to read

    def _clean(self) -> None:
        for descriptor in (self.questions, self.answers, self.log):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        if self.cgroup:
            self.cgroup.kill()
            self.cgroup.remove()
        if self.home is not None:
            shutil.rmtree(self.home, ignore_errors=True)


def start(
    command: list[str], environment: dict[str, str], limits: Limits, cgroup: Cgroup | None, before: Callable[[], None]
) -> Process:
    """Start a command with the pipe's ends on descriptors 3 and 4, in its own session and control group."""
    ends = [*os.pipe(), *os.pipe(), *os.pipe()]
    question_in, question_out, answer_in, answer_out, log_in, log_out = ends

    def prepare() -> None:
        if cgroup:
            cgroup.join()
        # First away from 3 and 4, which may be one of the ends themselves.
        sources = [_above(end, 64) for end in (question_in, answer_out)]
        os.dup2(sources[0], QUESTIONS)
        os.dup2(sources[1], ANSWERS)
        before()

    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log_out,
            stderr=log_out,
            env=environment,
            close_fds=False,
            start_new_session=True,
            preexec_fn=prepare,
            cwd="/",
        )
    except OSError:
        for end in ends:
            os.close(end)
        if cgroup:
            cgroup.remove()
        raise
    for end in (question_in, answer_out, log_out):
        os.close(end)
    return Process(child, question_out, answer_in, log_in, limits, cgroup)


def _above(descriptor: int, lowest: int) -> int:
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, lowest)
