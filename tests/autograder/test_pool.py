"""Workers are real processes here: they die, hang, grow and are stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder import pool
from autograder.errors import Interrupted, NoSandboxError
from autograder.job import Job
from autograder.pool import Pool
from autograder.result import Result
from tests.autograder.fixtures import OBEDIENT


def jobs(folder: Path, *orders: str) -> list[Job]:
    found = []
    for number, order in enumerate(orders):
        path = folder / f"student{number}.py"
        path.write_text(order)
        found.append(Job(str(path), path.stem, "lab1_episodes", seed=number))
    return found


def graded(pool: Pool, work: list[Job]) -> dict[str, Result]:
    return {job.student: result for job, result in pool.results(work)}


def process_of(result: Result) -> int:
    return int(result.notes[0].split()[1])


def children() -> list[psutil.Process]:
    """The workers that live. Other children are none of a pool's: the browser of other tests, for one."""
    living = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "autograder.worker" in process.cmdline():
                living.append(process)
    return living


def test_every_job_has_its_result_whatever_the_order(tmp_path: Path) -> None:
    work = jobs(tmp_path, *(f"score {number / 2}" for number in range(20)))
    with Pool(2, OBEDIENT) as two:
        results = graded(two, work)
    assert {name: result.score for name, result in results.items()} == {f"student{n}": n / 2 for n in range(20)}
    assert len({process_of(result) for result in results.values()}) == 2
    assert results["student3"].seeds["submission"] == 3
    assert children() == []


def test_jobs_are_drawn_one_at_a_time_as_workers_are_free(tmp_path: Path) -> None:
    drawn: list[Job] = []

    def draw() -> Iterator[Job]:
        for job in jobs(tmp_path, *["score 1"] * 12):
            drawn.append(job)
            yield job

    with Pool(2, OBEDIENT) as two:
        for count, _ in enumerate(two.results(draw()), 1):
            assert len(drawn) <= count + 3  # two at work; two may have ended at once, and one of them was counted


def test_a_worker_that_dies_costs_its_job_a_second_try_only(tmp_path: Path) -> None:
    with Pool(1, OBEDIENT) as one:
        results = graded(one, jobs(tmp_path, "score 1", "once die", "score 2"))
    assert [results[f"student{n}"].score for n in range(3)] == [1, 10, 2]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("die", "The grader failed: the worker was ended by SIGKILL."),
        ("realtime", "The grader failed: the worker was ended by signal 36."),
        ("exit", "The grader failed: the worker ended with exit code 7."),
        ("raise", "The grader failed: ValueError: a fault of the judge (fixtures.py, line "),
    ],
)
def test_a_fault_that_stays_is_no_grade_but_a_reason(order: str, reason: str, tmp_path: Path) -> None:
    with Pool(1, OBEDIENT) as one:
        results = graded(one, jobs(tmp_path, order, "score 3"))
    lost = results["student0"]
    assert (lost.outcome, lost.score, lost.max_score) == ("infrastructure_error", None, 10)
    assert lost.notes[0].startswith(reason)
    assert (lost.submission, lost.student, lost.seeds) == ("student0.py", "student0", {"submission": 0, "variant": 0})
    assert results["student1"].score == 3


