"""Lab 4: one step of many CartPoles at once, in torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from upright.checks.answers import Answers, Local
from upright.checks.cartpole import THETA_LIMIT, X_LIMIT
from upright.checks.cartpoles import cases, edges, ends, equations
from upright.checks.verdict import Lab, Spec, StudentError, Wrong, self_check
from upright.checks.wire import Array, Opaque, tensor
from upright.physics import Physics

TOLERANCE = 1e-9
MANY, FEW = 100_000, 2_000
TIMES_FASTER = 20
MIN_ROUNDS, MAX_ROUNDS = 3, 10
COLUMNS = ("position", "velocity", "angle", "angular velocity")
NAMES = ("next_states", "rewards", "terminated")
DTYPES = ("float64", "float64", "bool")

THREE_HINT = "End with `return next_states, rewards, terminated`: three tensors."
SHAPE_HINTS = (
    "Put the four new columns side by side: torch.stack([...], dim=1).",
    "There is one reward for each state: torch.ones_like(x) has as many entries as the column x.",
    "Compare whole columns, and join the two comparisons with |.",
)
DTYPE_HINTS = (
    "Stay with float64, the dtype of `states`: no .float(), and dtype=states.dtype where you make a tensor.",
    "torch.ones(n) is float32. Give dtype=states.dtype, or use torch.ones_like(x).",
    "A comparison such as `x.abs() > 2.4` is bool already: return it as it is.",
)
EULER_HINT = (
    "Move the position and the angle with the velocities from before the step (explicit Euler), not with the new ones."
)
MOVE_HINT = "New position = x + 0.02 * x_dot; new angle = theta + 0.02 * theta_dot."
FORCE_HINT = "Action 1 pushes with +10, action 0 with -10."
VELOCITY_HINT = "Compare your formula with the lab's, term by term: temp, then theta_acc, then x_acc."
FLOAT32_HINT = "The difference is as small as that of float32: compute in float64 throughout."
REWARD_HINT = "Every step gives a reward of 1.0, the one that ends the episode too."
END_HINT = "An episode terminates when |x| > 2.4 or |theta| > 12 degrees, which is 12 * 2 * pi / 360 in radians."
EXACT_HINT = "Take the thresholds exactly, not rounded: 2.4, and 12 * 2 * math.pi / 360 radians."
EDGE_HINT = "Exactly at a threshold an episode goes on: use > and <, not >= and <=."
ONE_HINT = "Keep the first dimension, whatever its size: no squeeze(), and no `if` on the number of states."
PLACE_HINT = (
    "Make new tensors. `states += ...`, `x += ...` and x.add_() write into their operand, and a column of `states` is "
    "a view of it: x = x + ... does not write."
)
META_HINT = (
    "Use operations on whole tensors only. .item(), .tolist(), .numpy(), .cpu(), float(...), `if` and `for` over the "
    "states, and states[mask] all need the numbers on the CPU; torch.where does not."
)
DEVICE_HINT = "Make new tensors where `states` is: torch.ones_like(x), or device=states.device."
LOOP_HINT = "No loop over the states, and no list of them: compute each quantity for a whole column at once."


# (the keywords of `equations` that make the mistake, what to look at)
MISTAKES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"new_velocity": True}, EULER_HINT),
    ({"forces": (10.0, -10.0)}, f"The force has the wrong sign. {FORCE_HINT}"),
    ({"forces": (0.0, 10.0)}, f"Action 0 does push. {FORCE_HINT}"),
    ({"forces": (0.0, 1.0)}, f"The action is not the force. {FORCE_HINT}"),
    ({"forces": (10.0, 10.0)}, f"Both actions push to the same side. {FORCE_HINT}"),
    (
        {"angle": math.pi / 180},
        "The angle is in radians already, as torch.sin and torch.cos want it: do not convert it.",
    ),
    ({"angle": 180 / math.pi}, "torch.sin and torch.cos want radians, not degrees: do not convert the angle."),
    ({"four_thirds": 1.0}, "The term 4/3 is missing from the denominator of theta_acc."),
    ({"length": 1.0}, "In these formulas `length` is half the pole: 0.5, not 1."),
    ({"square": False}, "In temp, theta_dot is squared: theta_dot**2."),
    ({"total_mass": Physics.masscart}, "Divide by the mass of cart and pole together, 1.1, not by the cart's alone."),
    ({"total_mass": Physics.masspole}, "Divide by the mass of cart and pole together, 1.1, not by the pole's alone."),
    ({"small_angle": True}, "Use torch.sin and torch.cos: sin(theta) = theta is only nearly right."),
)


def _step(answers: Answers, states: np.ndarray, actions: np.ndarray, device: str = "cpu") -> tuple[Array, Array, Array]:
    """What the student's function gives: three arrays of the right shapes. Raises a NoPoint."""
    value = answers.call("step_batch", tensor(states, "float64", device), tensor(actions, "int64", device))
    if not isinstance(value, tuple) or len(value) != 3:
        raise Wrong(f"step_batch returned {_described(value)}; expected three tensors.", THREE_HINT)
    count = len(states)
    for name, got, shape, hint in zip(NAMES, value, ((count, 4), (count,), (count,)), SHAPE_HINTS, strict=True):
        if not isinstance(got, Array) or got.kind != "tensor":
            raise Wrong(f"{name} is {_described(got)}; expected a tensor of shape {shape}.", hint)
        if got.shape != shape:
            told = f"With {count} state{'' if count == 1 else 's'}, {name} has the shape {got.shape}; expected {shape}."
            raise Wrong(told, hint if count > 1 else ONE_HINT)
    next_states, rewards, terminated = value
    if count > 1 and np.array_equal(next_states.values, states):
        raise Wrong("step_batch gave back the states as they came: nothing moved.", MOVE_HINT)
    return next_states, rewards, terminated


