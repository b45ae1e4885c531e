"""The command `autograder policy`, and the same files given to `autograder grade`; what `--json` tells machines."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.autograder.command import HONEST, LAB, autograder, grade, hand_in

POLICY = {"format": "upright-grading/1", "deadline": "2026-12-01T12:00:00Z", "late": "per_day", "percent": 10}


def write(folder: Path, **policy: object) -> None:
    (folder / "policy.json").write_text(json.dumps({**POLICY, **policy}))
    (folder / "roster.csv").write_text("student,name\nada,Ada L.\nbob,Bob\nzoe,Zoë\n", encoding="utf-8")
    (folder / "times.csv").write_text("student,submitted_at\nada,2026-12-01T11:00:00Z\neve,2026-12-03T11:00:00Z\n")
    (folder / "more.csv").write_text("student,days\neve,1\n")


def scores(folder: Path) -> dict[str, tuple[str, ...]]:
    with (folder / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: (row["raw"], row["penalty"], row["score"]) for row in csv.DictReader(file)}


def given(folder: Path, *names: str) -> list[object]:
    files = {"policy": "policy.json", "roster": "roster.csv", "times": "times.csv", "extensions": "more.csv"}
    return [part for name in names for part in (f"--{name}", folder / files[name])]


def test_grades_follow_the_policy_and_change_with_it_without_grading_again(tmp_path: Path) -> None:
    write(tmp_path)
    hand_in(tmp_path, ada=HONEST, bob="import math\n" + HONEST, eve=HONEST)
    done = grade(tmp_path, *given(tmp_path, "policy", "roster", "times"))
    assert done.returncode == 0, done.stderr
    for line in ("missing                1: zoe", "not on the roster      1: eve", "alike or published     3"):
        assert line in done.stdout
    assert scores(tmp_path) == {
        "ada": ("10", "0", "10"),
        "bob": ("10", "0", "10"),
        "eve": ("10", "2", "8"),
        "zoe": ("", "", ""),
    }
    changed = autograder("policy", tmp_path / "out", "--lab", LAB, *given(tmp_path, "extensions"))
    assert changed.returncode == 0, changed.stderr
    assert "costs 10 % per day" in changed.stdout
    assert scores(tmp_path)["eve"] == ("10", "1", "9")
    write(tmp_path, late="zero", percent=None)
    assert autograder("policy", tmp_path / "out", "--lab", LAB, *given(tmp_path, "policy")).returncode == 0
    assert scores(tmp_path)["eve"] == ("10", "10", "0")
    later = json.loads((tmp_path / "out" / "results" / LAB / "eve.json").read_text())
    assert (later["raw"], later["penalty"], later["score"]) == (10.0, 10.0, 0.0)


def test_what_is_not_right_is_refused_before_anything_is_graded_or_changed(tmp_path: Path) -> None:
    write(tmp_path, deadline="2026-12-01T12:00:00")
    hand_in(tmp_path, ada=HONEST)
    done = grade(tmp_path, *given(tmp_path, "policy"))
    assert done.returncode == 2
    assert "policy.json: field deadline: has no time zone" in done.stderr
    assert not (tmp_path / "out").exists()
    done = autograder("policy", tmp_path / "out", "--lab", LAB)
    assert (done.returncode, done.stderr) == (
        2,
        f"autograder: {tmp_path}/out: holds no gradebook; give the folder that `autograder grade` wrote.\n",
    )
    assert "there is no such lab" in autograder("policy", tmp_path / "out", "--lab", "lab9").stderr


def test_machines_are_told_in_lines_of_json(tmp_path: Path) -> None:
    write(tmp_path)
    hand_in(tmp_path, ada=HONEST, bob="")
    done = grade(tmp_path, "--json", *given(tmp_path, "roster"))
    assert done.returncode == 0, done.stderr
    begin, *each, end = map(json.loads, done.stdout.splitlines())
    assert begin == {"event": "begin", "lab": LAB, "total": 2}
    assert {(one["event"], one["student"], one["outcome"], one["score"]) for one in each} == {
        ("graded", "ada", "passed", 10),
        ("graded", "bob", "invalid_submission", 0),
    }
    assert (each[-1]["done"], each[-1]["total"], each[-1]["left_s"]) == (2, 2, 0)
    assert each[-1]["outcomes"] == {"passed": 1, "invalid_submission": 1}
    assert each[-1]["per_minute"] > 0
    assert (end["event"], end["graded"], end["missing"], end["exit_code"]) == ("end", 2, ["zoe"], 0)
    again = [json.loads(line) for line in grade(tmp_path, "--json").stdout.splitlines()]
    assert [one["event"] for one in again] == ["begin", "kept", "kept", "end"]


@pytest.mark.parametrize("arguments", [["--jobs", "0"], ["--policy", "nowhere.json"]])
def test_machines_are_told_why_nothing_was_graded(arguments: list[str], tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    done = grade(tmp_path, "--json", *arguments)
    [told] = map(json.loads, done.stdout.splitlines())
    assert (told["event"], told["exit_code"]) == ("error", done.returncode) == ("error", 2)
    assert done.stderr == f"autograder: {told['message']}\n"


def test_a_deadline_that_cannot_be_applied_is_told_in_the_summary(tmp_path: Path) -> None:
    """Canvas's mark has no time in it, and without a time nobody is late."""
    write(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("lovelaceada_LATE_4711_88_lab.py", "hoppergrace_4712_89_lab.py"):
        (tmp_path / "in" / name).write_text(HONEST)
    given_policy = ["--policy", tmp_path / "policy.json"]
    done = autograder("grade", tmp_path / "in", "--lab", LAB, "--out", tmp_path / "late", *given_policy)
    assert "at an unknown time     2, who count as in time (--times tells when)" in done.stdout
    assert "marked late by Canvas  1, who count as in time (--times tells when)" in done.stdout
    again = autograder("grade", tmp_path / "in", "--lab", LAB, "--out", tmp_path / "late", "--json")
    end = json.loads(again.stdout.splitlines()[-1])
    assert (end["unknown_times"], end["marked_late"]) == (2, 1)
