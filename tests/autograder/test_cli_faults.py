"""The command when something gives way: disks, signals, other graders, streams that nobody reads."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder import __version__
from tests.autograder.command import (
    COMMAND,
    HONEST,
    LAB,
    SLEEPING,
    autograder,
    grade,
    hand_in,
    scores,
    until,
    workers,
)


def test_a_full_disk_is_told_in_a_sentence_and_no_grade_is_lost(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    assert grade(tmp_path).returncode == 0
    before = (tmp_path / "out" / "results" / LAB / "ada.json").read_bytes()
    hand_in(
        tmp_path, bob=HONEST.replace("if terminated or truncated", "if truncated or terminated")
    )  # no copy of ada's
    limited = ["bash", "-c", 'ulimit -f 8; exec "$@"', "bash", *COMMAND]  # 8 KiB: less than SQLite's log needs
    given = ["grade", str(tmp_path / "in"), "--lab", LAB, "--out", str(tmp_path / "out")]
    done = subprocess.run([*limited, *given], capture_output=True, text=True, timeout=240)
    assert done.returncode == 5, done.stderr
    assert "cannot be read and written" in done.stderr
    assert "Traceback" not in done.stderr
    assert grade(tmp_path).returncode == 0
    assert scores(tmp_path) == {"ada": "10", "bob": "10"}
    assert (tmp_path / "out" / "results" / LAB / "ada.json").read_bytes() == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here: that takes root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_on_a_disk_that_fills_up_what_was_graded_stays_and_more_space_is_enough(
    small_disk: Path, tmp_path: Path
) -> None:
    hand_in(tmp_path, **{f"student{number}": "" for number in range(100)})
    given = ("grade", tmp_path / "in", "--lab", LAB, "--out", small_disk / "out")
    done = autograder(*given)
    assert done.returncode == 5, done.stderr
    [sentence] = [line for line in done.stderr.splitlines() if "submission" not in line]
    assert "cannot be written (No space left on device)" in sentence or "database or disk is full" in sentence
    assert sentence.endswith("un the same command again.")
    kept = done.stderr.count("invalid_submission")
    assert kept > 5
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    again = autograder(*given)
    assert again.returncode == 0, again.stderr
    before = int(again.stdout.split("had their grade before ")[1].split()[0])
    assert kept <= before < 100
    assert len(list((small_disk / "out" / "results" / LAB).iterdir())) == 100


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_cleanly_and_the_same_command_goes_on(number: int, code: int, tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST, bob=SLEEPING, eve=SLEEPING)
    given = ["grade", str(tmp_path / "in"), "--lab", LAB, "--out", str(tmp_path / "out"), "--jobs", "2"]
    command = subprocess.Popen([*COMMAND, *given], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until((tmp_path / "out" / "results" / LAB / "ada.json").exists)
    started = psutil.Process(command.pid).children(recursive=True)
    command.send_signal(number)
    _, told = command.communicate(timeout=60)
    assert command.returncode == code
    assert "stopped; what was graded is in the gradebook. Run the same command again to go on." in told
    assert "Traceback" not in told
    assert psutil.wait_procs(started, timeout=60)[1] == []
    assert scores(tmp_path) == {"ada": "10"}
    hand_in(tmp_path, bob=HONEST, eve=HONEST)
    assert "had their grade before 1" in grade(tmp_path).stdout
    assert scores(tmp_path) == {"ada": "10", "bob": "10", "eve": "10"}


def test_killed_at_once_it_leaves_no_process_and_loses_no_grade(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST, bob=SLEEPING)
    given = ["grade", str(tmp_path / "in"), "--lab", LAB, "--out", str(tmp_path / "out"), "--jobs", "1"]
    command = subprocess.Popen([*COMMAND, *given], text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until((tmp_path / "out" / "results" / LAB / "ada.json").exists)
    started = psutil.Process(command.pid).children(recursive=True)
    command.kill()
    command.wait()
    assert psutil.wait_procs(started, timeout=60)[1] == []
    hand_in(tmp_path, bob=HONEST)
    assert "had their grade before 1" in grade(tmp_path).stdout
    assert scores(tmp_path) == {"ada": "10", "bob": "10"}


def test_a_grader_that_fails_twice_says_so_with_exit_code_3_and_gives_no_zero(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=SLEEPING)
    given = ["grade", str(tmp_path / "in"), "--lab", LAB, "--out", str(tmp_path / "out"), "--jobs", "1"]
    command = subprocess.Popen([*COMMAND, *given], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    killed: set[int] = set()
    while command.poll() is None and len(killed) < 2:
        for worker in workers(command):
            if worker.pid not in killed:
                worker.kill()
                killed.add(worker.pid)
        time.sleep(0.02)
    told, errors = command.communicate(timeout=60)
    assert command.returncode == 3, errors
    assert "ada: infrastructure_error: The grader failed: the worker was ended by SIGKILL." in errors
    assert "run the same command again" in told
    assert scores(tmp_path) == {"ada": ""}


def test_a_second_grader_on_one_folder_stops_with_a_sentence(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=SLEEPING)
    given = ["grade", str(tmp_path / "in"), "--lab", LAB, "--out", str(tmp_path / "out")]
    first = subprocess.Popen([*COMMAND, *given], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: (tmp_path / "out" / "gradebook.sqlite").exists())
    second = grade(tmp_path)
    first.terminate()
    first.wait()
    assert second.returncode == 2
    assert "another grader is at work on it" in second.stderr


@pytest.mark.parametrize("where", [">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full", "2>/dev/full", "2>&1 | true"])
def test_where_nobody_can_read_what_it_says_it_grades_all_the_same(where: str, tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    given = f'exec "$@" {where}' if "|" not in where else f'set -o pipefail; "$@" {where}'
    arguments = ["grade", str(tmp_path / "in"), "--lab", LAB, "--out", str(tmp_path / "out")]
    done = subprocess.run(["bash", "-c", given, "bash", *COMMAND, *arguments], stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert scores(tmp_path) == {"ada": "10"}


def test_a_terminal_without_a_sign_is_told_the_rest(tmp_path: Path) -> None:
    hand_in(tmp_path, zoë=HONEST.replace("total += reward", "total = reward"))
    done = grade(tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert "not passed             1 \\xd7 run_episode" in done.stdout


def test_modules_beside_the_submissions_are_not_imported_by_the_grader(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    for name in ("numpy", "json", "sqlite3", "upright"):
        (tmp_path / f"{name}.py").write_text("open('imported', 'w'); raise SystemExit(9)")
    done = grade(tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "imported").exists()
    assert scores(tmp_path) == {"ada": "10"}


def test_on_a_terminal_there_is_a_bar(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST, bob=HONEST)
    ours, theirs = pty.openpty()
    given = ["grade", str(tmp_path / "in"), "--lab", LAB, "--out", str(tmp_path / "out")]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    command = subprocess.Popen([*COMMAND, *given], stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
    os.close(theirs)
    seen = b""
    try:
        while data := os.read(ours, 65_536):
            seen += data
    except OSError:
        pass  # the terminal is gone with the command
    assert command.wait() == 0
    text = seen.decode()
    assert "2/2" in text
    assert "a minute" in text
    assert "2 passed" in text


def test_help_lists_the_exit_codes_and_version_the_version() -> None:
    told = autograder("grade", "--help")
    assert told.returncode == 0
    for code in ("0 ", "2 ", "3 ", "4 ", "5 ", "130", "143"):
        assert f"  {code}" in told.stdout or f" {code} by" in told.stdout
    assert autograder("--version").stdout == f"autograder {__version__}\n"
