"""The command, as a person starts it: real submissions, the real sandbox, exit codes."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from autograder import __version__
from tests.autograder.fixtures import code_cell, notebook

LAB = "lab1_episodes"
COMMAND = [sys.executable, "-m", "autograder"]
HONEST = """
def run_episode(env, policy):
    observation, _ = env.reset()
    total = 0.0
    while True:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        if terminated or truncated:
            return total


def evaluate(env, policy, episodes):
    return [run_episode(env, policy) for _ in range(episodes)]


def td_target(reward, next_value, terminated, truncated, gamma):
    return reward if terminated else reward + gamma * next_value
"""
SLEEPING = "import time\ntime.sleep(600)\n"


def autograder(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    given = [*COMMAND, *map(str, arguments)]
    return subprocess.run(given, capture_output=True, text=True, timeout=240, **options)  # type: ignore[call-overload]


def grade(folder: Path, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    return autograder("grade", folder / "in", "--lab", LAB, "--out", folder / "out", *arguments, **options)


def hand_in(folder: Path, **sources: str) -> None:
    (folder / "in").mkdir(exist_ok=True)
    for student, source in sources.items():
        (folder / "in" / f"{student}.py").write_text(source)


def scores(folder: Path) -> dict[str, str]:
    with (folder / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: row["score"] for row in csv.DictReader(file)}


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not happen within a minute"
        time.sleep(0.02)


def results(folder: Path) -> dict[str, object]:
    """What each student's file says, but for when it was graded and how long that took."""
    found: dict[str, object] = {}
    for path in (folder / "out" / "results" / LAB).iterdir():
        data = json.loads(path.read_text())
        found[path.stem] = {name: data[name] for name in data if name not in ("graded_at", "duration_s")}
    return found


def workers(command: subprocess.Popen[str]) -> list[psutil.Process]:
    return [child for child in psutil.Process(command.pid).children() if "autograder.worker" in child.cmdline()]


