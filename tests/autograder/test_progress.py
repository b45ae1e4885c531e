"""What is told while a batch runs and at its end: each submission counted once, nothing of a student's raw."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder import progress as module
from autograder.progress import Progress
from tests.autograder.fixtures import lost, result
from upright.checks.verdict import Check

LAB = "lab1_episodes"


def rows(progress: Progress) -> dict[str, str]:
    """The summary's lines, by their names."""
    return {line[2:25].strip(): line[25:] for line in progress.summary() if line.startswith("  ")}


def test_the_summary_counts_each_outcome_and_what_was_kept(tmp_path: Path) -> None:
    progress = Progress(5, LAB, tmp_path)
    progress.graded(result("a", outcome="passed", score=10.0, checks=[], sandbox="landlock"))
    progress.graded(result("b", score=5.0))
    progress.graded(result("c", outcome="invalid_submission", score=0.0, checks=[]))
    progress.graded(lost("d"))
    progress.kept(result("e", score=1.0))
    found = rows(progress)
    assert found["graded"].startswith("4 (")
    assert found["had their grade before"] == "1 (--regrade grades them again)"
    outcomes = ("passed", "failed", "invalid submissions", "infrastructure errors")
    assert [found[name] for name in outcomes] == ["1", "2", "1", "1"]
    assert found["sandbox"] == "landlock, none"
    assert found["table"] == str(tmp_path / "gradebook.csv")
    assert found["gradebook"] == str(tmp_path / "gradebook.sqlite")


def test_a_fault_of_the_grader_is_not_a_zero_in_the_mean(tmp_path: Path) -> None:
    progress = Progress(3, LAB, tmp_path)
    for one in (result("a", score=10.0), result("b", score=5.0), lost("c")):
        progress.graded(one)
    assert rows(progress)["mean score"] == "7.50 of 10"
    assert "have no grade: run the same command again." in progress.summary()[-1]


def test_where_every_submission_was_lost_there_is_no_mean(tmp_path: Path) -> None:
    progress = Progress(1, LAB, tmp_path)
    progress.graded(lost())
    assert "mean score" not in rows(progress)


def test_the_checks_that_most_missed_and_the_flags_are_told(tmp_path: Path) -> None:
    missed = [Check(name, 0.0, 1.0, "failed", None, "", "") for name in ("often", "seldom")]
    progress = Progress(3, LAB, tmp_path)
    progress.graded(result("a", checks=missed, flags=["weights nearly equal to published ones"]))
    progress.graded(result("b", checks=missed[:1]))
    progress.graded(result("c", checks=[Check("seldom", 1.0, 1.0, "passed", None, "", "")]))
    told = progress.summary()
    assert [line[25:] for line in told if "not passed" in line] == ["2 × often", "1 × seldom"]
    assert rows(progress)["flagged"] == "1 (column flags of the table)"


def test_what_needs_a_person_is_told_at_once_and_harmless(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    progress = Progress(2, LAB, tmp_path)
    progress.begin()
    progress.graded(result("eve", outcome="invalid_submission", notes=["\x1b]0;owned\x07eve\u202e.py is empty."]))
    progress.graded(lost("bob", notes=["The grader failed: [red]why[/red]."]))
    progress.stop()
    assert capfd.readouterr().err.splitlines() == [
        f"autograder: 2 submissions of {LAB}",
        "autograder: eve: invalid_submission: eve.py is empty.",
        "autograder: bob: infrastructure_error: The grader failed: [red]why[/red].",
    ]


def test_where_there_is_no_terminal_a_line_now_and_then_tells_how_far_it_is(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Progress(3, LAB, tmp_path)
    progress.graded(result("a"))
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(module, "LINE_SECONDS", 0.0)
    progress.graded(result("b", outcome="passed"))
    told = capfd.readouterr().err
    assert told.startswith("autograder: 2 of 3, ")
    assert told.endswith(" left: 1 failed, 1 passed\n")


def test_one_submission_is_told_in_the_singular(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Progress(1, LAB, tmp_path).begin()
    assert capfd.readouterr().err == f"autograder: 1 submission of {LAB}\n"


def test_who_counts_as_in_time_for_want_of_a_time_is_told(tmp_path: Path) -> None:
    progress = Progress(1, LAB, tmp_path)
    assert "at an unknown time" not in rows(progress)
    progress.unknown_times, progress.marked_late = 30, 5
    found = rows(progress)
    assert found["at an unknown time"] == "30, who count as in time (--times tells when)"
    assert found["marked late by Canvas"] == "5, who count as in time (--times tells when)"


def test_the_bar_of_a_terminal_tells_the_same_time_left_as_the_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What had its grade before took no time: 8 of 10 are done, and the two others take as long as the one did."""
    clock = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    progress = Progress(10, LAB, tmp_path)
    progress.begin()
    for number in range(7):
        progress.kept(result(f"s{number}"))
    clock[0] = 90.0
    progress.graded(result("t"))
    progress.stop()
    assert "3:00 left" in capsys.readouterr().err
