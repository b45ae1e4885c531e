"""A process that grades one submission after another: jobs as lines of JSON on stdin, results as lines on stdout.

python -m autograder.worker [CORE]       CORE: the only processor core that it and its sandboxes use
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import traceback
from typing import Any, TextIO

from autograder import grading
from autograder.job import Job
from autograder.sandbox import NoSandbox

PR_SET_PDEATHSIG = 1


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """The answer to a message `prepare` or `grade`, which holds a Job's fields."""
    try:
        if "prepare" in message:
            return {"sandbox": grading.prepare(Job(**message["prepare"]))}
        return {"result": grading.grade(Job(**message["grade"])).to_json()}
    except NoSandbox as reason:
        return {"no_sandbox": str(reason)}
    except Exception:
        return {"fault": traceback.format_exc(limit=-4)}


def serve(jobs: TextIO, results: TextIO) -> None:
    for line in jobs:
        results.write(json.dumps(answer(json.loads(line))) + "\n")
        results.flush()


def main(arguments: list[str]) -> None:
    # Die with the command, and take the sandbox along; leave Ctrl-C to the command.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if arguments:
        # Asker and answerer take turns, so one core serves both, without waking another for each of 20,000 questions.
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setaffinity(0, {int(arguments[0])})
    # Nothing that is printed by a library may be taken for a result.
    results = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(sys.stdin, results)


if __name__ == "__main__":
    main(sys.argv[1:])
