"""Whatever ends a run, and however often: the same command again ends with the exports of a run that nothing ended."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

# The real batch, workers, gradebook and exports; only what judges a submission is a function of a few lines.
RUN = """
import os, pathlib, sys
from autograder import batch, course, submissions
from autograder.errors import GraderError
from autograder.gradebook import Gradebook
from autograder.progress import Progress

folder, out, lab = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), "lab1_episodes"
found = submissions.find([folder], lab)
try:
    with Gradebook.open(out) as book:
        seed = course.run_seed(book, lab, int(sys.argv[3]) if len(sys.argv) > 3 else None)
        given = batch.Settings(lab, seed, workers=2, grade="tests.autograder.fixtures:quiet")
        batch.grade(found, book, given, Progress(len(found), lab, out))
except GraderError as reason:
    sys.exit(f"{reason} ({reason.exit_code})")
"""
STUDENTS = 40


def hand_in(folder: Path) -> Path:
    folder.mkdir()
    for number in range(STUDENTS):
        (folder / f"student{number:02d}.py").write_text(f"score {number % 7}")
    return folder


def start(folder: Path, out: Path, *seed: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", RUN, folder, out, *seed], stderr=subprocess.DEVNULL)


def exports(out: Path) -> dict[str, bytes]:
    """Every export's bytes, by its path."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and not path.name.startswith((".", "gradebook.sqlite")):
            found[str(path.relative_to(out))] = path.read_bytes()
    return found


def killed(folder: Path, out: Path, kills: int, rng: random.Random, *seed: str) -> int:
    """Run until that many runs were killed before their end, each at a random moment. Returns how many began."""
    began = done = 0
    while done < kills:
        began += 1
        run = start(folder, out, *seed)
        # A moment after the last result: starting takes most of a run, and is not what may lose something.
        before = len(list(out.glob("results/*/*"))) if rng.random() < 0.8 else -1
        while before >= 0 and run.poll() is None and len(list(out.glob("results/*/*"))) <= before:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.03 if before >= 0 else 0.5))
        run.kill()
        done += run.wait() == -9
        if len(list(out.glob("results/*/*"))) >= STUDENTS - 5:
            assert start(folder, out, *seed).wait() == 0
            return done
    return done


def check_kills(tmp_path: Path, kills: int) -> None:
    folder, rng = hand_in(tmp_path / "in"), random.Random(6)
    assert start(folder, tmp_path / "whole", "5").wait() == 0
    whole = exports(tmp_path / "whole")
    assert len(whole) == STUDENTS + 2
    done = 0
    while done < kills:
        out = tmp_path / "out"
        done += killed(folder, out, kills - done, rng, "5")
        assert start(folder, out, "5").wait() == 0
        assert exports(out) == whole
        shutil.rmtree(out)


def test_a_few_kills_at_random_moments_change_no_byte_of_the_exports(tmp_path: Path) -> None:
    check_kills(tmp_path, 4)


@pytest.mark.slow
def test_fifty_kills_at_random_moments_change_no_byte_of_the_exports(tmp_path: Path) -> None:
    check_kills(tmp_path, 50)


def test_a_disk_that_fills_up_again_and_again_changes_no_byte_of_the_exports(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "in")
    assert start(folder, tmp_path / "whole", "5").wait() == 0
    ends = []
    for kib in (24, 120, 200, 280):  # of any one file, SQLite's log among them
        limited = ["bash", "-c", f'ulimit -f {kib}; exec "$@"', "bash", sys.executable, "-c", RUN]
        done = subprocess.run([*limited, folder, tmp_path / "out", "5"], capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        ends.append("(5)" in done.stderr)
    assert sum(ends) >= 2
    assert start(folder, tmp_path / "out", "5").wait() == 0
    assert exports(tmp_path / "out") == exports(tmp_path / "whole")


def test_a_lost_machine_costs_nothing_but_time_where_the_seed_is_given(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "in")
    for name in ("first", "second"):
        assert start(folder, tmp_path / name, "5").wait() == 0
    assert exports(tmp_path / "first") == exports(tmp_path / "second")


def test_a_run_that_was_killed_goes_on_with_the_secret_seed_that_it_drew(tmp_path: Path) -> None:
    folder, out = hand_in(tmp_path / "in"), tmp_path / "out"
    run = start(folder, out)
    while not list(out.glob("results/*/*")):
        time.sleep(0.005)
    run.kill()
    run.wait()
    from autograder.course import run_seed
    from autograder.gradebook import Gradebook

    with Gradebook.open(out) as book:
        seed = run_seed(book, "lab1_episodes", None)
    assert start(folder, out).wait() == 0
    assert start(folder, tmp_path / "whole", str(seed)).wait() == 0
    assert exports(out) == exports(tmp_path / "whole")
