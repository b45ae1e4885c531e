"""The trusted end of the pipe into the sandbox: bounded frames under limits, and how a process was lost."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass, field

from autograder.sandbox import Ended, Limits, Process
from upright.checks.verdict import LimitPassed, NoPoint, ProtocolBroken, StudentError
from upright.checks.wire import LENGTH, MAX_FRAME

LIMIT_OF_SIGNAL = {int(signal.SIGXCPU): "cpu", int(signal.SIGXFSZ): "file_size"}
NAMES = {int(number): number.name for number in signal.Signals}


def limit_told(name: str, limits: Limits) -> str:
    """A limit with its value, as a student reads it. `cell` is the limit `call` for a cell of the notebook."""
    value = {
        "call": f"{limits.call_s:g} s for one call",
        "cell": f"{limits.cell_s:g} s for one cell",
        "wall": f"{limits.wall_s:g} s for the whole submission",
        "cpu": f"{limits.cpu_s:g} s of processor time",
        "memory": f"{limits.memory_bytes / 1e6:.0f} MB of memory",
        "processes": f"{limits.processes} processes and threads",
        "file_size": f"{limits.file_bytes / 1e6:.0f} MB for one file",
        "disk": f"{limits.tmp_bytes / 1e6:.0f} MB of disk",
        "output": f"{limits.output_bytes / 1e6:.0f} MB of printed text",
    }
    return value[name]


def limit_passed(name: str, limits: Limits, where: str) -> LimitPassed:
    told = limit_told("cell" if name == "call" and where.startswith("Cell ") else name, limits)
    hints = {
        "call": "Is there a loop that never ends?",
        "wall": "Is there a loop that never ends, or is much computed in a cell that could be tagged `demo`?",
        "output": "Do not print inside a loop.",
    }
    return LimitPassed(f"{where} passed the limit of {told}.", hints.get(name, ""), name)


class Lost(Exception):
    """The process in the sandbox is gone, and why: the NoPoint that the question in hand gets."""

    def __init__(self, reason: NoPoint) -> None:
        super().__init__(reason.message)
        self.reason = reason


@dataclass
class Pipe:
    """Frames to and from one process, under limits; what it prints is kept from the head."""

    process: Process
    limits: Limits
    wall_end: float
    log: bytearray = field(default_factory=bytearray)
    printed: int = 0
    _rest: bytes = b""

    def __post_init__(self) -> None:
        os.set_blocking(self.process.questions, False)
        os.set_blocking(self.process.answers, False)
        os.set_blocking(self.process.log, False)
        self._reading = select.poll()
        self._reading.register(self.process.answers, select.POLLIN)
        self._reading.register(self.process.log, select.POLLIN)
        self._answered = [(self.process.answers, select.POLLIN)]

    def exchange(self, frame: bytes, where: str) -> bytes:
        """Write a short frame and read one, its length included: `send` and `receive` with fewer steps. Raises Lost."""
        end = time.monotonic() + self.limits.call_s
        try:
            os.write(self.process.questions, frame)
            waiting = self._reading.poll(self._milliseconds(end, where))
            data = os.read(self.process.answers, MAX_FRAME) if waiting == self._answered else b""
        except OSError:
            raise self.died(where) from None
        if len(data) >= LENGTH.size and LENGTH.unpack_from(data)[0] + LENGTH.size == len(data):
            return data
        self._rest += data
        body = self.receive(end, where)
        if self._rest:
            raise Lost(ProtocolBroken(f"{where}: more than one answer came."))
        return LENGTH.pack(len(body)) + body

    def send(self, frame: bytes, end: float, where: str) -> None:
        """Write a frame. Raises Lost."""
        try:
            written = os.write(self.process.questions, frame)
            if written < len(frame):
                self._send_rest(memoryview(frame)[written:], end, where)
        except BlockingIOError:
            self._send_rest(memoryview(frame), end, where)
        except OSError:
            raise self.died(where) from None

    def _send_rest(self, view: memoryview, end: float, where: str) -> None:
        writing = select.poll()
        writing.register(self.process.questions, select.POLLOUT)
        writing.register(self.process.log, select.POLLIN)
        while view:
            for descriptor, _ in writing.poll(self._milliseconds(end, where)):
                if descriptor == self.process.log:
                    self._drain(where, writing)
                    continue
                try:
                    view = view[os.write(descriptor, view) :]
                except BlockingIOError:
                    pass
                except OSError:
                    raise self.died(where) from None

    def receive(self, end: float, where: str, most: int = MAX_FRAME) -> bytes:
        """The body of the next frame of at most `most` bytes. Raises Lost."""
        parts, size, wanted = [self._rest], len(self._rest), -1
        while True:
            if wanted < 0 and size >= 4:
                head = b"".join(parts)
                wanted = LENGTH.unpack_from(head)[0] + 4
                if wanted - 4 > most:
                    raise Lost(
                        ProtocolBroken(f"{where}: an answer of {wanted - 4:,} bytes came; at most {most:,} are read.")
                    )
            if 0 <= wanted <= size:
                data = b"".join(parts)
                self._rest = data[wanted:]
                return data[4:wanted]
            for descriptor, _ in self._reading.poll(self._milliseconds(end, where)):
                if descriptor == self.process.log:
                    self._drain(where, self._reading)
                    continue
                try:
                    more = os.read(descriptor, 1 << 20 if wanted > 65_536 else 65_536)
                except OSError:
                    more = b""
                if not more:
                    raise self.died(where)
                parts.append(more)
                size += len(more)

    def _milliseconds(self, end: float, where: str) -> int:
        """How long to wait at most. Raises Lost when a limit is passed."""
        now = time.monotonic()
        if now >= self.wall_end:
            raise Lost(limit_passed("wall", self.limits, where))
        if now >= end:
            raise Lost(limit_passed("call", self.limits, where))
        return int((min(end, self.wall_end) - now) * 1000) + 1

    def _drain(self, where: str, poll: select.poll) -> None:
        try:
            text = os.read(self.process.log, 65_536)
        except OSError:
            return
        if not text:
            poll.unregister(self.process.log)
            return
        self.printed += len(text)
        self.log += text[: max(0, self.limits.log_bytes - len(self.log))]
        if self.printed > self.limits.output_bytes:
            raise Lost(limit_passed("output", self.limits, where))

    def last_words(self) -> None:
        """Keep what was printed and has not been read yet, up to the limit of what is kept."""
        with contextlib.suppress(OSError):
            while len(self.log) < self.limits.log_bytes and (text := os.read(self.process.log, 65_536)):
                self.log += text[: self.limits.log_bytes - len(self.log)]

    def quiet(self, where: str) -> None:
        """Make sure that nothing has come which no question asked for. Raises Lost."""
        if self._rest or any(descriptor == self.process.answers for descriptor, _ in self._unasked()):
            raise Lost(ProtocolBroken(f"{where}: an answer came before it was asked for."))

    def _unasked(self) -> list[tuple[int, int]]:
        early = select.poll()
        early.register(self.process.answers, select.POLLIN)
        return [(descriptor, event) for descriptor, event in early.poll(0) if event & select.POLLIN]

    def died(self, where: str) -> Lost:
        """Why the process is gone, as its own end tells it."""
        self.process.wait(1.0)  # so that its own exit code is known, and all that it printed is there
        self.last_words()
        ended: Ended = self.process.stop()
        if ended.memory_exceeded:
            return Lost(limit_passed("memory", self.limits, where))
        if ended.disk_exceeded:
            return Lost(limit_passed("disk", self.limits, where))
        if ended.signal in LIMIT_OF_SIGNAL or (ended.cpu_s or 0) >= self.limits.cpu_s:
            return Lost(limit_passed(LIMIT_OF_SIGNAL.get(ended.signal or 0, "cpu"), self.limits, where))
        if ended.signal:
            # An exit code above 128 reads as a signal, and not every number has a name.
            how = f"was ended by {NAMES.get(ended.signal, f'signal {ended.signal}')}"
        else:
            how = f"ended with exit code {ended.exit_code}"
        return Lost(StudentError(f"{where}: the process {how}.", "Do not call exit, and do not end the process."))