def test_a_folder_of_downloads_becomes_a_gradebook(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST, bob=HONEST.replace("total += reward", "total = reward"))
    (tmp_path / "in" / "eve.ipynb").write_text("no notebook")
    (tmp_path / "in" / "zoë.ipynb").write_text(notebook(code_cell("%time\n!ls\n" + HONEST)))
    done = grade(tmp_path, "--seed", 1)
    assert done.returncode == 0, done.stderr
    found = scores(tmp_path)
    assert (found["ada"], found["zoë"], found["eve"]) == ("10", "10", "0")
    assert 0 < float(found["bob"]) < 10
    for expected in (
        "graded                 4",
        "passed                 2",
        "invalid submissions    1",
        "gradebook.sqlite",
        "not passed",
    ):
        assert expected in done.stdout
    assert "eve: invalid_submission: eve.ipynb: it is not a notebook" in done.stderr
    result = json.loads((tmp_path / "out" / "results" / LAB / "ada.json").read_text())
    assert (result["outcome"], result["grader_version"]) == ("passed", __version__)
    again = grade(tmp_path)
    assert again.returncode == 0
    assert "had their grade before 4" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--lab", "lab9", "--out", "out"],
            "--lab lab9: there is no such lab; there are lab1_episodes, lab2_policies,",
        ),
        (["--lab", LAB, "--out", "out", "--jobs", "0"], "--jobs 0: give a whole number from 1 to 1000."),
        (["--lab", LAB, "--out", "out", "--seed", "-1"], "--seed -1: give a whole number"),
        (["--lab", LAB, "--out", "out", "--variant", "1000000"], "--variant 1000000: give a whole number"),
        (
            ["--lab", LAB, "--out", "out", "--sandbox", "jail"],
            "--sandbox jail: there is no such sandbox; there are bubblewrap-root",
        ),
        (["--lab", LAB, "--out", "out", "--sandbox", "landlock", "--unsafe"], "give only one of them."),
        (["--lab", LAB], "the following arguments are required: --out"),
    ],
)
def test_a_command_that_is_not_right_is_refused_in_a_sentence(
    arguments: list[str], sentence: str, tmp_path: Path
) -> None:
    hand_in(tmp_path, ada=HONEST)
    done = autograder("grade", tmp_path / "in", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_two_of_one_name_are_refused_before_anything_runs(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    (tmp_path / "in" / "Ada.ipynb").write_text(notebook())
    done = grade(tmp_path)
    assert done.returncode == 2
    assert "in/Ada.ipynb and " in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_gradebook_of_another_program_is_left_alone_with_exit_code_5(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    (tmp_path / "out").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "out" / "gradebook.sqlite")) as raw, raw:
        raw.execute("CREATE TABLE users (name)")
    done = grade(tmp_path)
    assert done.returncode == 5
    assert done.stderr.startswith(f"autograder: {tmp_path}/out/gradebook.sqlite: is not a gradebook but another")
    assert done.stderr.count("\n") == 1


def test_with_the_same_seed_two_runs_find_the_same_and_one_killed_between_does_too(tmp_path: Path) -> None:
    wrong = HONEST.replace("reward + gamma", "reward - gamma").replace("total += reward", "total += 2 * reward")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        hand_in(tmp_path / name, ada=HONEST, bob=wrong, eve=wrong, zed=HONEST)
    assert grade(tmp_path / "first", "--seed", 5).returncode == 0
    second = tmp_path / "second"
    given = ["grade", str(second / "in"), "--lab", LAB, "--out", str(second / "out"), "--seed", "5", "--jobs", "1"]
    command = subprocess.Popen([*COMMAND, *given], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until((second / "out" / "results" / LAB / "ada.json").exists)
    command.kill()
    command.wait()
    assert autograder(*given).returncode == 0
    found = results(second)
    assert found == results(tmp_path / "first")
    assert found["bob"] != found["ada"]


def test_what_a_student_wrote_reaches_neither_terminal_nor_table_as_it_came(tmp_path: Path) -> None:
    hostile = "\\x1b]0;owned\\x07\\x1b[2J=HYPERLINK(1)\\u202e\\x00"
    hand_in(tmp_path, **{"=1+1": f"raise ValueError('{hostile}\\ud800')", "@SUM": f"print('{hostile}')\n{HONEST}"})
    (tmp_path / "in" / "+2.ipynb").write_bytes(b"\x1b]0;owned\x07")
    done = grade(tmp_path)
    assert done.returncode == 0, done.stderr
    written = [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".json", ".csv")]
    texts = [done.stdout, done.stderr, *(path.read_text(encoding="utf-8") for path in written)]
    assert len(texts) == 6
    for sign in ("\x1b", "\x07", "\u202e", "\x00", "\\u001b", "\\u0007", "\\ud800"):
        assert not any(sign in text for text in texts)
    assert "ValueError: =HYPERLINK(1)" in (tmp_path / "out" / "results" / LAB / "=1+1.json").read_text()
    assert scores(tmp_path) == {"'=1+1": "0", "'@SUM": "10", "'+2": "0"}


def test_where_no_sandbox_works_the_exit_code_is_4_and_nobody_has_a_grade(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    done = grade(tmp_path, "--sandbox", "bubblewrap-root", env={**os.environ, "PATH": "/nowhere"})
    assert done.returncode == 4
    assert "No sandbox works here." in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").glob("results/*/*"))


def test_without_a_sandbox_every_result_is_marked_and_does_not_stand_later(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    path = tmp_path / "out" / "results" / LAB / "ada.json"
    assert grade(tmp_path, "--unsafe").returncode == 0
    assert json.loads(path.read_text())["sandbox"] == "unsafe"
    assert grade(tmp_path).returncode == 0
    assert json.loads(path.read_text())["sandbox"] != "unsafe"


def test_a_full_disk_is_told_in_a_sentence_and_no_grade_is_lost(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    assert grade(tmp_path).returncode == 0
    before = (tmp_path / "out" / "results" / LAB / "ada.json").read_bytes()
    hand_in(tmp_path, bob=HONEST)
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
    """A file system of 300 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], capture_output=True)
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
    assert sentence.endswith(
        "json: cannot be written (No space left on device); the grades are in the gradebook: run "
        "the same command again."
    )
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
