"""Run one live cell in the Python of the page: output as it comes, the last value as a notebook shows it, and errors
cut down to the lines that the reader wrote. All cells of a page share one namespace."""

import ast
import builtins
import io
import linecache
import re
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout

MOST = 20_000
NAMESPACE = {"__name__": "__main__"}
OWN = re.compile(r"cell \d+")
FRAME = re.compile(r'^  File "cell (\d+)", line (\d+)(?:, in (?:<module>|(.+)))?$', re.MULTILINE)
MISSING = (
    "{} is not part of the Python in this page. Plain lists, math and random are here. To use {}, open this chapter "
    "in Colab, with the launch button at the top of the page."
)


class Output:
    """What a cell says, handed on piece by piece through `send(kind, text)`, up to a limit that is told."""

    def __init__(self, send):
        self._send, self._left = send, MOST

    def say(self, kind, text):
        if self._left < 0:
            return
        if text[: self._left]:
            self._send(kind, text[: self._left])
        self._left -= len(text)
        if self._left < 0:
            self._send("cut", f"… The page shows the first {MOST:,} characters of a cell's output, and no more.\n")


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` while a cell runs. It hands on whole lines, and the rest when it is flushed."""

    def __init__(self, output, kind):
        self._output, self._kind, self._waiting = output, kind, ""

    def writable(self):
        return True

    def write(self, text):
        lines, newline, rest = (self._waiting + text).rpartition("\n")
        self._output.say(self._kind, lines + newline)
        self._waiting = rest
        return len(text)

    def flush(self):
        self._output.say(self._kind, self._waiting)
        self._waiting = ""


def run(number, source, send):
    """Run the source of live cell `number`. Returns the line that failed: 0 if none did, -1 if it is not its own."""
    name, output = f"cell {number}", Output(send)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    # A warning is given once for each place; a cell that runs again shall give it again.
    vars(sys.modules.get("gymnasium", builtins)).pop("__warningregistry__", None)
    NAMESPACE.pop("__warningregistry__", None)
    with redirect_stdout(Stream(output, "stdout")) as stdout, redirect_stderr(Stream(output, "stderr")) as stderr:
        try:
            value = _value(source, name)
            stdout.flush()
            if value is not None:
                NAMESPACE["_"] = value
                output.say("result", f"{value!r}\n")
            return 0
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the page's Python must go on
            stdout.flush()
            send("error", report(error))
            if isinstance(error, ImportError) and error.name:
                send("hint", MISSING.format(error.name, error.name) + "\n")
            return _line(error, name)
        finally:
            stderr.flush()


def _value(source, name):
    """Run all statements; the value of the last one, if that is an expression without a semicolon behind it."""
    tree = ast.parse(source, name)
    last = tree.body[-1] if tree.body else None
    shown = isinstance(last, ast.Expr) and not source.rstrip().endswith(";")
    if shown:
        tree.body.pop()
    exec(compile(tree, name, "exec"), NAMESPACE)
    return eval(compile(ast.Expression(last.value), name, "eval"), NAMESPACE) if shown else None


def report(error):
    """The traceback without the frames of libraries and of this module."""
    told = traceback.TracebackException.from_exception(error)
    _keep_own(told)
    return FRAME.sub(lambda found: f"Cell {found[1]}, line {found[2]}{_function(found[3])}", "".join(told.format()))


def _function(name):
    return f", in {name}" if name else ""


def _keep_own(told):
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if OWN.fullmatch(frame.filename)])
    for other in (told.__cause__, told.__context__):
        if other is not None:
            _keep_own(other)


def _line(error, name):
    if isinstance(error, SyntaxError) and error.filename == name:
        return error.lineno or -1
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == name]
    return lines[-1] if lines else -1


def _no_input(prompt=""):
    raise RuntimeError("input() cannot ask in this page: write the value into the code instead.")


def prepare():
    """Settle what cannot work in a page, once."""
    builtins.input = _no_input
