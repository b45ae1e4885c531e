"""What a student's code is handed looks like Gymnasium's and holds nothing of the judge's."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from upright.checks.served import ALLOWED, Environment, stand_in


class Judge:
    """Answers every question with the same step, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list]] = []

    def __call__(self, name: str, args: list) -> Any:
        self.asked.append((name, args))
        return [0.1, 0.2, 0.3, 0.4] if name == "reset" else [1.0, 2.0, 3.0, 4.0, -0.5, 0, 1]


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def env(judge: Judge) -> Environment:
    return stand_in("environment", judge)


def test_reset_gives_an_observation_and_an_info_as_gymnasium_does(env: Environment, judge: Judge) -> None:
    observation, info = env.reset(seed=3)
    assert observation.dtype == np.float32
    assert observation.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert info == {}
    assert judge.asked == [("reset", [3])]


def test_step_gives_five_values_of_gymnasiums_types(env: Environment, judge: Judge) -> None:
    observation, *rest = env.step(1)
    assert observation.tolist() == [1, 2, 3, 4]
    assert rest == [-0.5, False, True, {}]
    assert [type(value) for value in rest] == [float, bool, bool, dict]
    assert judge.asked == [("step", [1])]


def test_an_action_is_passed_on_as_it_is(env: Environment, judge: Judge) -> None:
    action = object()
    env.step(action)
    assert judge.asked[0][1][0] is action


@pytest.mark.parametrize("name", ["unwrapped", "_ask", "_spaces", "state", "rewards", "np_random", "seed", "script"])
def test_everything_else_is_refused_by_name(env: Environment, name: str) -> None:
    with pytest.raises(AttributeError, match=rf"env\.{name} is not there for a lab to use"):
        getattr(env, name)


@pytest.mark.parametrize("name", ["step", "reset", "terminated", "_ask"])
def test_nothing_can_be_put_in_its_place(env: Environment, name: str) -> None:
    with pytest.raises(AttributeError, match=rf"env\.{name} cannot be set"):
        setattr(env, name, lambda *args: None)


def test_its_spaces_are_gymnasiums_and_keep_their_seed(env: Environment) -> None:
    assert env.action_space == gym.spaces.Discrete(2)
    assert env.observation_space.shape == (4,)
    env.action_space.seed(5)
    first = [int(env.action_space.sample()) for _ in range(20)]
    env.action_space.seed(5)
    assert [int(env.action_space.sample()) for _ in range(20)] == first
    assert set(first) == {0, 1}


def test_what_a_loop_for_gymnasium_may_call_is_there(env: Environment, judge: Judge) -> None:
    assert all(hasattr(env, name) for name in ALLOWED)
    env.render()
    env.close()
    assert env.render_mode is None
    assert env.spec.id == "Scripted-v0"
    assert env.metadata == {"render_modes": []}
    assert judge.asked == []


def test_it_holds_nothing_but_the_question(env: Environment, judge: Judge) -> None:
    held = [object.__getattribute__(env, name) for name in type(env).__slots__]
    assert held == [judge, {}]


def test_a_function_is_a_question_with_all_its_arguments(judge: Judge) -> None:
    function = stand_in("function", judge)
    assert function(1.0, "text") == [1.0, 2.0, 3.0, 4.0, -0.5, 0, 1]
    assert judge.asked == [("call", [1.0, "text"])]
