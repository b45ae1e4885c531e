"""Where the judge's questions go: to the functions of a notebook, in this process, or through a pipe into a sandbox."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from upright.checks import habits
from upright.checks.served import Refused, Served, stand_in
from upright.checks.verdict import NotAnswered, StudentError
from upright.checks.wire import changed, given, travelled


class Answers(Protocol):
    """`seconds`: how long the last call took, by the judge's clock, travel included. `changed`: the positions of those
    arguments of the last call, of type wire.Array, that the student's function modified."""

    seconds: float
    changed: tuple[int, ...]

    def has(self, name: str) -> bool:
        """Whether the student defines a function of this name."""

    def call(self, name: str, *args: Any) -> Any:
        """What the student's function gives for these arguments: a value of `upright.checks.wire`.

        An argument may be a Served, or an Array of which the function gets a copy of its own. Raises a NoPoint:
        NotAnswered, StudentError, LimitPassed or ProtocolBroken.
        """

    def stream(self, name: str) -> Callable[[Sequence[float]], Any]:
        """`call` for a function that is asked thousands of times with one observation, which it gets as float32."""


class Local:
    """The functions of a notebook, called in this process."""

    def __init__(self, functions: dict[str, Callable[..., Any]]) -> None:
        self._functions = functions
        self.seconds = 0.0
        self.changed: tuple[int, ...] = ()

    def has(self, name: str) -> bool:
        return callable(self._functions.get(name))

    def call(self, name: str, *args: Any) -> Any:
        if not self.has(name):
            raise not_defined(name)
        handed = [stand_in(arg.kind, _asker(arg)) if isinstance(arg, Served) else given(arg) for arg in args]
        began = time.perf_counter()
        try:
            value = travelled(self._functions[name](*handed))
        except Exception as error:
            raise student_error(type(error).__name__, str(error), place(error), name) from None
        finally:
            self.seconds = time.perf_counter() - began
        self.changed = tuple(changed(args, handed))
        return value

    def stream(self, name: str) -> Callable[[Sequence[float]], Any]:
        return lambda observation: self.call(name, np.array(observation, dtype=np.float32))


def _asker(served: Served) -> Callable[[str, list], Any]:
    def ask(name: str, args: list) -> Any:
        try:
            return served.handle(name, [travelled(value) for value in args])
        except Refused as reason:
            raise RuntimeError(str(reason)) from None

    return ask


def not_defined(name: str, reason: str = "") -> NotAnswered:
    message = f"There is no function named {name}." + (f" {reason}" if reason else "")
    return NotAnswered(
        message, "" if reason else f"Define {name} in the cell that is there for it, and do not rename it."
    )


def place(error: BaseException) -> str:
    """Where in the student's code an error arose: the innermost frame of a notebook cell, such as "line 3, in f"."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/site-packages/" not in frame.filename and "upright" not in frame.filename]
    if not own:
        return ""
    frame = own[-1]
    cell = f"{frame.filename}, " if frame.filename.startswith("cell ") else ""
    return f"{cell}line {frame.lineno}" + ("" if frame.name == "<module>" else f", in {frame.name}")


def student_error(kind: str, text: str, where: str, function: str) -> StudentError:
    """One sentence for an exception: its type, text and place; and a hint if it is an older tutorial's habit."""
    # torch raises NotImplementedError, too, for what its device "meta" cannot do.
    if kind == "NotImplementedError" and "meta" not in text:
        return StudentError(f"{function} is not written yet.", "")
    message = f"{function} raised {kind}" + (f": {text}" if text else "") + (f" ({where})" if where else "") + "."
    return StudentError(message, habits.hint(kind, text))
