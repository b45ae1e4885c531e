"""A process that grades one submission after another: jobs as lines of JSON on stdin, answers as lines on stdout.

python -P -m autograder.worker MODULE:FUNCTION PARENT [CORE]

The function takes a Job and returns a Result. PARENT: the process that it ends with; CORE: the only processor core that
it and its sandboxes use.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.job import Job
from autograder.result import Result
from autograder.sandbox import NoSandbox

PR_SET_PDEATHSIG = 1


def answer(grade: str, job: Job) -> dict[str, Any]:
    """A result; or why no sandbox works; or the grader's own fault, with its place."""
    module, _, name = grade.partition(":")
    try:
        function: Callable[[Job], Result] = getattr(importlib.import_module(module), name)
        return {"result": function(job).to_json()}
    except NoSandbox as reason:
        return {"no_sandbox": str(reason)}
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return {"fault": f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"[:1000]}


def memory_bytes() -> int:
    """What this process occupies now; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _end(*_: object) -> None:
    """As an exception, so that the sandbox in hand is taken down on the way. What that interrupts may complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    raise SystemExit(128 + signal.SIGTERM)


def main(grade: str, parent: str, core: str = "") -> None:
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which then ends its workers
    with contextlib.suppress(OSError, AttributeError):  # Linux only; elsewhere the end of stdin ends this process
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        return
    if core:
        # Asker and answerer take turns, so one core serves both, without waking another for each of 20,000 questions.
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setaffinity(0, {int(core)})
    # Nothing that a library prints may be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        reply = {**answer(grade, Job(**json.loads(line))), "memory": memory_bytes()}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
