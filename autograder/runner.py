"""The program inside the sandbox: it runs a student's cells and answers the grader's questions about their functions.

    python -I -S runner.py SETTINGS        questions come on descriptor 3, answers go to descriptor 4

SETTINGS is JSON: `path`, folders for sys.path; `confine`, what autograder/sandbox/confine.py applies before anything
else happens. A frame is one of autograder.session's. This program shares its process with the student's code, so
nothing that it says of itself is trusted: it translates, and the grader judges.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader, find_spec, module_from_spec, spec_from_file_location

QUESTIONS, ANSWERS = 3, 4
# Slow to import, and often imported without being used in what is graded: loaded at the first use.
LAZY = ("gymnasium", "torch", "ray", "matplotlib", "pandas", "scipy", "pydantic", "IPython", "optuna", "pygame")
RUN_AS_CODE = ("%%time", "%%timeit", "%%capture", "%%prun")
MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.\[\]'\"]+\?{1,2}\s*)$")
ASSIGNED_MAGIC = re.compile(r"^(\s*[\w., ]+=\s*)[%!].*$")


def code_of(source: str) -> str:
    """A cell as Python: as it is, or without magics, `!` lines and `?` lines; the other lines keep their place."""
    try:
        compile(source, "cell", "exec")
    except SyntaxError:
        lines = source.split("\n")
        first = next((line for line in lines if line.strip()), "").split()
        if first and first[0].startswith("%%") and first[0] not in RUN_AS_CODE:
            return ""
        kept = [MAGIC.sub(r"\1pass", line) for line in lines]
        return "\n".join(ASSIGNED_MAGIC.sub(r"\1None", line) for line in kept)
    return source


class LazyFinder:
    """Puts off the import of slow packages until one of their names is used."""

    def __init__(self) -> None:
        self._busy: set[str] = set()

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name not in LAZY or name in self._busy:
            return None
        self._busy.add(name)
        try:
            spec = find_spec(name)
        finally:
            self._busy.discard(name)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


class Channel:
    """Frames in and out, as upright.checks.wire defines them."""

    def __init__(self) -> None:
        self._rest = b""

    def receive(self) -> bytes:
        """The body of the next frame. Ends the program when the grader has closed its end."""
        data = self._rest or os.read(QUESTIONS, 65_536)
        if len(data) >= 4 and int.from_bytes(data[:4], "big") == len(data) - 4:
            self._rest = b""
            return data[4:]
        whole = bytearray(data)
        while len(whole) < 4 or len(whole) < 4 + int.from_bytes(whole[:4], "big"):
            more = os.read(QUESTIONS, 1 << 20)
            if not more:
                os._exit(0)
            whole += more
        end = 4 + int.from_bytes(whole[:4], "big")
        self._rest = bytes(whole[end:])
        return bytes(whole[4:end])

    def send(self, frame: bytes) -> None:
        written = os.write(ANSWERS, frame)
        while written < len(frame):
            written += os.write(ANSWERS, memoryview(frame)[written:])


def run_cells(channel: Channel, space: dict, message: dict) -> None:
    """Run each cell in order. An exception ends its cell and is told; the next cell runs all the same."""
    from upright.checks.wire import encode

    for number, source in message["cells"]:
        channel.send(encode({"cell": number}))
        try:
            exec(compile(code_of(source), f"cell {number}", "exec"), space)
        except BaseException as error:
            channel.send(encode({"cell_error": number, **told(error)}))
        flush()
    defined = [name for name in message["functions"] if callable(space.get(name))]
    channel.send(encode({"answer": message["id"], "defined": defined}))


def flush() -> None:
    """Let out what was printed: the process may be ended at any moment after its answer."""
    with contextlib.suppress(BaseException):
        sys.stdout.flush()


def told(error: BaseException) -> dict:
    """An exception as plain text. Its own methods may raise, or lie: they are the student's."""
    from upright.checks.answers import place

    kind = type(error).__name__
    try:
        text = str(error)[:2_000]
        where = place(error)
        if isinstance(error, SyntaxError) and error.lineno and str(error.filename).startswith("cell "):
            text, where = str(error.msg), f"{error.filename}, line {error.lineno}"
    except BaseException:
        text, where = "", ""
    number = error.errno if isinstance(error, OSError) and type(error.errno) is int else 0
    return {"type": kind[:100], "text": text, "where": where[:200], "errno": number}


def answer_call(channel: Channel, space: dict, message: dict) -> None:
    """Call one of the student's functions and send what it gives."""
    from upright.checks.served import stand_in
    from upright.checks.wire import changed, encode, given

    kinds = message.get("serve") or [None] * len(message["args"])
    args = [
        stand_in(kind, asker(channel, position)) if kind else given(value)
        for position, (kind, value) in enumerate(zip(kinds, message["args"], strict=True))
    ]
    try:
        value = space[message["call"]](*args)
        frame = encode({"answer": message["id"], "value": value, "changed": changed(message["args"], args)})
    except BaseException as error:
        frame = encode({"error": message["id"], **told(error)})
    flush()
    channel.send(frame)


def asker(channel: Channel, position: int) -> Callable[[str, list], object]:
    """The function through which a stand-in asks the grader."""
    from upright.checks.wire import decode, encode

    def ask(name: str, args: list) -> object:
        channel.send(encode({"ask": position, "name": name, "args": args}))
        reply = decode(channel.receive())
        if "raise" in reply:
            raise RuntimeError(reply["raise"])
        return reply["value"]

    return ask


def answer_stream(channel: Channel, space: dict, message: dict) -> None:
    """Call a function with one observation a frame, four float64 and nothing else, until an empty frame comes. The
    number of the answers changes its sign with each."""
    import numpy as np

    from upright.checks.wire import encode

    number, function = message["id"], space[message["stream"]]
    plain = {
        (sign * number, action): encode({"answer": sign * number, "value": action})
        for sign in (1, -1)
        for action in (0, 1)
    }
    while body := channel.receive():
        number = -number
        try:
            value = function(np.frombuffer(body, dtype="<f8").astype(np.float32))
            known = type(value) is int and (number, value) in plain
            frame = plain[number, value] if known else encode({"answer": number, "value": value})
        except BaseException as error:
            frame = encode({"error": number, **told(error)})
        channel.send(frame)


def serve(channel: Channel, space: dict) -> None:
    from upright.checks.wire import decode

    while True:
        message = decode(channel.receive())
        if "cells" in message:
            run_cells(channel, space, message)
        elif "stream" in message:
            answer_stream(channel, space, message)
        else:
            answer_call(channel, space, message)


def load_confine() -> types.ModuleType:
    """confine.py alone, without the package around it, which is the grader's."""
    spec = spec_from_file_location("confine", os.path.join(os.path.dirname(__file__), "sandbox", "confine.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    settings = json.loads(sys.argv[1])
    sys.path[:0] = settings["path"]
    confine = load_confine()
    confine.confine(settings["confine"])
    if settings.get("probe"):
        os.write(ANSWERS, json.dumps(confine.probe()).encode())
        return
    sys.argv[1:] = []
    for name in settings.get("modules", ()):
        __import__(name)
    sys.meta_path.insert(0, LazyFinder())
    # The student's cells are the main module, as in a notebook: their classes are found under their names.
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    serve(Channel(), vars(module))


if __name__ == "__main__":
    main()
