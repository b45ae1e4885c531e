"""A batch goes through real workers into a real gradebook, once for every file."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import batch, submissions
from autograder.batch import Settings, seed_of
from autograder.errors import Interrupted
from autograder.gradebook import Gradebook, Row
from autograder.progress import Progress
from tests.autograder.fixtures import OBEDIENT

LAB = "lab1_episodes"
MANY = f"""
import resource, sys, pathlib
from autograder import batch
from autograder.gradebook import Gradebook
from autograder.progress import Progress
from autograder.submissions import Submission

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
handed_in = [Submission(folder / "same.py", f"student{{n}}") for n in range(count)]
with Gradebook.open(folder / "out") as book:
    settings = batch.Settings({LAB!r}, seed=1, workers=2, grade={OBEDIENT!r})
    batch.grade(handed_in, book, settings, Progress(count, {LAB!r}, folder / "out"))
    assert len(list(book.rows())) == count
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def run(folder: Path, **settings: object) -> Progress:
    """Grade `folder/in` into `folder/out`."""
    found = submissions.find([folder / "in"], LAB)
    progress = Progress(len(found), LAB, folder / "out")
    values = {"lab": LAB, "seed": 1, "workers": 2, "grade": OBEDIENT, **settings}
    with Gradebook.open(folder / "out") as book:
        batch.grade(found, book, Settings(**values), progress)  # type: ignore[arg-type]
    return progress


def hand_in(folder: Path, **orders: str) -> None:
    (folder / "in").mkdir(exist_ok=True)
    for student, order in orders.items():
        (folder / "in" / f"{student}.py").write_text(order)


def rows(folder: Path) -> dict[str, Row]:
    with Gradebook.open(folder / "out") as book:
        return {row.result.student: row for row in book.rows()}


def history(folder: Path, student: str) -> list[Row]:
    with Gradebook.open(folder / "out") as book:
        return book.history(student, LAB)


def process(row: Row) -> str:
    return row.result.notes[0]


def test_every_submission_ends_in_the_gradebook_and_its_exports(tmp_path: Path) -> None:
    hand_in(tmp_path, ada="score 10", bob="score 2.5", eve="lost")
    progress = run(tmp_path)
    assert progress.outcomes == {"passed": 1, "failed": 1, "infrastructure_error": 1}
    assert {name: row.result.score for name, row in rows(tmp_path).items()} == {"ada": 10, "bob": 2.5, "eve": None}
    written = sorted(path.name for path in (tmp_path / "out" / "results" / LAB).iterdir())
    assert written == ["ada.json", "bob.json", "eve.json"]
    assert (tmp_path / "out" / "gradebook.csv").read_text().count("\n") == 4


def test_what_has_its_grade_is_not_graded_again_but_counted(tmp_path: Path) -> None:
    hand_in(tmp_path, ada="score 10", bob="score 2.5")
    run(tmp_path)
    before = rows(tmp_path)
    hand_in(tmp_path, bob="score 5", eve="score 1")
    progress = run(tmp_path)
    after = rows(tmp_path)
    assert after["ada"] == before["ada"]
    assert (after["bob"].attempt, after["bob"].result.score) == (2, 5)
    assert any("had their grade before" in line and " 1 " in line for line in progress.summary())
    assert history(tmp_path, "bob") == []


def test_a_file_that_is_handed_in_again_later_is_a_new_attempt_and_is_not_graded_again(tmp_path: Path) -> None:
    found: list[Row] = []
    for order in ("score 1", "score 2", "score 1"):
        hand_in(tmp_path, ada=order)
        progress = run(tmp_path, times={"ada": f"2026-01-0{len(found) + 1}T00:00:00+00:00"})
        found.append(rows(tmp_path)["ada"])
    assert [(row.attempt, row.result.score, row.submitted_at) for row in found] == [
        (number, score, f"2026-01-0{number}T00:00:00+00:00") for number, score in ((1, 1), (2, 2), (3, 1))
    ]
    assert found[2].result == found[0].result
    assert any("had their grade before" in line and " 1 " in line for line in progress.summary())
    run(tmp_path, regrade=True)
    assert rows(tmp_path)["ada"].attempt == 3


def test_a_file_of_an_earlier_attempt_whose_grade_does_not_stand_is_graded_again(tmp_path: Path) -> None:
    for order in ("score 1", "score 2"):
        hand_in(tmp_path, ada=order)
        run(tmp_path)
        first = rows(tmp_path)["ada"]
    hand_in(tmp_path, ada="score 1")
    run(tmp_path, variant=3)
    third = rows(tmp_path)["ada"]
    assert (third.attempt, third.variant) == (3, 3)
    assert process(third) != process(first)


