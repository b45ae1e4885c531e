"""From a file to a result, through the real sandbox: solutions, untouched labs, common mistakes, habits of old."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.grading import grade
from autograder.job import Job
from autograder.result import Result
from tests.conftest import WORKER
from tests.upright.checks.mistakes import Mistake, mistakes, solution
from tools import labs
from upright import checks

CODE_LABS = ("lab1_episodes", "lab2_policies", "lab4_vectorize")
QUICK = [mistake for lab in CODE_LABS[:2] for mistake in mistakes(lab)]
SLOW = mistakes("lab4_vectorize")


@pytest.fixture(scope="module", autouse=True)
def _one_core() -> Iterator[None]:
    """As a worker has it: asker and answerer take turns on one core, which no other worker of pytest takes."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[WORKER % len(before)]})
    yield
    os.sched_setaffinity(0, before)


def graded(path: Path, lab: str, seed: int = 7) -> Result:
    return grade(Job(str(path), "ada", lab, seed))


def handed_in(folder: Path, *cells: str) -> Path:
    """A notebook with these cells."""
    path = folder / "ada.ipynb"
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=code), path)
    return path


@pytest.mark.parametrize("lab", CODE_LABS)
def test_the_solution_as_a_notebook_gets_ten_points(lab: str, tmp_path: Path) -> None:
    path = tmp_path / "ada.ipynb"
    nbformat.write(labs.instructor_notebook(labs.SOLUTIONS / f"{lab}.md"), path)
    result = graded(path, lab)
    assert (result.outcome, result.score, result.max_score, result.notes) == ("passed", 10, 10, [])


def test_the_solution_as_a_python_file_gets_ten_points(tmp_path: Path) -> None:
    path = tmp_path / "ada.py"
    path.write_text("\n\n".join(solution("lab1_episodes")), encoding="utf-8")
    assert graded(path, "lab1_episodes").score == 10


@pytest.mark.parametrize("lab", sorted(checks.LABS))
def test_the_untouched_lab_gets_no_point_and_a_sentence_for_every_check(lab: str) -> None:
    result = graded(labs.LABS / f"{lab}.ipynb", lab)
    assert (result.outcome, result.score) == ("failed", 0)
    assert [check.outcome for check in result.checks if check.outcome == "passed"] == []
    assert all(check.message for check in result.checks)


def lost(mistake: Mistake, folder: Path) -> None:
    result = graded(handed_in(folder, *solution(mistake.lab), mistake.source), mistake.lab)
    check = next(check for check in result.checks if check.name == mistake.check)
    assert check.outcome in ("failed", "student_error")
    assert check.points == 0
    assert mistake.hint in check.hint


@pytest.mark.parametrize("mistake", QUICK, ids=[f"{one.lab}: {one.name}" for one in QUICK])
def test_a_mistake_loses_its_check_with_its_own_hint_in_the_sandbox_too(mistake: Mistake, tmp_path: Path) -> None:
    lost(mistake, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("mistake", SLOW, ids=[one.name for one in SLOW])
def test_a_mistake_of_lab_4_loses_its_check_with_its_own_hint_in_the_sandbox_too(
    mistake: Mistake, tmp_path: Path
) -> None:
    lost(mistake, tmp_path)


def test_the_same_seed_gives_the_same_result_and_another_seed_other_cases(tmp_path: Path) -> None:
    wrong = "def td_target(reward, next_value, terminated, truncated, gamma):\n    return reward + gamma * next_value\n"
    path = handed_in(tmp_path, *solution("lab1_episodes"), wrong)
    results = [graded(path, "lab1_episodes", seed).to_json() for seed in (1, 1, 2)]
    for result in results:
        result.pop("duration_s")
    assert results[0] == results[1]
    assert results[0]["checks"] != results[2]["checks"]


def test_no_result_holds_the_cases_it_was_graded_on(tmp_path: Path) -> None:
    path = handed_in(tmp_path, "def run_episode(env, policy):\n    env.reset()\n    return 0.0")
    text = json.dumps(graded(path, "lab1_episodes").to_json())
    assert "observations" not in text
    assert "rewards=(" not in text


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("import gym\nenv = gym.make('CartPole-v0')", "import gymnasium as gym"),
        (
            "def run_episode(env, policy):\n"
            "    observation = env.reset()\n"
            "    while True:\n"
            "        observation, reward, done, info = env.step(0)\n",
            "five values",
        ),
        (
            "def run_episode(env, policy):\n    env.seed(3)\n    return 0.0",
            "env.reset(seed=n)",
        ),
    ],
)
def test_a_habit_of_an_older_tutorial_is_told_what_changed(code: str, hint: str, tmp_path: Path) -> None:
    result = graded(handed_in(tmp_path, code), "lab1_episodes")
    assert any(hint in text for text in [*result.notes, *(check.hint for check in result.checks)])
    assert "Traceback" not in json.dumps(result.to_json())


