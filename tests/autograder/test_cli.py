"""The command, as a person starts it: real submissions, the real sandbox, exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from autograder import __version__
from tests.autograder.command import (
    COMMAND,
    HONEST,
    LAB,
    autograder,
    grade,
    hand_in,
    results,
    scores,
    until,
)
from tests.autograder.fixtures import code_cell, notebook


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
    assert len(texts) == 7
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


def test_a_student_with_two_files_is_left_out_by_name_and_the_rest_is_graded(tmp_path: Path) -> None:
    hand_in(tmp_path, bo_4712_5_c=HONEST, ada_4711_88_a=HONEST, ada_4711_89_b=HONEST)
    done = grade(tmp_path)
    assert done.returncode == 2
    assert "autograder: Two submissions of ada_4711: " in done.stderr
    assert "note                   Two submissions of ada_4711: " in done.stdout
    assert scores(tmp_path) == {"bo_4712": "10"}


def test_what_was_not_looked_at_is_named_in_the_summary_and_the_rest_is_graded(tmp_path: Path) -> None:
    hand_in(tmp_path, bo=HONEST)
    (tmp_path / "in" / "ada.pdf").touch()
    done = grade(tmp_path)
    assert done.returncode == 0
    told = f"Not looked at, no notebook of a student's (1): {tmp_path}/in/ada.pdf."
    assert f"autograder: {told}" in done.stderr
    assert f"note                   {told}" in done.stdout
