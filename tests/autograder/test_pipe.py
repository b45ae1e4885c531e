"""Whatever comes out of the sandbox that is no answer to the question earns nothing; what is printed is kept."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.autograder.asking import OPEN, call, stream, told


def lost(answer: Any) -> tuple[str, str | None]:
    return answer["outcome"], answer["limit"]


WRITE = "import os, json, struct\ndef write(body): os.write(4, struct.pack('>I', len(body)) + body)\n"


@pytest.mark.parametrize(
    "source",
    [
        'def f():\n write(b\'{"answer":1,"value":5}\')\n return 6',
        'def f():\n write(b\'{"answer":2,"value":5}\')\n return 6',
        'def f():\n write(b\'{"answer":9,"value":5}\')',
        'def f():\n write(b\'{"answer":true,"value":5}\')',
        "def f():\n write(b'not json')",
        "def f():\n write(b'[1, 2]')",
        "def f():\n write(b'')",
        "def f():\n write(b'[' * 60000)",
        'def f():\n write(b\'{"answer":1,"value":{"a":[9],"d":"float64","k":"array","v":"cpu"}}\')',
        'def f():\n write(b\'{"answer":1,"value":[[1]]}\')',
        "def f():\n write(b'{\"answer\":1,\"value\":' + b'9' * 5000 + b'}')",
        "def f():\n write(b'{\"answer\":1}')",
        'def f():\n write(b\'{"error":1,"type":3,"text":"","where":""}\')',
        'def f():\n write(b\'{"ask":0,"name":"reset","args":[]}\')',
        "def f():\n os.write(4, struct.pack('>I', 2**32 - 1))\n return 6",
        "def f():\n write(b' ' * 70000)",
    ],
    ids=[
        *("repeated", "late", "another number", "bool for a number", "no JSON", "no message", "empty", "nested"),
        *("short array", "list in a list", "long number", "no value", "error without text", "ask for nothing"),
        *("huge length", "long frame"),
    ],
)
def test_what_is_no_answer_breaks_the_protocol_and_earns_nothing(source: str) -> None:
    seen = told(OPEN, [WRITE + source, "def g(): return 7"], call("f"), call("f"), call("g"))
    outcomes = [answer["outcome"] if isinstance(answer, dict) else answer for answer in seen.answers]
    assert "protocol" in outcomes[:2]
    assert outcomes[2] in (7, "protocol")
    assert seen.left == []


def test_what_is_printed_is_kept_from_its_head() -> None:
    seen = told(
        OPEN, ["print('head', flush=True)\nprint('x' * 500_000, flush=True)", "def f(x): return x + 1"], call("f", 1)
    )
    assert seen.answer == 2
    assert seen.log.startswith("head\nxxx")
    assert len(seen.log) == 65_536


def test_an_answer_that_comes_early_breaks_the_protocol() -> None:
    early = (
        WRITE
        + """
import threading, time
def f():
    def later():
        time.sleep(0.1)
        write(b'{"answer":2,"value":5}')
    threading.Thread(target=later).start()
    return 1
"""
    )
    seen = told(OPEN, [early], call("f"), lambda session: time.sleep(2), call("f"))
    assert seen.answers[0] == 1
    assert lost(seen.answers[2]) == ("protocol", None)
    assert "before it was asked for" in seen.answers[2]["message"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("while True: pass", ("limit", "call")),
        ("os._exit(0)", ("student_error", None)),
        ('write(b\'{"answer":1,"value":1}\'); return 0', ("protocol", None)),
        ('write(b\'{"answer":2,"value":1}\'); import time; time.sleep(5)', ("protocol", None)),
        ("os.write(4, b'\\xff' * 100); return 0", ("protocol", None)),
        ("os.close(4); return 0", ("student_error", None)),
    ],
    ids=["loop", "exit", "repeated", "another number", "huge", "closed"],
)
def test_a_policy_is_held_to_the_same_rules(body: str, expected: tuple[str, str | None]) -> None:
    cells = [WRITE + f"def f(observation):\n    {body}", "def g(): return 7"]
    seen = told(OPEN, cells, stream("f", *[[0.0] * 4] * 3), call("g"), call_s=1.5)
    assert lost(seen.answers[0]) == expected
    assert seen.answers[1] == 7
    assert seen.left == []


def test_what_a_policy_prints_does_not_get_lost_nor_in_the_way() -> None:
    seen = told(
        OPEN, ["def f(observation):\n    print('asked', flush=True)\n    return 1"], stream("f", *[[0.0] * 4] * 3)
    )
    assert (seen.answer, seen.log) == ([1, 1, 1], "asked\n" * 3)


def test_the_last_words_of_a_process_that_ends_are_kept() -> None:
    ending = """
import os, time
def f():
    os.close(4)  # where answers go
    time.sleep(0.2)
    print("farewell", flush=True)
    os._exit(3)
"""
    seen = told(OPEN, [ending], call("f"))
    assert "exit code 3" in seen.answer["message"]
    assert "farewell" in seen.log