def test_an_error_is_told_with_its_cell_and_line_and_costs_only_what_depends_on_it(tmp_path: Path) -> None:
    path = handed_in(tmp_path, "x = 1", "y = 2\n1 / 0\ndef evaluate(*a): return 3", *solution("lab1_episodes"))
    result = graded(path, "lab1_episodes")
    assert result.score == 10
    assert result.notes == ["Cell 2 raised ZeroDivisionError: division by zero (cell 2, line 2)."]


def test_cells_for_show_are_not_run(tmp_path: Path) -> None:
    path = handed_in(tmp_path, *solution("lab1_episodes"), "raise SystemExit")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].metadata["tags"] = ["demo"]
    nbformat.write(notebook, path)
    result = graded(path, "lab1_episodes")
    assert (result.score, result.notes) == (10, [])


def test_policies_in_lock_step_are_asked_for_all_episodes_at_once(tmp_path: Path) -> None:
    batch = (
        "asked = []\n"
        "def policy_batch(observations):\n"
        "    asked.append(len(observations))\n"
        "    assert len(asked) > 1 or len(observations) == 100\n"
        "    return (observations[:, 2] + 0.5 * observations[:, 3] > 0).astype(int)\n"
    )
    result = graded(handed_in(tmp_path, *solution("lab2_policies"), batch), "lab2_policies")
    assert result.score == 10


def test_a_policy_may_remember_since_episodes_are_played_one_after_another(tmp_path: Path) -> None:
    stateful = (
        "last = None\n"
        "def policy(observation):\n"
        "    global last\n"
        "    angle = float(observation[2])\n"
        "    speed = 0.0 if last is None or abs(angle - last) > 0.04 else (angle - last) / 0.02\n"
        "    last = angle\n"
        "    return int(angle + 0.5 * speed > 0)\n"
    )
    result = graded(handed_in(tmp_path, *solution("lab2_policies"), stateful), "lab2_policies")
    assert next(check for check in result.checks if check.name == "mean_return").outcome == "passed"


def test_what_a_submission_prints_is_kept_from_the_head_and_made_harmless(tmp_path: Path) -> None:
    printing = "print('hello \x1b[31mred\x1b[0m')\nprint('x' * 200_000)\nprint('the end')"
    log = graded(handed_in(tmp_path, printing, *solution("lab1_episodes")), "lab1_episodes").log
    assert log.startswith("hello red\nxxx")
    assert "the end" not in log
    assert len(log) <= 65_536


def test_a_function_whose_cell_passed_a_limit_is_told_the_limit(tmp_path: Path) -> None:
    path = handed_in(tmp_path, "import os\nwhile True: os.write(1, bytes(100_000))", *solution("lab2_policies")[:1])
    outcomes = {(check.outcome, check.limit) for check in graded(path, "lab2_policies").checks}
    assert outcomes == {("limit", "output")}
