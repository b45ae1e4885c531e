"""Lab 4's judge: what is right has every property, each is looked at by itself, and speed is measured fairly."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.upright.checks.mistakes import answers, solution
from tests.upright.checks.test_wire import Lies
from upright.checks import cartpoles, lab4, loop
from upright.checks.answers import Local
from upright.checks.verdict import Check, run
from upright.checks.wire import Array

SOLUTION = answers("lab4_vectorize", solution("lab4_vectorize"))
RIGHT: Callable[..., Any] = SOLUTION._functions["step_batch"]
PROPERTIES = [spec for spec in lab4.LAB.checks if spec.judge is not lab4.fast]


def check(name: str, function: Callable[..., Any], seed: int = 5) -> Check:
    spec = next(spec for spec in lab4.LAB.checks if spec.name.endswith(name))
    return run(spec, Local({"step_batch": function}), seed)


def outcomes(function: Callable[..., Any], seed: int = 5) -> list[str]:
    return [run(spec, Local({"step_batch": function}), seed).outcome for spec in PROPERTIES]


@settings(max_examples=20)
@given(st.integers(0, 2**63))
def test_the_solution_has_every_property_on_any_seed(seed: int) -> None:
    assert outcomes(RIGHT, seed) == ["passed"] * len(PROPERTIES)


@pytest.mark.parametrize(
    "force",
    [
        lambda actions: torch.where(actions == 1, 10.0, -10.0),
        lambda actions: (actions * 2 - 1) * 10,
        lambda actions: 10.0 * (actions.double() - 0.5).sign(),
    ],
    ids=["where", "arithmetic", "sign"],
)
def test_other_ways_to_write_it_have_every_property(force: Callable[[torch.Tensor], torch.Tensor]) -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        x_dot, theta, theta_dot = states[:, 1], states[:, 2], states[:, 3]
        temp = (force(actions) + 0.05 * theta_dot * theta_dot * theta.sin()) / 1.1
        acceleration = (9.8 * theta.sin() - theta.cos() * temp) / (0.5 * (4.0 / 3.0 - 0.1 * theta.cos() ** 2 / 1.1))
        derivative = torch.stack([x_dot, temp - 0.05 * acceleration * theta.cos() / 1.1, theta_dot, acceleration])
        after = states + 0.02 * derivative.T
        limits = torch.tensor([2.4, math.radians(12)], dtype=states.dtype, device=states.device)
        return [after, after.new_ones(len(after)), (after[:, [0, 2]].abs() > limits).any(dim=1)]

    assert outcomes(step_batch) == ["passed"] * len(PROPERTIES)


def test_a_wrong_column_is_named_with_its_state_and_both_numbers() -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        next_states, rewards, terminated = RIGHT(states, actions)
        next_states[3, 3] += 1e-8
        return next_states, rewards, terminated

    found = check("velocities", step_batch)
    assert found.message.startswith("State 3 of 400 (action ")
    assert "the next angular velocity is " in found.message
    assert found.message.endswith("The angular velocity is wrong in 1 of 400 states.")
    assert check("position and angle", step_batch).outcome == "passed"


def test_a_difference_below_the_tolerance_is_none() -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        next_states, rewards, terminated = RIGHT(states, actions)
        return next_states + 5e-10, rewards, terminated

    assert check("velocities", step_batch).outcome == "passed"


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_no_number_is_not_right(number: float) -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        next_states, rewards, terminated = RIGHT(states, actions)
        return torch.full_like(next_states, number), rewards, terminated

    assert check("velocities", step_batch).outcome == check("position and angle", step_batch).outcome == "failed"


def test_terminated_is_judged_by_the_students_own_next_states() -> None:
    """A mistake in the equations does not cost the point for the thresholds too."""

    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        next_states, rewards, _ = RIGHT(states, actions)
        next_states = next_states + 0.05
        outside = (next_states[:, 0].abs() > 2.4) | (next_states[:, 2].abs() > 12 * 2 * math.pi / 360)
        return next_states, rewards, outside

    assert check("rewards and terminated", step_batch).outcome == "passed"
    assert check("exactly at the thresholds", step_batch).hint == lab4.MOVE_HINT


def test_states_that_never_end_are_judged_by_the_right_ones() -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        return torch.zeros_like(states), torch.ones_like(states[:, 0]), actions > 1

    assert check("rewards and terminated", step_batch).outcome == "failed"


def test_a_function_that_does_nothing_gets_no_point() -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        return states.clone(), torch.ones_like(states[:, 0]), actions > 1

    assert outcomes(step_batch) == ["failed"] * len(PROPERTIES)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "None (is there a return?)"),
        (7, "the number 7"),
        ("text", "a text"),
        (Lies(), "a value of type Lies"),
        ((Lies(), 1.0, None), "a value of type tuple of 3 values: Lies, float, NoneType"),
        (torch.zeros(4, 2), "a tensor of shape (4, 2)"),
        ((torch.zeros(4), torch.zeros(4)), "2 values"),
        ([1, 2, 3], "a list"),
    ],
    ids=str,
)
def test_what_is_not_three_tensors_is_named(value: Any, told: str) -> None:
    found = check("three tensors, their shapes and dtypes", lambda states, actions: value)
    assert (found.outcome, found.message) == ("failed", f"step_batch returned {told}; expected three tensors.")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda n, r, t: (n.numpy(), r, t), "next_states is a NumPy array of shape (7, 4); expected a tensor"),
        (lambda n, r, t: (n.T, r, t), "next_states has the shape (4, 7); expected (7, 4)"),
        (lambda n, r, t: (n, r[:, None], t), "rewards has the shape (7, 1); expected (7,)"),
        (lambda n, r, t: (n, torch.tensor(1.0), t), "rewards is the number 1.0; expected a tensor of shape (7,)"),
        (lambda n, r, t: (n, r, t.int()), "terminated has the dtype int32; expected bool"),
        (lambda n, r, t: (n, r.half(), t), "rewards has the dtype float16; expected float64"),
    ],
    ids=["NumPy", "transposed", "column", "one number", "int32", "float16"],
)
def test_a_wrong_kind_shape_or_dtype_is_named(change: Callable[..., Any], told: str) -> None:
    found = check("three tensors, their shapes and dtypes", lambda states, actions: change(*RIGHT(states, actions)))
    assert told in found.message


def test_one_state_that_depends_on_the_others_is_found() -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        next_states, rewards, terminated = RIGHT(states, actions)
        return next_states + len(states) * 1e-3, rewards, terminated

    assert check("no state, one state", step_batch).message == (
        "One state alone has other next_states than the same state among 8."
    )


def test_what_fails_on_the_meta_device_only_is_told_with_the_operation() -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        states.cpu()
        return RIGHT(states, actions)

    found = check("bound to no device", step_batch)
    assert found.outcome == "failed"
    assert "On the device meta, where tensors have no numbers: step_batch raised NotImplementedError" in found.message


class Timed:
    """Answers right, and takes as long as it is told: seconds of each call, the last one for ever after."""

    changed: tuple[int, ...] = ()

    def __init__(self, *seconds: float) -> None:
        self._seconds, self.calls, self.seconds = seconds, 0, 0.0

    def has(self, name: str) -> bool:
        return True

    def call(self, name: str, *args: Any) -> Any:
        self.seconds = self._seconds[min(self.calls, len(self._seconds) - 1)]
        self.calls += 1
        states, actions = args[0].values, args[1].values
        count, after = len(states), cartpoles.equations(states, actions)
        return (
            Array("tensor", "float64", (count, 4), after),
            Array("tensor", "float64", (count,), np.ones(count)),
            Array("tensor", "bool", (count,), cartpoles.ends(after)),
        )

    def stream(self, name: str) -> Any:
        raise NotImplementedError("nobody asks for one")


@pytest.fixture
def slow_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab's loop takes 1 s for 2,000 states, so 50 s for 100,000."""
    monkeypatch.setattr(loop, "seconds", lambda states, actions: 1.0)


