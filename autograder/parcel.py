"""A submission as it travels to another machine, and its result on the way back: bytes with bounds, checked on arrival.

A parcel is MAGIC, the length of its header (4 bytes, big-endian), the header (JSON: a Job whose path is the file's bare
name, and the SHA-256 of the file), and the file's bytes. A reply is JSON. Neither holds a path, and neither is ever
unpickled.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from autograder.job import Job
from autograder.notebook import MAX_BYTES
from autograder.result import Result
from autograder.text import harmless
from upright.checks import LABS

MAGIC = b"upright-parcel/1\n"
LENGTH = 4
MAX_HEADER = 1_000_000
MAX_REPLY = 20_000_000
MAX_SEED = 2**64
_job = TypeAdapter(Job)


class Damaged(ValueError):
    """What came is no parcel, or no reply to the one that was sent; the message says why."""


@dataclass(frozen=True)
class Reply:
    """result: of the submission; no_sandbox: or why that machine could not run it."""

    result: Result | None = None
    no_sandbox: str = ""


def pack(job: Job, data: bytes) -> bytes:
    """A parcel with the bytes of a job's file."""
    fields = asdict(replace(job, path=Path(job.path).name))
    header = json.dumps({"job": fields, "sha256": hashlib.sha256(data).hexdigest()}).encode()
    return MAGIC + len(header).to_bytes(LENGTH, "big") + header + data


def unpack(parcel: bytes) -> tuple[Job, bytes]:
    """A job, its path a bare name, and the bytes of its file. Raises Damaged."""
    start = len(MAGIC) + LENGTH
    if not parcel.startswith(MAGIC) or len(parcel) < start:
        raise Damaged("it is no parcel of this version of the autograder")
    end = start + int.from_bytes(parcel[len(MAGIC) : start], "big")
    if end - start > MAX_HEADER or end > len(parcel) or len(parcel) - end > MAX_BYTES:
        raise Damaged("its header or its file is longer than it may be, or broken off")
    header, data = _loaded(parcel[start:end]), parcel[end:]
    if type(header) is not dict or set(header) != {"job", "sha256"}:
        raise Damaged("its header has other fields than job and sha256")
    if header["sha256"] != hashlib.sha256(data).hexdigest():
        raise Damaged("its file is not the one that was sent")
    return _checked_job(header["job"]), data


def reply(result: Result | None = None, no_sandbox: str = "") -> bytes:
    fields = {"result": result.to_json()} if result else {"no_sandbox": no_sandbox}
    return json.dumps(fields, allow_nan=False).encode()


def read_reply(data: bytes, job: Job) -> Reply:
    """The answer to the parcel of a job. Raises Damaged unless it is one, and about that student and lab."""
    if len(data) > MAX_REPLY:
        raise Damaged(f"the reply has {len(data):,} bytes; at most {MAX_REPLY:,} are read")
    fields = _loaded(data)
    if type(fields) is dict and set(fields) == {"no_sandbox"} and type(fields["no_sandbox"]) is str:
        return Reply(no_sandbox=fields["no_sandbox"])
    if type(fields) is not dict or set(fields) != {"result"}:
        raise Damaged("the reply has other fields than result or no_sandbox")
    return Reply(_checked_result(fields["result"], job))


def _loaded(data: bytes) -> Any:
    try:
        return json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Damaged("its JSON is damaged") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _checked_job(fields: Any) -> Job:
    try:
        job = Job(**fields)
        # A name that is not UTF-8 comes as lone surrogates, which pydantic does not read.
        _job.validate_json(json.dumps({**fields, "path": ""}), strict=True)
    except (ValidationError, TypeError) as error:
        raise Damaged(f"its job is damaged ({_first(error)})") from None
    if type(job.path) is not str or Path(job.path).name != job.path or job.path in ("", "..") or "\x00" in job.path:
        raise Damaged("the name of its file is a path")
    if job.lab not in LABS or not 0 <= job.seed < MAX_SEED:
        raise Damaged(f"there is no lab {job.lab[:50]!r}, or its seed is out of range")
    return job


def _checked_result(fields: Any, job: Job) -> Result:
    try:
        result = Result.from_json(fields)
    except (ValueError, TypeError, KeyError) as error:
        raise Damaged(f"the result is damaged ({_first(error)})") from None
    if (result.student, result.lab) != (job.student, job.lab):
        raise Damaged(f"the result is of {result.student[:50]!r} at {result.lab[:50]!r}")
    return result


def _first(error: Exception) -> str:
    """What is wrong, in one line."""
    if isinstance(error, ValidationError):
        one = error.errors(include_url=False, include_input=False)[0]
        error = ValueError(f"{'.'.join(map(str, one['loc']))}: {one['msg']}")
    return harmless(" ".join(str(error).split()), 200)
