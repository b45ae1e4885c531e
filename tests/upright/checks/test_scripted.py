"""The scripted environment tells the first thing that was done wrong, by episode and step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upright.checks.scripted import Episode, ScriptedEnvironment, episode
from upright.checks.served import Environment, Refused, stand_in
from upright.checks.verdict import Wrong
from upright.checks.wire import travelled

OBSERVATIONS = np.arange(16.0).reshape(4, 4) / 16
THREE = Episode(OBSERVATIONS, (1.0, 0.5, -2.0), terminated=True, truncated=False, actions=(1, 0, 1))


def handed(environment: ScriptedEnvironment) -> tuple[Environment, Any]:
    """The environment and the policy as a student's function gets them."""

    def through(handle: Any) -> Any:
        return lambda name, args: handle(name, [travelled(value) for value in args])

    return (
        stand_in("environment", through(environment.environment.handle)),
        stand_in("function", through(environment.policy.handle)),
    )


def fault(environment: ScriptedEnvironment) -> Wrong:
    with pytest.raises(Wrong) as caught:
        environment.raise_faults("end", "reset", "action", "observation")
    return caught.value


def test_the_right_loop_has_no_fault_and_sees_the_script() -> None:
    environment = ScriptedEnvironment([THREE])
    env, policy = handed(environment)
    observation, _ = env.reset()
    seen, ended = [observation], False
    rewards = []
    while not ended:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        seen.append(observation)
        rewards.append(reward)
        ended = terminated or truncated
    environment.raise_faults("end", "reset", "action", "observation")
    assert np.array_equal(seen, OBSERVATIONS.astype(np.float32))
    assert (rewards, environment.steps, environment.resets, environment.asked) == ([1.0, 0.5, -2.0], [3], 1, 3)


def test_a_step_after_the_end_is_refused_and_told() -> None:
    environment = ScriptedEnvironment([THREE])
    env, _ = handed(environment)
    env.reset()
    for action in THREE.actions:
        env.step(action)
    with pytest.raises(Refused, match="after the episode's end"):
        env.step(0)
    assert fault(environment).message == "Episode 1 was terminated at step 3, but step() was called again."


def test_a_step_before_the_first_reset_is_refused_and_told() -> None:
    environment = ScriptedEnvironment([THREE])
    env, _ = handed(environment)
    with pytest.raises(Refused):
        env.step(0)
    assert fault(environment).message == "step() was called before reset()."


def test_a_reset_before_the_end_is_told_with_its_place() -> None:
    environment = ScriptedEnvironment([THREE, THREE])
    env, _ = handed(environment)
    env.reset()
    env.step(1)
    env.reset()
    assert fault(environment).message == (
        "Episode 1, step 1: reset() was called before the episode was over (it is terminated at step 3)."
    )


def test_a_reset_too_many_is_refused_and_told() -> None:
    environment = ScriptedEnvironment([THREE])
    env, _ = handed(environment)
    env.reset()
    for action in THREE.actions:
        env.step(action)
    with pytest.raises(Refused):
        env.reset()
    assert fault(environment).message == "reset() was called 2 times; expected 1, once for each episode."


@pytest.mark.parametrize(
    ("action", "told"),
    [(0, "step() got 0."), (1.0, "step() got 1.0."), ("1", "step() got something else (a text)."), (None, "(None).")],
)
def test_an_action_that_is_not_the_policys_is_told(action: Any, told: str) -> None:
    environment = ScriptedEnvironment([THREE])
    env, policy = handed(environment)
    observation, _ = env.reset()
    policy(observation)
    env.step(action)
    reason = fault(environment)
    assert reason.message.startswith("Episode 1, step 1: the policy gave action 1, and ")
    assert reason.message.endswith(told)


def test_an_action_that_numpy_gives_is_the_action() -> None:
    environment = ScriptedEnvironment([THREE])
    env, _ = handed(environment)
    env.reset()
    env.step(np.int64(1))
    environment.raise_faults("action")


@pytest.mark.parametrize(
    ("of", "got"),
    [
        (lambda first, second: first, "another observation"),
        (lambda first, second: second[:3], "another observation"),
        (lambda first, second: (second, {}), "tuple of 2 values: ndarray, dict"),
        (lambda first, second: None, "None"),
    ],
    ids=["old", "three numbers", "reset's tuple", "none"],
)
def test_an_observation_that_is_not_the_newest_is_told(of: Any, got: str) -> None:
    environment = ScriptedEnvironment([THREE])
    env, policy = handed(environment)
    first, _ = env.reset()
    second, *_ = env.step(policy(first))
    policy(of(first, second))
    reason = fault(environment)
    assert reason.message == f"Episode 1, step 2: the policy did not get the newest observation, but {got}."
    assert ("observation, info = env.reset()" in reason.hint) == got.startswith("tuple")


def test_an_observation_as_a_list_is_taken_too() -> None:
    environment = ScriptedEnvironment([THREE])
    env, policy = handed(environment)
    policy(env.reset()[0].tolist())
    environment.raise_faults("observation")


@pytest.mark.parametrize("name", ["close", "seed", "script", "__class__", ""])
def test_a_question_for_anything_else_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        ScriptedEnvironment([THREE]).environment.handle(name, [])


@given(st.integers(0), st.integers(1, 30), st.sampled_from(["terminated", "truncated", "both"]))
def test_random_episodes_are_what_they_say(seed: int, steps: int, end: str) -> None:
    one = episode(np.random.default_rng(seed), steps, end, "mixed")
    assert one.observations.shape == (steps + 1, 4)
    assert len(one.actions) == len(one.rewards) == one.steps == steps
    assert (one.terminated, one.truncated) == (end != "truncated", end != "terminated")
    assert all(0 < abs(reward) <= 3 and (4 * reward).is_integer() for reward in one.rewards)
    # What travels to a student in float32 is what is compared.
    assert np.array_equal(one.observations.astype(np.float32), one.observations)
