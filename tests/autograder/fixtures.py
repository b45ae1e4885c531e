"""Submissions, results, and a way of grading that dies, hangs and grows as the submission says."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.job import Job
from autograder.result import Result
from autograder.sandbox import NoSandbox
from upright.checks.verdict import Check

OBEDIENT = "tests.autograder.fixtures:obey"
HOARD: list[bytearray] = []


def result(student: str = "ada", **changes: Any) -> Result:
    values: dict[str, Any] = {
        "submission": f"{student}.py",
        "student": student,
        "lab": "lab1_episodes",
        "outcome": "failed",
        "score": 7.5,
        "max_score": 10.0,
        "checks": [Check("evaluate", 0.0, 2.5, "failed", None, "Step 3: 1.0 was expected, 2.0 came.", "Look there.")],
        "sandbox": "none",
        "seeds": {"submission": 5, "variant": 0},
        "submission_sha256": "ab" * 32,
        "duration_s": 0.25,
    }
    return Result.make(**{**values, **changes})


def lost(student: str = "ada", **changes: Any) -> Result:
    return result(student, outcome="infrastructure_error", score=None, checks=[], **changes)


def code_cell(source: Any, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **fields}


def notebook(*cells: Any) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)})


def obey(job: Job) -> Result:
    """Do what the submission's first word says, `score N` for instance; `once` before it: the first time only."""
    path = Path(job.path)
    data = path.read_bytes()
    words = data.decode().split()
    if words[0] == "once":
        marker = path.with_suffix(".tried")
        words = ["score", "10"] if marker.exists() else words[1:]
        marker.touch()
    print("a line that is no answer")
    if words[0] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if words[0] == "realtime":
        os.kill(os.getpid(), signal.SIGRTMIN + 2)
    if words[0] == "exit":
        os._exit(7)
    if words[0] == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    if words[0] == "wait":
        time.sleep(600)
    if words[0] == "raise":
        raise ValueError("a fault of the judge")
    if words[0] == "unsandboxed":
        raise NoSandbox("No sandbox works here. none: not even this one")
    if words[0] == "grow":
        HOARD.append(bytearray(os.urandom(1_000_000)) * 200)
    score = float(words[1]) if words[0] == "score" else 10.0
    return result(
        job.student,
        submission=path.name,
        lab=job.lab,
        outcome={"lost": "infrastructure_error"}.get(words[0], "passed" if score == 10 else "failed"),
        score=None if words[0] == "lost" else score,
        seeds={
            "submission": job.seed,
            "variant": job.variant,
            "found": (job.previous or {}).get("found", job.seed + 1),
        },
        submission_sha256=hashlib.sha256(data).hexdigest(),
        notes=[f"process {os.getpid()}"],
    )


def quiet(job: Job) -> Result:
    """Do what the submission says, and note nothing that differs from run to run."""
    return replace(obey(job), notes=[], duration_s=time.monotonic())
