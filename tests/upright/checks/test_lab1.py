"""Lab 1's judge: right answers pass whatever the cases, wrong ones are told their step, and lies are not believed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.upright.checks.mistakes import Mistake, answers, mistakes, solution
from tests.upright.checks.test_wire import Lies, LyingFloat
from upright.checks import lab1
from upright.checks.answers import Local
from upright.checks.verdict import Check, run

SOLUTION = answers("lab1_episodes", solution("lab1_episodes"))


def check(name: str, seed: int = 5, **functions: Callable[..., Any]) -> Check:
    spec = next(spec for spec in lab1.LAB.checks if spec.name.endswith(name))
    return run(spec, Local(functions), seed)


def right_loop(env: Any, policy: Any) -> float:
    observation, _ = env.reset()
    total, ended = 0.0, False
    while not ended:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        ended = terminated or truncated
    return total


@settings(max_examples=25)
@given(st.integers(0, 2**63))
def test_the_solution_passes_every_check_on_any_seed(seed: int) -> None:
    for spec in lab1.LAB.checks:
        assert run(spec, SOLUTION, seed).outcome == "passed", spec.name


@settings(max_examples=25)
@given(st.integers(0, 2**63))
def test_what_ignores_one_of_the_flags_fails_on_any_seed(seed: int) -> None:
    def ignores_truncated(env: Any, policy: Any) -> None:
        observation, _ = env.reset()
        ended = False
        while not ended:
            observation, _, ended, _, _ = env.step(policy(observation))

    assert check("ends when truncated", seed, run_episode=ignores_truncated).outcome == "failed"
    assert check("one step, and both flags at once", seed, run_episode=ignores_truncated).outcome == "failed"


@pytest.mark.parametrize("mistake", mistakes("lab1_episodes"), ids=lambda mistake: mistake.name)
def test_no_mistake_passes_by_luck_or_earns_another_s_hint_whatever_the_cases(mistake: Mistake) -> None:
    spec = next(spec for spec in lab1.LAB.checks if spec.name == mistake.check)
    wrong = answers("lab1_episodes", [*solution("lab1_episodes"), mistake.source])
    for seed in range(200):
        found = run(spec, wrong, seed)
        assert (found.points, mistake.hint in found.hint) == (0, True), (seed, found)


def test_another_way_to_write_the_loop_passes() -> None:
    def run_episode(env: Any, policy: Any) -> Any:
        observation, _ = env.reset(seed=None)
        rewards = []
        for _ in range(10_000):
            observation, reward, terminated, truncated, _ = env.step(policy(observation))
            rewards.append(reward)
            if terminated or truncated:
                break
        return np.sum(rewards)

    found = [run(spec, Local({"run_episode": run_episode}), 5) for spec in lab1.LAB.checks[:5]]
    assert [one.outcome for one in found] == ["passed"] * 5


def test_a_step_too_many_is_told_with_the_step_at_which_the_episode_ended() -> None:
    def run_episode(env: Any, policy: Any) -> None:
        env.reset()
        for _ in range(100):
            env.step(1)

    message = check("ends when terminated", run_episode=run_episode).message
    assert message == "Episode 1 was terminated at step 3, but step() was called again."


def test_a_loop_that_stops_too_early_is_told_where() -> None:
    def run_episode(env: Any, policy: Any) -> None:
        env.reset()
        env.step(1)

    message = check("ends when truncated", run_episode=run_episode).message
    assert message == "The episode is truncated at step 5, but run_episode stopped after step 1."


def test_a_loop_that_never_begins_is_told_so() -> None:
    found = check("ends when terminated", run_episode=lambda env, policy: 3.0)
    assert (found.outcome, found.message) == ("failed", "The episode was never begun: reset() was not called.")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "None (is there a return?)"),
        ("12", "a text"),
        ([1.0], "a list"),
        (True, "True or False"),
        (Lies(), "a value of type Lies"),
        (np.zeros(3), "an array"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_return_that_is_no_number_is_named(value: Any, told: str) -> None:
    def run_episode(env: Any, policy: Any) -> Any:
        right_loop(env, policy)
        return value

    found = check("sums the rewards", run_episode=run_episode)
    assert (found.outcome, found.message) == ("failed", f"run_episode returned {told}; expected a number.")


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e308, LyingFloat(200.0), 0, 10**30])
def test_no_number_is_right_for_every_episode(value: Any) -> None:
    def run_episode(env: Any, policy: Any) -> Any:
        right_loop(env, policy)
        return value

    assert check("sums the rewards", run_episode=run_episode).outcome == "failed"


@pytest.mark.parametrize(
    "values", [None, 3.0, "", [], [math.nan] * 3, [Lies()] * 3, [[1.0]] * 3, np.zeros((3, 3))], ids=str
)
def test_a_list_of_returns_that_is_none_fails_with_a_sentence(values: Any) -> None:
    def evaluate(env: Any, policy: Any, episodes: int) -> Any:
        for _ in range(episodes):
            right_loop(env, policy)
        return values

    found = check("one return for each episode", evaluate=evaluate)
    assert found.outcome == "failed"
    assert found.message.endswith(".")


def test_the_episode_with_the_wrong_return_is_named() -> None:
    def evaluate(env: Any, policy: Any, episodes: int) -> list[float]:
        returns = [right_loop(env, policy) for _ in range(episodes)]
        return [*returns[:1], returns[1] + 0.25, *returns[2:]]

    assert check("one return for each episode", evaluate=evaluate).message.startswith("Episode 2 has the return ")


def test_returns_as_an_array_are_taken_too() -> None:
    def evaluate(env: Any, policy: Any, episodes: int) -> Any:
        return np.array([right_loop(env, policy) for _ in range(episodes)])

    assert check("one return for each episode", evaluate=evaluate).outcome == "passed"
    assert check("plays every episode afresh", evaluate=evaluate).outcome == "passed"


def test_an_episode_that_is_left_early_is_named() -> None:
    def evaluate(env: Any, policy: Any, episodes: int) -> list[float]:
        env.reset()
        return [0.0] * episodes

    found = check("plays every episode afresh", evaluate=evaluate)
    assert found.message == "evaluate(env, policy, 3) played 1 episodes."


def test_an_error_of_the_students_own_is_told_as_one() -> None:
    space: dict[str, Any] = {}
    exec(compile("def run_episode(env, policy):\n    env.reset()\n    return 1 / 0", "cell 4", "exec"), space)
    found = check("ends when terminated", run_episode=space["run_episode"])
    assert found.outcome == "student_error"
    assert found.message == ("run_episode raised ZeroDivisionError: division by zero (cell 4, line 3, in run_episode).")


@pytest.mark.parametrize("name", ["run_episode", "evaluate", "td_target"])
def test_a_missing_function_costs_its_own_checks_only(name: str) -> None:
    others = {one: getattr(lab1, one) for one in lab1.LAB.functions if one != name}
    mine = [spec for spec in lab1.LAB.checks if spec.function == name]
    assert sum(spec.points for spec in mine) == {"run_episode": 5, "evaluate": 2, "td_target": 3}[name]
    assert {run(spec, Local(others), 5).outcome for spec in mine} == {"not_answered"}


@pytest.mark.parametrize("name", ["run_episode", "evaluate", "td_target"])
def test_a_notebooks_self_check_runs_the_checks_of_its_function(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    getattr(lab1, name)(lambda *args: SOLUTION._functions[name](*args))
    printed = capsys.readouterr().out
    expected = [spec.name for spec in lab1.LAB.checks if spec.function == name]
    assert [line.split(" (")[0].removeprefix("✓ ") for line in printed.splitlines()] == expected
    with pytest.raises(AssertionError):
        getattr(lab1, name)(lambda *args: None)


def test_the_points_sum_to_ten() -> None:
    assert sum(spec.points for spec in lab1.LAB.checks) == 10
