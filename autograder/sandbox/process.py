"""One process in a sandbox: its three descriptors, and its end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import identity, scratch
from autograder.sandbox.cgroup import Cgroup
from autograder.sandbox.limits import Ended, Limits

QUESTIONS, ANSWERS, FILTER = 3, 4, 5
LONGEST_END_S = 2.0


@dataclass
class Process:
    """questions: descriptor to write to; answers and log: descriptors to read from. `stop` ends all that it started.

    uid: the user inside, given back at the end. home: its folder on the host, where there are no namespaces: its
    processes are found by their owner then, and its files counted. None where a process namespace ends them all.
    """

    child: subprocess.Popen
    questions: int
    answers: int
    log: int
    cgroup: Cgroup | None = None
    uid: int | None = None
    home: Path | None = None
    watch: scratch.Watch | None = None
    _ended: Ended | None = None

    def poll(self) -> int | None:
        """The exit code of the process inside (128 + n when signal n ended it), or None while it runs."""
        if self._ended is not None:
            return 128 + self._ended.signal if self._ended.signal else self._ended.exit_code
        found = self._peek()
        if found is None:
            return None
        return found.si_status if found.si_code == os.CLD_EXITED else 128 + found.si_status

    def wait(self, seconds: float) -> None:
        """Let a process that is ending by itself do so, for a while."""
        if self._ended is None:
            self._peek(seconds)

    def stop(self) -> Ended:
        """End everything inside and say how it ended. Does nothing the second time."""
        if self._ended is None:
            self._ended = self._stop()
        return self._ended

    def _stop(self) -> Ended:
        if self.watch is not None:
            self.watch.end()
        self.kill()
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = 0
        # bubblewrap tells by an exit code above 128 that a signal ended its child.
        code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        by_signal = 128 < code < 128 + 65
        ended = Ended(
            None if by_signal else code,
            code - 128 if by_signal else None,
            self.cgroup.memory_exceeded() if self.cgroup else False,
            self.cgroup.processes_exceeded() if self.cgroup else False,
            self.cgroup.peak_memory() if self.cgroup else None,
            max(usage.ru_utime + usage.ru_stime, self.cgroup.cpu_s() if self.cgroup else 0.0),
            self.watch is not None and self.watch.exceeded,
        )
        self._clean()
        return ended

    def _peek(self, patience: float = 0.0) -> os.waitid_result | None:
        """How the process ended, if it does within `patience` seconds. Its number stays its own until `wait4`."""
        end = time.monotonic() + patience
        while True:
            found = os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None or time.monotonic() >= end:
                return found
            time.sleep(0.002)

    def kill(self) -> None:
        """With a process namespace, killing its first process kills all others, and the kernel waits for their end."""
        if self.home is None and self._kill_first():
            self._peek(LONGEST_END_S)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)
        os.kill(self.child.pid, signal.SIGKILL)  # Popen.kill might take the exit status, which is ours to read

    def cut(self) -> None:
        """End what writes files without limit, wherever it hides; `stop` does the rest."""
        self.kill()
        if self.uid is not None:
            identity.kill_once(self.uid)

    def _kill_first(self) -> bool:
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        found = []
        with contextlib.suppress(OSError):
            found = children.read_text().split()
        for inner in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(inner), signal.SIGKILL)
        return bool(found)

    def _clean(self) -> None:
        for descriptor in (self.questions, self.answers, self.log):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self.questions = self.answers = self.log = -1  # the numbers may soon be those of other files
        clean(self.cgroup, self.uid, self.home)


def clean(cgroup: Cgroup | None, uid: int | None, home: Path | None) -> None:
    """Remove what was made for a process that is no more."""
    if cgroup:
        cgroup.kill()
    gone = uid is None or home is None or identity.kill_all(uid)
    if cgroup:
        cgroup.remove()
    if home is not None:
        scratch.remove(home)
    if uid is not None and gone:
        identity.give_back(uid)


def start(
    command: list[str],
    environment: dict[str, str],
    limits: Limits,
    cgroup: Cgroup | None,
    uid: int | None = None,
    home: Path | None = None,
    filter_program: bytes = b"",
) -> Process:
    """Start a command with the pipe's ends on descriptors 3 and 4, in its own session and control group; with a filter
    of system calls to read from descriptor 5, if given."""
    ends = [*os.pipe(), *os.pipe(), *os.pipe(), *os.pipe()]
    question_in, question_out, answer_in, answer_out, log_in, log_out, filter_in, filter_out = ends
    os.write(filter_out, filter_program)

    def prepare() -> None:
        if cgroup:
            cgroup.join()
        # First away from 3 and 4, which may be one of the ends themselves.
        sources = [_above(end, 64) for end in (question_in, answer_out, filter_in)]
        for source, target in zip(sources, (QUESTIONS, ANSWERS, FILTER), strict=True):
            os.dup2(source, target)

    if home is not None:
        identity.adopt()
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
    except (OSError, subprocess.SubprocessError):
        for end in ends:
            os.close(end)
        clean(cgroup, uid, home)
        raise
    for end in (question_in, answer_out, log_out, filter_in, filter_out):
        os.close(end)
    started = Process(child, question_out, answer_in, log_in, cgroup, uid, home)
    if home is not None:
        started.watch = scratch.Watch(home, limits.tmp_bytes, started.cut)
    return started


def _above(descriptor: int, lowest: int) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, lowest)
