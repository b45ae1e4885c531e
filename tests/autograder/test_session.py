"""One question, one answer; each limit is named with its value; what loses the process costs itself only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.autograder.asking import OPEN, call, stream, told
from tests.autograder.conftest import Box

HONEST = "def f(x=0):\n    return x + 1"


def lost(answer: Any) -> tuple[str, str | None]:
    return answer["outcome"], answer["limit"]


def test_an_honest_function_answers_and_nothing_is_left(box: Box) -> None:
    seen = told(box, [HONEST], lambda session: [session.has("f"), session.has("g")], call("f", 1), call("f", 2.5))
    assert (seen.answers, seen.notes, seen.log, seen.left) == ([[True, False], 2, 3.5], [], "", [])


def test_a_function_that_is_missing_is_told_with_the_first_cell_that_failed() -> None:
    seen = told(OPEN, ["x = 1 / 0", "def f(): return x"], call("g"), call("f"))
    missing, broken = seen.answers
    assert missing["outcome"] == "not_answered"
    assert missing["message"] == (
        "There is no function named g. Cell 1 raised ZeroDivisionError: division by zero (cell 1, line 1)."
    )
    assert broken["message"] == "f raised NameError: name 'x' is not defined (cell 2, line 1, in f)."
    assert seen.notes == ["Cell 1 raised ZeroDivisionError: division by zero (cell 1, line 1)."]


@pytest.mark.parametrize(
    ("source", "limits", "limit", "message"),
    [
        ("def f():\n while True: pass", {"call_s": 1.5}, "call", "f passed the limit of 1.5 s for one call."),
        ("import time\ndef f(): time.sleep(60)", {"call_s": 1.5}, "call", "f passed the limit of 1.5 s for one call."),
        (
            "def f():\n while True: pass",
            {"cpu_s": 1, "call_s": 9},
            "cpu",
            "f passed the limit of 1 s of processor time.",
        ),
        ("def f(): return len(bytearray(2_000_000_000))", {}, "memory", "f passed the limit of 300 MB of memory."),
        (
            "def f(): open('x', 'wb').write(bytes(3_000_000))",
            {},
            "file_size",
            "f passed the limit of 2 MB for one file.",
        ),
        (
            "def f():\n for i in range(9): open(f'x{i}', 'wb').write(bytes(1_900_000))\n import time; time.sleep(9)",
            {"call_s": 5},
            "disk",
            "f passed the limit of 8 MB of disk.",
        ),
        (
            "def f():\n while True: print('x' * 1000)",
            {"call_s": 5},
            "output",
            "f passed the limit of 1 MB of printed text.",
        ),
        (
            "import os, time\ndef f():\n for _ in range(99):\n  if not os.fork(): time.sleep(60)",
            {"call_s": 5},
            "processes",
            "f passed the limit of 24 processes and threads.",
        ),
        (
            "import time, threading as t\ndef f():\n for _ in [0]*99: t.Thread(target=time.sleep, args=(9,)).start()",
            {"call_s": 5},
            "processes",
            "f passed the limit of 24 processes and threads.",
        ),
    ],
    ids=["loop", "sleep", "cpu", "memory", "file", "disk", "output", "fork", "thread"],
)
def test_a_limit_is_named_with_its_value(
    box: Box, source: str, limits: dict[str, float], limit: str, message: str
) -> None:
    seen = told(box, [source, "def g(): return 7"], call("f"), call("g"), **limits)
    passed, afterwards = seen.answers
    assert (passed["outcome"], passed["limit"], passed["message"]) == ("limit", limit, message)
    assert afterwards == 7, "the next question starts anew"
    assert seen.left == []


def test_the_wall_limit_ends_the_whole_submission(box: Box) -> None:
    source = "import time\ndef f(): time.sleep(60)"
    seen = told(box, [source], call("f"), call("f"), call("f"), wall_s=4, call_s=2.5)
    assert [lost(answer) for answer in seen.answers] == [("limit", "call"), ("limit", "wall"), ("limit", "wall")]
    assert "4 s for the whole submission" in seen.answers[1]["message"]
    assert seen.left == []


def test_a_fork_bomb_is_bounded_and_does_not_hinder_the_next_start(box: Box) -> None:
    bomb = "import os\ndef f():\n while True:\n  try: os.fork()\n  except OSError: pass"
    seen = told(box, [bomb, "def g(): return 7"], call("f"), call("g"), call("g"), call_s=2)
    assert seen.answers[0]["outcome"] == "limit"
    assert seen.answers[1:] == [7, 7]
    assert seen.left == []


def test_daemons_end_with_the_session(box: Box) -> None:
    daemon = """
import os, signal, time
def f():
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            while True:
                time.sleep(0.01)
        os._exit(0)
    return 1
