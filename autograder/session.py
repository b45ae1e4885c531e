"""The student's functions inside the sandbox, as the judge calls them: one question, exactly one answer.

A session is one process in the sandbox with the student's cells already run. When it is lost, because it passed a
limit, broke the protocol or ended itself, the next question starts another one, without the cell that was to blame.
"""

from __future__ import annotations

import contextlib
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.notebook import Cell
from autograder.pipe import Lost, Pipe, limit_passed
from autograder.sandbox import Backend, Limits, Runtime
from upright.checks.answers import not_defined, student_error
from upright.checks.served import Refused, Served
from upright.checks.verdict import Lab, LimitPassed, NoPoint, ProtocolBroken
from upright.checks.wire import LENGTH, MAX_FRAME, Malformed, decode, encode

OBSERVATION = struct.Struct("<4d")
OBSERVATION_LENGTH = LENGTH.pack(OBSERVATION.size)
MAX_ASKS = 100_000
MAX_STARTS = 12
MAX_ARRAY_FRAME = 16_000_000
# errno of a call that a limit stopped, and the limit's name: EAGAIN (fork), EFBIG, ENOSPC.
LIMIT_OF_ERRNO = {11: "processes", 27: "file_size", 28: "disk"}


def _framed(body: bytes) -> bytes:
    return LENGTH.pack(len(body)) + body


class SandboxFault(Exception):
    """The grader's own fault: the sandbox did not start, or ended before the student's code ran."""


