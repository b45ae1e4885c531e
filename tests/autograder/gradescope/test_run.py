"""What Gradescope runs for a submission, with the real grader in the real sandbox."""

from __future__ import annotations

import contextlib
import json
import signal
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest

from tests.autograder.command import HONEST, SLEEPING, until
from tests.autograder.gradescope.folders import Root, cells, lay_out
from tools import labs
from upright import Policy
from upright.checks import exports
from upright.policy import MIME
from upright.search import MIME as SEARCH

POLICY = {
    "format": "upright-grading/1",
    "deadline": "2030-01-01T00:00:00Z",
    "late": "per_day",
    "percent": 10,
    "cap_percent": 50,
}


def solution(lab: str) -> str:
    return nbformat.writes(labs.instructor_notebook(labs.SOLUTIONS / f"{lab}.md"))


def with_policy(folder: Path, home: Path, **changes: object) -> Root:
    (folder / "policy.json").write_text(json.dumps({**POLICY, **changes}))
    return lay_out(folder, home, "--policy", folder / "policy.json")


@pytest.mark.parametrize(
    "lab",
    ["lab1_episodes", *(pytest.param(lab, marks=pytest.mark.slow) for lab in ("lab2_policies", "lab4_vectorize"))],
)
def test_a_solution_gets_all_points(lab: str, tmp_path: Path, home: Path) -> None:
    root = lay_out(tmp_path, home, lab=lab)
    root.submit("my notebook (2).ipynb", solution(lab))
    found, printed = root.run()
    assert found.score == sum(test.score for test in found.tests) == 10
    assert {test.status for test in found.tests} == {"passed"}
    assert found.output.startswith(f"{lab}: 10 of 10 points.")
    assert (found.visibility, found.stdout_visibility) == ("visible", "hidden")
    assert found.leaderboard is None
    assert found.extra_data["upright"]["outcome"] == "passed"
    assert f"{lab}: passed, sandbox: " in printed


def test_a_policy_is_graded_from_the_output_of_its_cell(tmp_path: Path, home: Path) -> None:
    root = lay_out(tmp_path, home, "--leaderboard", "--visibility", "after_due_date", lab="lab3_ppo")
    good = Policy.linear(np.array([[0.0, 0.0, 0.0, 0.0], [0.1, 0.5, 1.0, 1.0]]))
    output = {"output_type": "display_data", "metadata": {}, "data": exports.bundle(good, MIME, "")}
    text = json.loads(cells("raise SystemExit('this is never run')"))
    text["cells"][0]["outputs"] = [output]
    root.submit("lab3_ppo.ipynb", json.dumps(text))
    found, _ = root.run()
    assert found.score == 10
    assert found.extra_data["upright"]["sandbox"] == "none"
    assert {test.visibility for test in found.tests} == {found.visibility} == {"after_due_date"}
    assert found.leaderboard is not None
    assert [(one.name, one.value, one.order) for one in found.leaderboard] == [("Points", 10, "desc")]


@pytest.mark.slow
def test_a_search_is_trained_again(tmp_path: Path, home: Path) -> None:
    root = lay_out(tmp_path, home, lab="lab5_tune")
    trials = [{"config": {"lr": n / 1000}, "env_steps": 3_000, "solved": True} for n in range(1, 8)]
    data = {SEARCH: {"format": "upright-search/1", "trials": trials, "best": {"lr": 0.005}}}
    text = json.loads(cells("pass"))
    text["cells"][0]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
    root.submit("lab5_tune.ipynb", json.dumps(text))
    found, _ = root.run()
    assert found.score > 0
    assert "Best configuration" in found.output


def test_an_empty_lab_gets_no_points_and_hears_what_is_missing(root: Root) -> None:
    root.submit("lab1_episodes.ipynb", Path(labs.ROOT / "labs" / "lab1_episodes.ipynb").read_text(encoding="utf-8"))
    found, _ = root.run()
    assert found.score == 0
    assert {test.status for test in found.tests} == {"failed"}
    assert all(test.output for test in found.tests)


def test_without_a_notebook_the_student_hears_what_to_hand_in(root: Root) -> None:
    root.submit("essay.txt", "Dear sir")
    found, _ = root.run()
    assert (found.score, found.tests) == (0, [])
    assert "No notebook was handed in. Hand in lab1_episodes.ipynb." in found.output