def test_regrade_uses_the_stored_seeds_and_keeps_the_old_result(tmp_path: Path) -> None:
    hand_in(tmp_path, ada="score 10")
    run(tmp_path, seed=1, variant=7)
    first = rows(tmp_path)["ada"]
    run(tmp_path, seed=2, regrade=True)
    second = rows(tmp_path)["ada"]
    assert process(second) != process(first)
    seed = seed_of(1, "ada", LAB, first.result.submission_sha256)
    assert second.result.seeds == first.result.seeds == {"submission": seed, "variant": 7, "found": seed + 1}
    assert (second.attempt, second.variant) == (1, 7)
    assert [row.result for row in history(tmp_path, "ada")] == [first.result]


@pytest.mark.parametrize("change", [{"variant": 3}, {"version": "0.9"}, {"sandbox": "unsafe"}])
def test_another_variant_another_version_and_a_run_without_a_sandbox_do_not_stand(
    change: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path, ada="score 10")
    run(tmp_path)
    first = rows(tmp_path)["ada"]
    if "version" in change:
        monkeypatch.setattr(batch, "__version__", change["version"])
    if "sandbox" in change:
        with Gradebook.open(tmp_path / "out") as book, book.writing():
            book._insert("attempts", replace(first, result=replace(first.result, sandbox="unsafe")))
    run(tmp_path, **{name: value for name, value in change.items() if name == "variant"})
    second = rows(tmp_path)["ada"]
    assert process(second) != process(first)
    assert second.attempt == 1


def test_a_fault_of_the_grader_is_graded_again_next_time_with_the_same_seed(tmp_path: Path) -> None:
    hand_in(tmp_path, ada="raise")
    run(tmp_path, seed=1)
    before = rows(tmp_path)["ada"]
    assert before.result.score is None
    assert before.result.submission_sha256 != ""
    run(tmp_path, seed=2)
    after = rows(tmp_path)["ada"]
    assert (after.attempt, after.result.seeds["submission"]) == (1, before.result.seeds["submission"])
    assert len(history(tmp_path, "ada")) == 1


def test_an_export_that_a_crash_left_out_is_written_by_the_next_run(tmp_path: Path) -> None:
    hand_in(tmp_path, ada="score 10")
    run(tmp_path)
    path = tmp_path / "out" / "results" / LAB / "ada.json"
    whole = path.read_bytes()
    path.unlink()
    (tmp_path / "out" / "gradebook.csv").unlink()
    run(tmp_path)
    assert path.read_bytes() == whole
    assert (tmp_path / "out" / "gradebook.csv").exists()


def test_every_submission_has_a_seed_of_its_own_that_the_run_gives() -> None:
    given = itertools.product((1, 2), ("ada", "bob"), ("lab a", "lab b"), ("first file", "second file"))
    seeds = [seed_of(*values) for values in given]
    assert len(set(seeds)) == 16
    assert seed_of(1, "ada", "lab a", "first file") == seeds[0]
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_ctrl_c_stops_between_two_results_and_a_second_run_goes_on(tmp_path: Path) -> None:
    hand_in(tmp_path, ada="score 10", bob="wait", eve="wait")

    def interrupt() -> None:
        while not (tmp_path / "out" / "results" / LAB / "ada.json").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Interrupted, match="Run the same command again to go on") as caught:
        run(tmp_path)
    thread.join()
    assert caught.value.exit_code == 130
    assert signal.getsignal(signal.SIGINT) is handler
    assert list(rows(tmp_path)) == ["ada"]
    assert "ada" in (tmp_path / "out" / "gradebook.csv").read_text()
    hand_in(tmp_path, bob="score 10", eve="score 10")
    run(tmp_path)
    assert {name: row.result.score for name, row in rows(tmp_path).items()} == {"ada": 10, "bob": 10, "eve": 10}


def test_memory_does_not_grow_with_the_number_of_submissions(tmp_path: Path) -> None:
    peaks = []
    for students in (100, 1_000):
        folder = tmp_path / str(students)
        folder.mkdir()
        (folder / "same.py").write_text("score 1")
        given = [sys.executable, "-c", MANY, str(folder), str(students)]
        peaks.append(int(subprocess.check_output(given, stderr=subprocess.DEVNULL)))
    assert peaks[1] - peaks[0] < 4_000  # KiB: the list of submissions and SQLite's cache, not 900 results