def shapes_and_dtypes(answers: Answers, rng: np.random.Generator) -> None:
    for name, got, dtype, hint in zip(NAMES, _step(answers, *cases(rng, 7)), DTYPES, DTYPE_HINTS, strict=True):
        if got.dtype != dtype:
            raise Wrong(f"{name} has the dtype {got.dtype}; expected {dtype}.", hint)


def moves(answers: Answers, rng: np.random.Generator) -> None:
    _same_columns(answers, rng, (0, 2), MOVE_HINT)


def accelerates(answers: Answers, rng: np.random.Generator) -> None:
    _same_columns(answers, rng, (3, 1), VELOCITY_HINT)


def _same_columns(answers: Answers, rng: np.random.Generator, columns: tuple[int, ...], hint: str) -> None:
    states, actions = cases(rng, 400)
    next_states = _step(answers, states, actions)[0].values
    for column in columns:
        _compare(next_states, states, actions, column, hint)


def _compare(next_states: np.ndarray, states: np.ndarray, actions: np.ndarray, column: int, hint: str) -> None:
    got, expected = next_states[:, column], equations(states, actions)[:, column]
    wrong = ~(np.abs(got - expected) <= TOLERANCE)
    if not wrong.any():
        return
    row = int(wrong.argmax())
    push = "action 1, a push to the right" if actions[row] else "action 0, a push to the left"
    raise Wrong(
        f"State {row} of {len(states)} ({push}): the next {COLUMNS[column]} is {expected[row]:.12g}, but step_batch "
        f"gave {got[row]:.12g}. The {COLUMNS[column]} is wrong in {wrong.sum()} of {len(states)} states.",
        _hint(got, states, actions, column) or hint,
    )


def _hint(got: np.ndarray, states: np.ndarray, actions: np.ndarray, column: int) -> str:
    """What to look at, if the column is what a common mistake gives."""
    for keywords, told in MISTAKES:
        if np.allclose(got, equations(states, actions, **keywords)[:, column], rtol=0, atol=TOLERANCE):
            return told
    nearly = np.allclose(got, equations(states, actions)[:, column], rtol=0, atol=1e-5)
    return FLOAT32_HINT if nearly else ""