def test_a_python_that_prints_when_it_starts_is_no_grade_but_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "startup").mkdir()
    (tmp_path / "startup" / "sitecustomize.py").write_text("print('good\x1b[31m morning')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "startup"))
    with Pool(1, OBEDIENT) as one:
        results = graded(one, jobs(tmp_path, "score 1", "score 2"))
    assert [result.score for result in results.values()] == [None, None]
    assert "printed 'good\\x1b[31m morning' where an answer was due" in results["student0"].notes[0]
    assert children() == []


def test_a_fault_that_the_grading_itself_reports_is_tried_again(tmp_path: Path) -> None:
    with Pool(1, OBEDIENT) as one:
        results = graded(one, jobs(tmp_path, "once lost", "lost"))
    assert [results[f"student{n}"].score for n in range(2)] == [10, None]


def test_a_worker_that_hangs_and_ignores_signals_is_replaced(tmp_path: Path) -> None:
    with Pool(2, OBEDIENT, hard_seconds=4.0) as two:
        results = graded(two, jobs(tmp_path, "once hang", "score 4"))
    assert [results[f"student{n}"].score for n in range(2)] == [10, 4]
    assert children() == []


def test_a_worker_that_hangs_twice_is_told_with_the_time_it_had(tmp_path: Path) -> None:
    with Pool(1, OBEDIENT, hard_seconds=2.5) as one:
        results = graded(one, jobs(tmp_path, "wait", "score 5"))
    assert results["student0"].notes == ["The grader failed: the worker did not answer within 2.5 s."]
    assert results["student1"].score == 5


def test_a_worker_that_has_grown_is_replaced(tmp_path: Path) -> None:
    with Pool(1, OBEDIENT) as one:
        results = graded(one, jobs(tmp_path, "score 1", "grow", "score 2", "score 3"))
    processes = [process_of(results[f"student{n}"]) for n in range(4)]
    assert processes[0] == processes[1]
    assert processes[2] == processes[3] != processes[0]


def test_a_worker_is_replaced_after_its_share_of_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "JOBS_OF_WORKER", 2)
    with Pool(1, OBEDIENT) as one:
        results = graded(one, jobs(tmp_path, *["score 1"] * 5))
    assert len({process_of(result) for result in results.values()}) == 3


def test_where_no_sandbox_works_nothing_is_graded(tmp_path: Path) -> None:
    with pytest.raises(NoSandboxError, match="not even this one") as caught, Pool(2, OBEDIENT) as two:
        graded(two, jobs(tmp_path, "unsandboxed", "wait"))
    assert caught.value.exit_code == 4
    assert children() == []


def test_a_signal_ends_the_run_and_its_workers(tmp_path: Path) -> None:
    read, write = os.pipe()
    with Pool(2, OBEDIENT, stop=read) as two:
        results = two.results(jobs(tmp_path, "score 1", "wait", "wait", "wait"))
        assert next(results)[1].score == 1
        os.write(write, bytes([signal.SIGTERM]))
        with pytest.raises(Interrupted) as caught:
            next(results)
    assert caught.value.exit_code == 143
    assert children() == []


def test_a_module_beside_the_submissions_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("numpy", "json", "autograder", "tests"):
        (tmp_path / f"{name}.py").write_text("open('imported', 'w'); raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    with Pool(1, OBEDIENT) as one:
        assert graded(one, jobs(tmp_path, "score 6"))["student0"].score == 6
    assert not (tmp_path / "imported").exists()


def test_workers_end_with_the_command_even_if_it_is_killed(tmp_path: Path) -> None:
    jobs(tmp_path, "wait")
    program = f"""
from autograder.job import Job
from autograder.pool import Pool
with Pool(1, {OBEDIENT!r}) as one:
    list(one.results([Job({str(tmp_path / "student0.py")!r}, "ada", "lab1_episodes", 1)]))
"""
    command = subprocess.Popen([sys.executable, "-c", program])
    end = time.monotonic() + 60
    while not (found := psutil.Process(command.pid).children()) and time.monotonic() < end:
        time.sleep(0.05)
    [worker] = found
    while worker.status() != psutil.STATUS_SLEEPING and time.monotonic() < end:
        time.sleep(0.05)
    command.kill()
    command.wait()
    gone, alive = psutil.wait_procs([worker], timeout=60)
    assert (gone, alive) == ([worker], [])


def test_a_worker_that_is_stopped_while_it_starts_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for delay in (0.0, 0.05, 0.1, 0.15, 0.2):
        read, write = os.pipe()
        with Pool(1, "autograder.grading:grade", stop=read) as one:
            timer = threading.Timer(delay, os.write, (write, bytes([signal.SIGINT])))
            timer.start()
            with pytest.raises(Interrupted):
                graded(one, jobs(tmp_path, "import time; time.sleep(600)"))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("modules", "needed"),
    # The command checks policies with pydantic; a worker, of which there are many, begins without.
    [("autograder.pool, autograder.worker", set()), ("autograder.cli", {"pydantic"})],
)
def test_importing_loads_nothing_heavy_that_is_not_needed(modules: str, needed: set[str]) -> None:
    heavy = {"numpy", "torch", "pydantic", "rich", "gymnasium", "typer", "ray", "jinja2"}
    program = f"import sys, {modules}; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == str(sorted(needed))
