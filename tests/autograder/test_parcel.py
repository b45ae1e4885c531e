"""What travels to another machine and back is bytes with bounds, and whatever else arrives is refused by name."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from autograder import parcel
from autograder.job import Job
from autograder.parcel import Damaged
from tests.autograder.fixtures import lost, result

JOB = Job("/home/ada/in/ada.py", "ada", "lab1_episodes", 5, 3, previous={"submission": 5, "retrained": [1, 2]})
SENT = parcel.pack(JOB, b"print('\xc3\xa9')")


def with_header(header: object, data: bytes = b"print('\xc3\xa9')") -> bytes:
    text = json.dumps(header).encode()
    return parcel.MAGIC + len(text).to_bytes(4, "big") + text + data


def header(**changes: Any) -> dict[str, Any]:
    start = len(parcel.MAGIC) + 4
    length = int.from_bytes(SENT[start - 4 : start], "big")
    whole: dict[str, Any] = json.loads(SENT[start : start + length])
    return {**whole, "job": {**whole["job"], **changes}}


def answered(**changes: Any) -> bytes:
    return json.dumps({"result": {**result().to_json(), **changes}}).encode()


def test_a_job_and_its_file_arrive_as_they_were_sent_but_for_the_path() -> None:
    assert parcel.unpack(SENT) == (dataclasses.replace(JOB, path="ada.py"), b"print('\xc3\xa9')")
    assert b"/home/ada" not in SENT


def test_a_file_name_that_is_not_utf8_arrives_too() -> None:
    job = dataclasses.replace(JOB, path="in/\udce9.py")
    assert parcel.unpack(parcel.pack(job, b""))[0].path == "\udce9.py"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "no parcel"),
        (b"\x80\x04K\x01.", "no parcel"),
        (SENT[:30], "broken off"),
        (parcel.MAGIC + b"\xff\xff\xff\xff{}", "longer than it may be"),
        (SENT[:-1], "not the one that was sent"),
        (SENT + b"\n", "not the one that was sent"),
        (with_header({"job": {}}), "other fields"),
        (with_header([]), "other fields"),
        (with_header({**header(), "code": "x"}), "other fields"),
        (with_header(header(path="../ada.py")), "is a path"),
        (with_header(header(path="/etc/passwd")), "is a path"),
        (with_header(header(path="..")), "is a path"),
        (with_header(header(path="")), "is a path"),
        (with_header(header(path="a\x00.py")), "is a path"),
        (with_header(header(lab="lab9")), "no lab 'lab9'"),
        (with_header(header(seed=-1)), "out of range"),
        (with_header(header(seed="5")), "job is damaged"),
        (with_header(header(unsafe="no")), "job is damaged"),
        (with_header(header(more=1)), "job is damaged"),
        (with_header({**header(), "job": [1]}), "job is damaged"),
        (with_header("[" * 100_000), "other fields"),
        (parcel.MAGIC + (100_000).to_bytes(4, "big") + b"[" * 100_000, "JSON is damaged"),
    ],
)
def test_what_is_no_parcel_is_refused_by_name(sent: bytes, said: str) -> None:
    with pytest.raises(Damaged, match=said):
        parcel.unpack(sent)


@given(some.integers(0, len(SENT) - 1), some.binary(max_size=12))
def test_a_parcel_with_other_bytes_in_it_is_refused_or_the_same(place: int, other: bytes) -> None:
    try:
        job, data = parcel.unpack(SENT[:place] + other + SENT[place + len(other) :])
    except Damaged:
        return
    assert data == b"print('\xc3\xa9')"
    assert isinstance(job, Job)


def test_a_result_arrives_as_it_was_found() -> None:
    for found in (result(), result(score=0.0), lost(), result(log="é\n", flags=["a"], notes=["b"])):
        assert parcel.read_reply(parcel.reply(found), JOB).result == found
    assert parcel.read_reply(parcel.reply(no_sandbox="none works"), JOB) == parcel.Reply(None, "none works")


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (b"", "JSON is damaged"),
        (b"\xff", "JSON is damaged"),
        (b"[" * 100_000, "JSON is damaged"),
        (b"[]", "other fields"),
        (b'{"result": null}', "result is damaged"),
        (b'{"no_sandbox": 1}', "other fields"),
        (answered(student="bob"), "of 'bob'"),
        (answered(lab="lab2_policies"), "lab2_policies"),
        (answered(score=1e9), "no such score"),
        (answered(score=-1), "no such score"),
        (answered(score=float("nan")), "JSON is damaged"),
        (answered(score="10"), "result is damaged"),
        (answered(outcome="splendid"), "no outcome 'splendid'"),
        (answered(checks=[{"name": "evaluate"}]), "result is damaged"),
        (answered(checks="none"), "result is damaged"),
        (answered(more=1), "result is damaged"),
        (b" " * (parcel.MAX_REPLY + 1), "bytes; at most"),
    ],
)
def test_what_is_no_reply_to_this_parcel_is_refused_by_name(came: bytes, said: str) -> None:
    with pytest.raises(Damaged, match=said):
        parcel.read_reply(came, JOB)