def rewards_and_ends(answers: Answers, rng: np.random.Generator) -> None:
    states, actions = cases(rng, 400)
    next_states, rewards, terminated = _step(answers, states, actions)
    # Judged by the student's own next states, so that a mistake in those does not cost this point too.
    after = ends(next_states.values)
    if after.all() or not after.any():
        after = ends(equations(states, actions))
    unpaid = np.flatnonzero(rewards.values != 1.0)
    if len(unpaid):
        row = int(unpaid[0])
        which = "ends its episode" if after[row] else "goes on"
        raise Wrong(f"State {row} {which}: the reward is 1, but step_batch gave {rewards.values[row]:g}.", REWARD_HINT)
    got = terminated.values != 0
    if not np.array_equal(got, after):
        row = int((got != after).argmax())
        raise Wrong(
            _ends_told(row, next_states.values[row], bool(after[row])), _ends_hint(got, states, next_states.values)
        )


def _ends_told(row: int, state: np.ndarray, expected: bool) -> str:
    where = f"position {state[0]:.8g}, angle {state[2]:.8g}"
    return f"State {row} moves to {where}: terminated is {expected}, but step_batch gave {not expected}."


def _ends_hint(got: np.ndarray, before: np.ndarray, after: np.ndarray) -> str:
    """What to look at, if `terminated` is what a common mistake gives."""
    x, theta = after[:, 0], after[:, 2]
    outside_x, outside_theta = np.abs(x) > X_LIMIT, np.abs(theta) > THETA_LIMIT
    mistakes = (
        (ends(before), "Look at the position and the angle after the step, not before it."),
        (~ends(after), "terminated is True where the episode is over."),
        (outside_x, "The angle never ends an episode. Its threshold is 12 degrees in radians, about 0.2094."),
        (outside_theta, "The position never ends an episode. Its threshold is 2.4."),
        (outside_x & outside_theta, "One of the two is enough: join the comparisons with |, not with &."),
        (
            (x > X_LIMIT) | (theta > THETA_LIMIT),
            "There is a threshold on the left, too: compare x.abs() and theta.abs().",
        ),
    )
    return next((told for wrong, told in mistakes if np.array_equal(got, wrong)), END_HINT)


def edges_go_on(answers: Answers, rng: np.random.Generator) -> None:
    for offset, expected in ((-1e-6, False), (1e-6, True), (0.0, False)):
        states, actions = edges(offset)
        next_states, _, terminated = _step(answers, states, actions)
        wrong = np.flatnonzero((terminated.values != 0) != expected)
        if len(wrong):
            # A state that is not where it should be says nothing about the comparison.
            for column in (0, 2):
                _compare(next_states.values, states, actions, column, MOVE_HINT)
            row = int(wrong[0])
            raise Wrong(_ends_told(row, states[row], expected), EXACT_HINT if offset else EDGE_HINT)


def none_and_one(answers: Answers, rng: np.random.Generator) -> None:
    states, actions = cases(rng, 8)
    together = _step(answers, states, actions)
    _step(answers, states[:0], actions[:0])
    for row in range(2):
        alone = _step(answers, states[row : row + 1], actions[row : row + 1])
        for name, one, many in zip(NAMES, alone, together, strict=True):
            if not np.allclose(one.values[0], many.values[row], rtol=0, atol=TOLERANCE):
                raise Wrong(f"One state alone has other {name} than the same state among {len(states)}.", ONE_HINT)


def nothing_in_place(answers: Answers, rng: np.random.Generator) -> None:
    _step(answers, *cases(rng, 50))
    modified = [name for position, name in enumerate(("states", "actions")) if position in answers.changed]
    if modified:
        raise Wrong(f"After step_batch(states, actions), {' and '.join(modified)} held other numbers.", PLACE_HINT)