class Session:
    """Answers (see upright.checks.answers) of one submission. Use as a context manager: leaving it ends the process.

    `notes`: one sentence for each cell that ended with an error. `log`: what was printed, from the head.
    """

    def __init__(self, backend: Backend, runtime: Runtime, limits: Limits, lab: Lab, cells: list[Cell]) -> None:
        self._backend, self._runtime, self._limits, self._lab = backend, runtime, limits, lab
        self._cells = cells
        self._to_blame: dict[int, NoPoint] = {}
        self._errors: dict[int, str] = {}
        self._defined: frozenset[str] = frozenset()
        self._pipe: Pipe | None = None
        self._wall_end = time.monotonic() + limits.wall_s
        self._questions = 0
        self._starts = 0
        self._streaming = False
        self.log = bytearray()
        self.seconds = 0.0
        self.changed: tuple[int, ...] = ()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @property
    def notes(self) -> list[str]:
        blamed = {number: reason.message for number, reason in self._to_blame.items()}
        return [note for _, note in sorted({**self._errors, **blamed}.items())]

    def has(self, name: str) -> bool:
        self._ready()
        return name in self._defined

    def call(self, name: str, *args: Any) -> Any:
        pipe = self._ready(name)
        self._questions += 1
        question = {
            "call": name,
            "id": self._questions,
            "args": [None if isinstance(arg, Served) else arg for arg in args],
            "serve": [arg.kind if isinstance(arg, Served) else None for arg in args],
        }
        large = any(hasattr(arg, "shape") for arg in args)
        began = time.monotonic()
        try:
            with self._blaming(name):
                end = began + self._limits.call_s
                pipe.quiet(name)
                self._end_stream(pipe, name)
                pipe.send(encode(question), end, name)
                return self._answer(pipe, name, args, end, MAX_ARRAY_FRAME if large else MAX_FRAME)
        finally:
            self.seconds = time.monotonic() - began

    def stream(self, name: str) -> Callable[[Sequence[float]], Any]:
        pipe = self._ready(name)
        self._questions += 1
        number = self._questions
        with self._blaming(name):
            pipe.quiet(name)
            self._end_stream(pipe, name)
            pipe.send(encode({"stream": name, "id": number}), time.monotonic() + self._limits.call_s, name)
        self._streaming = True
        # The answers 0 and 1 are recognised by their bytes: a policy is asked 20,000 times. The number changes its sign
        # from one answer to the next, so that one that came twice is not taken for the next one.
        plain = {
            sign * number: {_framed(b'{"answer":%d,"value":%d}' % (sign * number, action)): action for action in (0, 1)}
            for sign in (1, -1)
        }

        def ask(observation: Sequence[float]) -> Any:
            nonlocal number
            number = -number
            try:
                body = pipe.exchange(OBSERVATION_LENGTH + OBSERVATION.pack(*observation), name)
                if body in plain[number]:
                    return plain[number][body]
                return self._value(self._message(body[LENGTH.size :], name), number, name)
            except Lost as lost:
                self._stop()
                raise lost.reason from None

        return ask

    def _end_stream(self, pipe: Pipe, name: str) -> None:
        if self._streaming:
            pipe.send(bytes(4), time.monotonic() + self._limits.call_s, name)
            self._streaming = False

    def _answer(self, pipe: Pipe, name: str, args: Sequence[Any], end: float, most: int) -> Any:
        """Serve what the function asks until its answer comes."""
        for _ in range(MAX_ASKS):
            message = self._message(pipe.receive(end, name, most), name)
            if "ask" not in message:
                return self._value(message, self._questions, name)
            pipe.send(encode(self._reply(message, args, name)), end, name)
        raise Lost(ProtocolBroken(f"{name} asked more than {MAX_ASKS:,} times."))

    def _message(self, body: bytes, name: str) -> dict[str, Any]:
        try:
            return decode(body)
        except Malformed as reason:
            raise Lost(ProtocolBroken(f"{name}: {reason} came instead of an answer.")) from None

    def _reply(self, message: dict[str, Any], args: Sequence[Any], name: str) -> dict[str, Any]:
        position, asked, given = message["ask"], message.get("name"), message.get("args")
        served = args[position] if type(position) is int and 0 <= position < len(args) else None
        if not isinstance(served, Served) or type(asked) is not str or type(given) is not list:
            raise Lost(ProtocolBroken(f"{name}: a question came that nobody could answer."))
        try:
            return {"value": served.handle(asked, given)}
        except Refused as reason:
            return {"raise": str(reason)}

    def _value(self, message: dict[str, Any], number: int, name: str) -> Any:
        if message.get("answer") == number and "value" in message:
            positions = message.get("changed", [])
            self.changed = tuple(one for one in positions if type(one) is int) if type(positions) is list else ()
            return message["value"]
        if message.get("error") == number:
            raise self._error(message, name)
        raise Lost(ProtocolBroken(f"{name}: an answer came to another question than the one that was asked."))

    def _error(self, message: dict[str, Any], name: str) -> NoPoint:
        kind, text, where, number = (message.get(key) for key in ("type", "text", "where", "errno"))
        if not (type(kind) is str and type(text) is str and type(where) is str):
            raise Lost(ProtocolBroken(f"{name}: an error came without its type, text and place."))
        if kind == "MemoryError":
            return limit_passed("memory", self._limits, name)
        if type(number) is int and number in LIMIT_OF_ERRNO:
            return limit_passed(LIMIT_OF_ERRNO[number], self._limits, name)
        if kind == "RuntimeError" and text.startswith("can't start new thread"):
            return limit_passed("processes", self._limits, name)
        return student_error(kind, text, where, name)

    @contextlib.contextmanager
    def _blaming(self, name: str) -> Iterator[None]:
        """A lost process ends this question; the next one starts anew."""
        try:
            yield
        except Lost as lost:
            self._stop()
            raise lost.reason from None

    def _ready(self, name: str = "") -> Pipe:
        """A process that has run the cells. Raises NoPoint if the function `name` is not there."""
        if self._pipe is None:
            self._start()
        assert self._pipe is not None
        if name and name not in self._defined:
            lost = next(iter(self._to_blame.values()), None)
            raise lost or not_defined(name, self.notes[0] if self.notes else "")
        return self._pipe

    def _start(self) -> None:
        while True:
            if time.monotonic() >= self._wall_end:
                raise limit_passed("wall", self._limits, "The submission")
            if self._starts == MAX_STARTS:
                raise LimitPassed(f"The process in the sandbox was lost {MAX_STARTS} times.", "", "wall")
            self._starts += 1
            process = self._backend.start(self._limits, self._runtime, self._lab.modules)
            self._pipe = Pipe(process, self._limits, self._wall_end, self.log)
            if self._load(self._pipe):
                return
            self._stop()

    def _load(self, pipe: Pipe) -> bool:
        """Run the cells. A cell that loses the process is left out next time; False then."""
        cell = 0
        cells = [[one.number, one.source] for one in self._cells if one.number not in self._to_blame]
        try:
            question = {"cells": cells, "id": 0, "functions": list(self._lab.functions)}
            pipe.send(encode(question), time.monotonic() + self._limits.wall_s, "The start")
            end = self._wall_end
            while True:
                where = f"Cell {cell}" if cell else "The start"
                message = self._message(pipe.receive(end, where), where)
                if type(message.get("cell")) is int and message["cell"] > cell:
                    cell, end = message["cell"], time.monotonic() + self._limits.cell_s
                elif message.get("cell_error") == cell:
                    reason = self._error(message, f"Cell {cell}")
                    self._errors[cell] = f"{reason.message} {reason.hint}".strip()
                elif message.get("answer") == 0 and type(message.get("defined")) is list:
                    self._defined = frozenset(n for n in self._lab.functions if n in message["defined"])
                    return True
                else:
                    raise Lost(ProtocolBroken(f"{where}: something came that is no answer."))
        except Lost as lost:
            if cell not in [number for number, _ in cells]:
                if isinstance(lost.reason, LimitPassed) and lost.reason.limit == "wall":
                    raise lost.reason from None
                raise SandboxFault(lost.reason.message + " " + pipe.log[-500:].decode("utf-8", "replace")) from None
            self._to_blame[cell] = lost.reason
            return False

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.last_words()
            self._pipe.process.stop()
            self._pipe = None
            self._streaming = False
