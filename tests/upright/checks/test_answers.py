"""A notebook's functions are asked as a sandbox's are: by values that travel, and with errors told in one sentence."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import pytest
import torch

from upright.checks.answers import Local, not_defined, student_error
from upright.checks.served import Refused, Served
from upright.checks.verdict import NotAnswered, StudentError
from upright.checks.wire import Array, Opaque, tensor


def local(source: str, *names: str) -> Local:
    """The functions that a notebook's cell 3 defines."""
    space: dict[str, Any] = {}
    exec(compile(source, "cell 3", "exec"), space)
    return Local({name: space[name] for name in names})


def test_it_has_what_can_be_called() -> None:
    answers = Local({"f": len, "g": 3})  # type: ignore[dict-item]  # a student may assign anything to the name
    assert (answers.has("f"), answers.has("g"), answers.has("h")) == (True, False, False)


def test_a_function_that_is_missing_is_not_answered() -> None:
    with pytest.raises(NotAnswered, match="There is no function named f") as caught:
        Local({}).call("f")
    assert "do not rename it" in caught.value.hint


def test_a_function_that_is_missing_for_a_reason_is_told_with_it() -> None:
    reason = not_defined("f", "Cell 2 raised NameError.")
    assert (reason.message, reason.hint) == ("There is no function named f. Cell 2 raised NameError.", "")


def test_an_answer_arrives_as_it_would_through_a_pipe() -> None:
    answers = Local({"f": lambda: np.arange(3, dtype=np.float32), "g": object})
    value = answers.call("f")
    assert type(value) is Array
    assert (value.dtype, value.values.tolist()) == ("float32", [0, 1, 2])
    assert answers.call("g") == Opaque("object")


def test_an_error_is_told_with_its_type_text_cell_and_line() -> None:
    answers = local("def f(x):\n    y = 2\n    return 1 / x", "f")
    with pytest.raises(StudentError) as caught:
        answers.call("f", 0)
    assert caught.value.message == "f raised ZeroDivisionError: division by zero (cell 3, line 3, in f)."


def test_an_error_inside_a_library_is_told_at_the_students_own_line() -> None:
    answers = local("import numpy as np\ndef f():\n    return np.linalg.inv(np.zeros((2, 2)))", "f")
    with pytest.raises(StudentError, match=r"Singular matrix \(cell 3, line 3, in f\)"):
        answers.call("f")


def test_a_function_that_is_not_written_yet_is_told_so() -> None:
    with pytest.raises(StudentError) as caught:
        local("def f():\n    raise NotImplementedError('write your code here')", "f").call("f")
    assert (caught.value.message, caught.value.hint) == ("f is not written yet.", "")


def test_what_torch_cannot_do_on_the_meta_device_is_not_taken_for_an_unwritten_function() -> None:
    with pytest.raises(StudentError, match=r"f raised NotImplementedError: Cannot copy out of meta tensor"):
        Local({"f": lambda states: states.tolist()}).call("f", tensor(np.zeros((2, 4)), "float64", "meta"))


def test_an_older_tutorials_habit_gets_a_hint() -> None:
    assert "five values" in student_error("ValueError", "too many values to unpack (expected 4)", "", "f").hint


def test_an_array_is_handed_over_as_a_tensor_of_the_students_own_and_changes_are_told() -> None:
    kept: list[torch.Tensor] = []
    states, actions = tensor(np.zeros((2, 4)), "float64"), tensor(np.array([0, 1]), "int64")

    def modify(states: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        kept.extend([states, actions])
        actions += 1
        return states.clone()

    answers = Local({"modify": modify, "keep": lambda states, actions: states + 1})
    answers.call("modify", states, actions)
    assert [str(one.dtype) for one in kept] == ["torch.float64", "torch.int64"]
    assert list(answers.changed) == [1]
    assert actions.values.tolist() == [0, 1]
    answers.call("keep", states, actions)
    assert list(answers.changed) == []


def test_the_time_of_the_last_call_is_told() -> None:
    answers = Local({"f": time.sleep})
    answers.call("f", 0.02)
    assert answers.seconds >= 0.02


def test_a_served_function_is_asked_and_its_refusal_is_an_error_in_the_students_code() -> None:
    def handle(name: str, args: list) -> float:
        if len(args) != 1:
            raise Refused("give one argument")
        return 2 * args[0]

    served = Served("function", handle)
    assert Local({"f": lambda double: double(4.0) + 1}).call("f", served) == 9.0
    with pytest.raises(StudentError, match="RuntimeError: give one argument"):
        Local({"f": lambda double: double()}).call("f", served)


def test_a_stream_hands_observations_over_in_float32() -> None:
    kept: list[np.ndarray] = []
    ask = Local({"policy": lambda observation: kept.append(observation)}).stream("policy")
    assert ask((0.1, 0.2, 0.3, 0.4)) is None
    assert kept[0].dtype == np.float32
    assert kept[0].shape == (4,)


def test_a_path_of_this_machine_is_in_no_message() -> None:
    with pytest.raises(StudentError) as caught:
        Local({"f": lambda: [][0]}).call("f")
    assert os.sep not in caught.value.message