def no_device(answers: Answers, rng: np.random.Generator) -> None:
    states, actions = cases(rng, 50)
    _step(answers, states, actions)
    try:
        value = _step(answers, states, actions, "meta")
    except StudentError as reason:
        raise Wrong(f"On the device meta, where tensors have no numbers: {reason.message}", META_HINT) from None
    for name, got in zip(NAMES, value, strict=True):
        if got.device != "meta":
            raise Wrong(f"The states are on the device meta, but {name} came on {got.device}.", DEVICE_HINT)


def fast(answers: Answers, rng: np.random.Generator) -> None:
    # A loop needs seconds for MANY states. FEW show it, so that it does not have to go on.
    for count, times_faster in ((FEW, TIMES_FASTER / 4), (MANY, TIMES_FASTER)):
        ratio = _times_faster(answers, rng, count, times_faster)
        if ratio < times_faster:
            raise Wrong(
                f"With {count:,} states, step_batch is {ratio:.1f} times as fast as the lab's loop; expected at least "
                f"{times_faster:g} times.",
                LOOP_HINT,
            )


def _times_faster(answers: Answers, rng: np.random.Generator, count: int, enough: float) -> float:
    """How many times as fast as the lab's loop, both measured at their fastest, one after the other, on new states.

    Three rounds; up to MAX_ROUNDS on a machine so busy that they came close to `enough` without reaching it. The loop
    runs on the judge's side, where nothing that a submission does can slow it down.
    """
    from upright.checks import loop  # torch, which only this check needs on the judge's side

    loops: list[float] = []
    batches: list[float] = []
    ratio = 0.0
    with loop.one_thread():
        while len(batches) < MIN_ROUNDS or (enough / 2 < ratio < enough and len(batches) < MAX_ROUNDS):
            states, actions = cases(rng, count)
            loops.append(loop.seconds(states[:FEW], actions[:FEW]) * count / FEW)
            next_states = _step(answers, states, actions)[0].values
            batches.append(answers.seconds)
            for column in range(4):
                _compare(next_states, states, actions, column, "What is timed has to be right.")
            ratio = min(loops) / min(batches)
    return ratio


def _described(value: Any) -> str:
    if value is None:
        return "None (is there a return?)"
    if isinstance(value, Opaque):
        return f"a value of type {value.type_name}"
    if isinstance(value, Array):
        return f"{'a tensor' if value.kind == 'tensor' else 'a NumPy array'} of shape {value.shape}"
    return {"tuple": f"{len(value)} values" if isinstance(value, tuple) else "", "list": "a list", "str": "a text"}.get(
        type(value).__name__, f"the number {value}"
    )


LAB = Lab(
    name="lab4_vectorize",
    functions=("step_batch",),
    checks=(
        Spec("step_batch: three tensors, their shapes and dtypes", 1, shapes_and_dtypes, "step_batch"),
        Spec("step_batch: position and angle", 1, moves, "step_batch"),
        Spec("step_batch: velocities", 2, accelerates, "step_batch"),
        Spec("step_batch: rewards and terminated", 1, rewards_and_ends, "step_batch"),
        Spec("step_batch: exactly at the thresholds", 1, edges_go_on, "step_batch"),
        Spec("step_batch: no state, one state", 1, none_and_one, "step_batch"),
        Spec("step_batch: nothing modified in place", 1, nothing_in_place, "step_batch"),
        Spec("step_batch: bound to no device", 1, no_device, "step_batch"),
        Spec("step_batch: 20 times as fast as the loop", 1, fast, "step_batch"),
    ),
    modules=("torch",),
)


def step_batch(function: Callable[..., Any]) -> None:
    """Check your step_batch on public cases. Raises AssertionError if a check fails."""
    self_check(LAB, Local({"step_batch": function}), ["step_batch"])
