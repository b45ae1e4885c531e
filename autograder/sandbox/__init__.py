"""The sandbox in which one submission's code runs, and the choice of the best one that works on this machine."""

from __future__ import annotations

from autograder.sandbox.backends import BACKENDS, UNSAFE, USER, Backend, Finding, find
from autograder.sandbox.limits import Ended, Limits
from autograder.sandbox.process import Process
from autograder.sandbox.runtime import Runtime

__all__ = [
    "BACKENDS",
    "USER",
    "Backend",
    "Ended",
    "Finding",
    "Limits",
    "NoSandbox",
    "Process",
    "Runtime",
    "choose",
    "survey",
]

NAMES = (*(backend.name for backend in BACKENDS), UNSAFE.name)


class NoSandbox(Exception):
    """No sandbox works here; the message names each one and why."""


def choose(unsafe: bool = False, name: str | None = None, runtime: Runtime | None = None) -> Backend:
    """The first back end that works; the one called `name`, if given, and `user` only so. With `unsafe`, none at all:
    results say so.

    Raises NoSandbox.
    """
    if unsafe:
        return UNSAFE
    runtime = runtime or Runtime.detect()
    reasons = []
    for backend in (*BACKENDS, USER):
        if backend.name == name or (name is None and backend is not USER):
            finding = find(backend, runtime)
            if finding.works:
                return backend
            reasons.append(f"{finding.name}: {finding.reason}")
    raise NoSandbox("No sandbox works here. " + "; ".join(reasons) + ". `autograder doctor` tells more.")


def survey(runtime: Runtime | None = None) -> list[Finding]:
    """Every back end, tried."""
    runtime = runtime or Runtime.detect()
    return [find(backend, runtime) for backend in BACKENDS]