@pytest.mark.usefixtures("slow_loop")
def test_a_loop_is_told_how_fast_it_is_and_is_spared_the_many_states() -> None:
    answers = Timed(0.8)
    found = run(lab4.LAB.checks[-1], answers, 5)
    assert found.message == (
        "With 2,000 states, step_batch is 1.2 times as fast as the lab's loop; expected at least 5 times."
    )
    assert (found.hint, answers.calls) == (lab4.LOOP_HINT, lab4.MIN_ROUNDS)


@pytest.mark.usefixtures("slow_loop")
def test_a_function_that_is_fast_for_few_states_only_fails_on_many() -> None:
    found = run(lab4.LAB.checks[-1], Timed(0.1, 0.1, 0.1, 7.0, 6.25, 8.0), 5)
    assert found.message == (
        "With 100,000 states, step_batch is 8.0 times as fast as the lab's loop; expected at least 20 times."
    )


@pytest.mark.usefixtures("slow_loop")
def test_what_comes_close_gets_more_rounds() -> None:
    answers = Timed(0.1, 0.1, 0.1, 4.0, 3.0, 4.0, 3.5, 2.5)
    assert run(lab4.LAB.checks[-1], answers, 5).outcome == "passed"
    assert answers.calls == 8


@pytest.mark.usefixtures("slow_loop")
def test_what_comes_close_does_not_get_rounds_for_ever() -> None:
    answers = Timed(0.1, 0.1, 0.1, 3.0)
    assert run(lab4.LAB.checks[-1], answers, 5).outcome == "failed"
    assert answers.calls == lab4.MIN_ROUNDS + lab4.MAX_ROUNDS


def test_a_fast_wrong_answer_is_not_fast() -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        next_states, rewards, terminated = RIGHT(states, actions)
        return torch.where(next_states[:, :1] > 3.0, 0.0, next_states), rewards, terminated

    found = check("20 times as fast as the loop", step_batch)
    assert found.outcome == "failed"
    assert "step_batch gave 0" in found.message


def test_a_notebooks_self_check_fails_for_a_function_that_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    def step_batch(states: torch.Tensor, actions: torch.Tensor) -> Any:
        raise NotImplementedError("write your code here")

    with pytest.raises(AssertionError, match="9 of 9 checks did not pass"):
        lab4.step_batch(step_batch)
    assert capsys.readouterr().out.count("step_batch is not written yet.") == 9


def test_the_points_sum_to_ten() -> None:
    assert sum(spec.points for spec in lab4.LAB.checks) == 10
