"""One submission, from its file to its result."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from autograder import notebook, sandbox, signatures
from autograder.job import Job
from autograder.result import Result
from autograder.sandbox import Limits
from autograder.session import SandboxFault, Session
from upright import checks
from upright.checks.verdict import Check, Lab, run

LIMITS = Limits(
    call_s=5,
    cell_s=20,
    wall_s=60,
    cpu_s=60,
    memory_bytes=1_000_000_000,
    processes=64,
    file_bytes=16_000_000,
    tmp_bytes=64_000_000,
    log_bytes=65_536,
    output_bytes=10_000_000,
)
# torch alone has 222 MB.
LIMITS_OF_LAB = {"lab4_vectorize": {"memory_bytes": 3_000_000_000, "call_s": 30, "wall_s": 180, "cpu_s": 180}}


@dataclass
class Graded:
    """What grading found, before it becomes a Result. seeds: what is recorded beside the submission's own."""

    checks: list[Check]
    flags: list[str]
    notes: list[str]
    seeds: dict[str, Any] = field(default_factory=dict)
    sandbox: str = "none"
    log: str = ""
    signatures: dict[str, str] = field(default_factory=dict)


def grade(job: Job) -> Result:
    """Grade one submission. Whatever a submission holds ends as a result; only the grader's own faults raise."""
    began = time.monotonic()
    try:
        source = notebook.read(Path(job.path))
    except notebook.InvalidSubmission as reason:
        return invalid(job, reason, began)
    lab = checks.lab(job.lab)
    try:
        found = _grade_code(job, lab, source) if lab.functions else _grade_data(job, source)
    except SandboxFault as fault:
        lost = Graded([], [], [str(fault)])
        return _result(job, lost, "infrastructure_error", source.sha256, began)
    found.signatures = signatures.signatures(job.lab, source)
    passed = all(check.outcome == "passed" for check in found.checks)
    return _result(job, found, "passed" if passed else "failed", source.sha256, began)


def invalid(job: Job, reason: notebook.InvalidSubmission, began: float) -> Result:
    """The result of what could not be read. began: of time.monotonic()."""
    return _result(job, Graded([], [], [str(reason)]), "invalid_submission", reason.sha256, began)


def _grade_code(job: Job, lab: Lab, source: notebook.Source) -> Graded:
    backend, runtime = _backend(job.unsafe, job.sandbox)
    limits = Limits(**{**vars(LIMITS), **LIMITS_OF_LAB.get(lab.name, {})})
    with Session(backend, runtime, limits, lab, source.cells) as session:
        found = [run(spec, session, job.seed) for spec in lab.checks]
        notes = session.notes
    log = session.log.decode("utf-8", "replace")
    return Graded(found, [], notes, {}, backend.name, log)


def _grade_data(job: Job, source: notebook.Source) -> Graded:
    """No code of the student runs, so there is nothing to shut in."""
    from autograder import data  # with Gymnasium and pydantic, which labs of code do without

    found, flags, notes, seeds = data.grade(job.lab, source.outputs, job.seed, job.variant, job.previous)
    return Graded(found, flags, notes, seeds)


@cache
def _backend(unsafe: bool, name: str | None) -> tuple[sandbox.Backend, sandbox.Runtime]:
    return sandbox.choose(unsafe, name), sandbox.Runtime.detect()


def _result(job: Job, found: Graded, outcome: str, sha256: str, began: float) -> Result:
    lost = outcome == "infrastructure_error"
    return Result.make(
        submission=Path(job.path).name,
        student=job.student,
        lab=job.lab,
        outcome=outcome,
        score=None if lost else round(sum(check.points for check in found.checks), 2),
        max_score=sum(spec.points for spec in checks.lab(job.lab).checks),
        checks=found.checks,
        sandbox=found.sandbox,
        seeds={"submission": job.seed, "variant": job.variant, **found.seeds},
        submission_sha256=sha256,
        duration_s=round(time.monotonic() - began, 3),
        flags=found.flags,
        notes=found.notes,
        log=found.log,
        signatures=found.signatures,
    )