def test_two_notebooks_are_named(root: Root) -> None:
    root.submit("final.ipynb", cells(HONEST))
    root.submit("old/final <b>2.ipynb", cells(HONEST))
    found, _ = root.run()
    assert found.score == 0
    assert "2 files .ipynb were handed in (final.ipynb, old/final <b>2.ipynb)" in found.output


def test_a_late_submission_loses_what_the_policy_says(tmp_path: Path, home: Path) -> None:
    root = with_policy(tmp_path, home)
    earlier = [{"score": 9.0, "autograder_error": True}, {"score": 7.5, "autograder_error": False}, {"score": None}]
    root.metadata(created_at="2026-11-22T22:00:00.000000-08:00", previous_submissions=earlier)
    root.submit("mine.ipynb", cells(HONEST))
    found, _ = root.run()
    assert found.score == 8
    assert sum(test.score for test in found.tests) == 10
    assert "It came 1 d 12 h after 2026-11-21T18:00:00+00:00: 2 points less." in found.output


def test_broken_metadata_is_named_and_costs_nothing(tmp_path: Path, home: Path) -> None:
    root = with_policy(tmp_path, home, deadline="2020-01-01T00:00:00Z")
    root.submit("mine.ipynb", cells(HONEST))
    root.metadata(text="{")
    found, printed = root.run()
    assert found.score == 10
    note = "submission_metadata.json: is not JSON that can be read. Lateness was not looked at."
    assert note in found.output
    assert note in printed


@pytest.mark.slow
def test_a_notebook_that_never_ends_loses_its_own_points_only(root: Root) -> None:
    root.change(seconds=300)
    root.submit("mine.ipynb", cells(HONEST, "def td_target(*given):\n    while True:\n        pass\n"))
    found, _ = root.run()
    assert found.score == 7
    assert any(test.tags == ["limit"] and "(limit: call)" in test.output for test in found.tests)


def test_when_gradescopes_time_is_up_there_is_a_result_and_no_grade(root: Root) -> None:
    root.change(seconds=47)
    root.submit("mine.ipynb", cells(SLEEPING))
    found, printed = root.fail()
    assert found.output.startswith("Grading took longer than Gradescope allows. This is not a grade")
    assert "No grade: the time was up." in printed


def grades(grader: psutil.Process) -> bool:
    """Whether the process that grades is there; what looks for a sandbox before it comes and goes."""
    found = []
    for child in grader.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found += child.cmdline()
    return "autograder.worker" in found


@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGTERM, "Grading was stopped."), (signal.SIGKILL, "This is not a grade")]
)
def test_a_run_that_is_stopped_or_killed_leaves_a_result_that_is_no_grade(
    root: Root, number: signal.Signals, said: str
) -> None:
    root.submit("mine.ipynb", cells(SLEEPING))
    running = root.start()
    grader = psutil.Process(running.pid)
    until(lambda: grades(grader))
    for process in [grader, *grader.children()] if number == signal.SIGKILL else [grader]:
        process.send_signal(number)
    printed = running.communicate(timeout=60)[0]
    assert ("No grade: stopped by signal 15." in printed) == (number == signal.SIGTERM)
    assert root.unfinished().output.startswith(said)


def test_where_setup_failed_there_is_still_a_result(root: Root, tmp_path: Path) -> None:
    found, _ = Root(root.path, tmp_path / "nowhere").fail(code=127)
    assert found.output.startswith("This is not a grade")


def test_a_bundle_whose_settings_are_damaged_says_so_to_instructors_alone(root: Root) -> None:
    root.change(lab="lab9", seed=-1)
    root.submit("mine.ipynb", cells(HONEST))
    found, printed = root.fail()
    assert "settings.json: field seed" in printed
    assert "Traceback" not in printed
    assert "settings" not in found.output


def test_the_same_file_of_the_same_student_gets_the_same_cases_again(root: Root) -> None:
    root.submit("mine.ipynb", cells(HONEST.replace("gamma * next_value", "next_value")))
    first, again = root.run()[0], root.run()[0]
    assert first.tests == again.tests