"""
    seen = told(box, [daemon], call("f"), call("f"))
    assert (seen.answers, seen.left) == ([1, 1], [])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import time\ntime.sleep(60)", "Cell 2 passed the limit of 1.5 s for one cell."),
        ("while True: pass", "Cell 2 passed the limit of 1.5 s for one cell."),
        ("import os\nos._exit(3)", "Cell 2: the process ended with exit code 3."),
        ("import os\nos.kill(os.getpid(), 9)", "Cell 2: the process was ended by SIGKILL."),
        ("import ctypes\nctypes.string_at(0)", "Cell 2: the process was ended by SIGSEGV."),
    ],
    ids=["sleeps", "loops", "exits", "kills itself", "crashes"],
)
def test_a_cell_that_loses_the_process_costs_itself_only(box: Box, source: str, message: str) -> None:
    seen = told(box, ["x = 1", source, "def f(): return x"], call("f"), cell_s=1.5)
    assert (seen.answer, seen.notes, seen.left) == (1, [message], [])


def test_a_cell_may_raise_anything_and_the_next_one_runs() -> None:
    cells = ["raise SystemExit(3)", "raise KeyboardInterrupt", "import sys; sys.exit('bye')", "def f(): return 1"]
    seen = told(OPEN, cells, call("f"))
    assert seen.answer == 1
    assert [note.split(" (")[0] for note in seen.notes] == [
        "Cell 1 raised SystemExit: 3",
        "Cell 2 raised KeyboardInterrupt",
        "Cell 3 raised SystemExit: bye",
    ]


@pytest.mark.parametrize(
    ("body", "outcome", "message"),
    [
        ("import os; os._exit(0)", "student_error", "f: the process ended with exit code 0."),
        ("raise SystemExit", "student_error", "f raised SystemExit (cell 1, line 1, in f)."),
        ("import os; os.kill(os.getpid(), 15)", "student_error", "f: the process was ended by SIGTERM."),
        ("import os; os.kill(os.getpid(), 40)", "student_error", "f: the process was ended by signal 40."),
        ("import os; os._exit(170)", "student_error", "f: the process was ended by signal 42."),
        ("raise NotImplementedError", "student_error", "f is not written yet."),
        (
            "return f()",
            "student_error",
            "f raised RecursionError: maximum recursion depth exceeded (cell 1, line 1, in f).",
        ),
    ],
    ids=["_exit", "SystemExit", "SIGTERM", "unnamed signal", "large exit code", "not written", "recursion"],
)
def test_a_function_that_ends_or_raises_is_told_as_it_was(body: str, outcome: str, message: str) -> None:
    seen = told(OPEN, [f"def f(): {body}", "def g(): return 7"], call("f"), call("g"))
    assert (seen.answers[0]["outcome"], seen.answers[0]["message"]) == (outcome, message)
    assert seen.answers[1] == 7


ARRIVES = {
    "np.int64(1)": 1,
    "np.bool_(True)": True,
    "np.float32(0.5)": 0.5,
    "True": True,
    "'text'": "text",
    "None": None,
    "(1, 2.5)": [1, 2.5],
    "np.array(3)": 3,
    "np.arange(3)": {"array": [0, 1, 2], "dtype": "int64"},
    "{'a': 1}": {"opaque": "dict"},
    "lambda: 1": {"opaque": "function"},
    "2**70": {"opaque": "int of more than 64 bits"},
}


def test_values_arrive_as_what_they_are() -> None:
    source = f"import numpy as np\nVALUES = [{', '.join(ARRIVES)}]\ndef f(number): return VALUES[number]"
    seen = told(OPEN, [source], *(call("f", number) for number in range(len(ARRIVES))))
    assert [(type(value), value) for value in seen.answers] == [(type(value), value) for value in ARRIVES.values()]


def test_a_policy_is_asked_with_float32_and_answers_with_any_integer() -> None:
    policy = """
import numpy as np
answers = iter([0, 1, np.int64(1), np.int32(0), True, np.bool_(False), 2, 1.0])
def f(observation):
    assert observation.dtype == np.float32 and observation.shape == (4,)
    return next(answers)
def g(): return 7
"""
    seen = told(OPEN, [policy], stream("f", *[[0.1, 0.2, 0.3, 0.4]] * 8), call("g"), stream("f", [0.0] * 4))
    assert seen.answers[0] == [0, 1, 1, 0, True, False, 2, 1.0]
    assert seen.answers[1] == 7
    assert seen.answers[2]["message"].startswith("f raised StopIteration")


def test_a_start_that_fails_is_the_graders_fault(box: Box) -> None:

    broken = replace(box, runtime=replace(box.runtime, path=("/nowhere",)))
    seen = told(broken, [HONEST], call("f"))
    assert seen.answer["outcome"] == "infrastructure_error"
    assert "No module named" in seen.answer["message"]
    assert seen.left == []


def test_a_notebook_that_loses_every_process_comes_to_an_end() -> None:
    seen = told(OPEN, [*["import os\nos._exit(1)"] * 15, HONEST], call("f"), call("f"))
    assert [answer["outcome"] for answer in seen.answers] == ["limit", "limit"]
    assert seen.left == []
