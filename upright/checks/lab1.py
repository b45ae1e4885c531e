"""Lab 1: play an episode, play several, and the target of temporal-difference learning."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from upright.checks.answers import Answers, Local
from upright.checks.scripted import Episode, ScriptedEnvironment, episode
from upright.checks.verdict import Lab, Spec, StudentError, Wrong, self_check

NUMBER_HINT = "Return the sum of the episode's rewards: `return total`."
SUM_HINT = "Start at 0.0 and add every reward, the last one of the episode included."
LIST_HINT = "Return a list with one return for each episode, in the order in which they were played."
FRESH_HINT = "Play each episode anew with run_episode(env, policy), every time that evaluate is called."


def _play(answers: Answers, script: list[Episode], function: str, *args: Any) -> tuple[ScriptedEnvironment, Any]:
    """Call the student's function on a scripted environment. An error that our own refusal caused is our verdict."""
    environment = ScriptedEnvironment(script)
    try:
        value = answers.call(function, environment.environment, environment.policy, *args)
    except StudentError:
        environment.raise_faults("end", "reset")
        raise
    return environment, value


def _ends(answers: Answers, script: list[Episode]) -> None:
    for one in script:
        environment, _ = _play(answers, [one], "run_episode")
        environment.raise_faults("end")
        if environment.resets == 0:
            raise Wrong("The episode was never begun: reset() was not called.", "Begin with env.reset().")
        taken = environment.steps[-1]
        if taken < one.steps:
            raise Wrong(
                f"The episode is {one.end}, but run_episode stopped after step {taken}.",
                "Go on until the episode is terminated or truncated, however long that takes.",
            )


def ends_terminated(answers: Answers, rng: np.random.Generator) -> None:
    _ends(answers, [episode(rng, 3, "terminated"), episode(rng, int(rng.integers(4, 40)), "terminated")])


def ends_truncated(answers: Answers, rng: np.random.Generator) -> None:
    _ends(answers, [episode(rng, 5, "truncated"), episode(rng, int(rng.integers(6, 40)), "truncated")])


def ends_at_once(answers: Answers, rng: np.random.Generator) -> None:
    both = episode(rng, int(rng.integers(2, 9)), "both")
    _ends(answers, [both, *(episode(rng, 1, end) for end in ("terminated", "truncated", "both"))])


def sums_rewards(answers: Answers, rng: np.random.Generator) -> None:
    for steps, end in (
        (int(rng.integers(4, 12)), "terminated"),
        (1, "terminated"),
        (int(rng.integers(4, 12)), "truncated"),
    ):
        one = _telling_episode(rng, steps, end) if steps > 1 else episode(rng, steps, end, "mixed")
        _, value = _play(answers, [one], "run_episode")
        _compare_return(value, one)


def _telling_episode(rng: np.random.Generator, steps: int, end: str) -> Episode:
    """At least three steps, with rewards from which each wrong sum is another number: no luck, and a hint that fits."""
    while True:
        one = episode(rng, steps, end, "mixed")
        total, first, last = sum(one.rewards), one.rewards[0], one.rewards[-1]
        if len({total, total - first, total - last, last, float(steps)}) == 5:
            return one


def _compare_return(value: Any, one: Episode) -> None:
    if type(value) not in (int, float):
        raise Wrong(f"run_episode returned {_described(value)}; expected a number.", NUMBER_HINT)
    expected = sum(one.rewards)
    if _close(float(value), expected):
        return
    length = f"an episode of {one.steps} step{'s' if one.steps > 1 else ''}"
    told = f"The return of {length} is {expected:g}, but run_episode returned {value:g}."
    if _close(float(value), sum(one.rewards[:-1])):
        raise Wrong(
            told, f"The last reward is missing: it came with step {one.steps}, which ended the episode. {SUM_HINT}"
        )
    if _close(float(value), sum(one.rewards[1:])):
        raise Wrong(told, f"The first reward is missing. {SUM_HINT}")
    if _close(float(value), one.steps):
        raise Wrong(told, f"Rewards are not always 1: add the rewards, do not count the steps. {SUM_HINT}")
    if _close(float(value), one.rewards[-1]):
        raise Wrong(told, f"That is the last reward alone. {SUM_HINT}")
    raise Wrong(told, SUM_HINT)


def handles_environment(answers: Answers, rng: np.random.Generator) -> None:
    one = episode(rng, int(rng.integers(16, 24)), "terminated")
    environment, _ = _play(answers, [one], "run_episode")
    environment.raise_faults("reset", "observation", "action")
    if environment.resets != 1:
        raise Wrong(
            f"reset() was called {environment.resets} times; expected once.", "Begin the episode with env.reset()."
        )
    if environment.asked < one.steps:
        raise Wrong(
            f"The policy was asked {environment.asked} times in an episode of {one.steps} steps.",
            "Ask the policy for an action before every step: action = policy(observation).",
        )


def lists_returns(answers: Answers, rng: np.random.Generator) -> None:
    for script in (_telling_script(rng, int(rng.integers(3, 6))), _script(rng, 1)):
        count = len(script)
        _, value = _play(answers, script, "evaluate", count)
        _compare_returns(value, script)


def _compare_returns(value: Any, script: list[Episode]) -> None:
    values = value.values.tolist() if hasattr(value, "values") and value.values.ndim == 1 else value
    if not isinstance(values, list):
        raise Wrong(f"evaluate returned {_described(value)}; expected a list of {len(script)} numbers.", LIST_HINT)
    if len(values) != len(script):
        raise Wrong(f"evaluate returned {len(values)} numbers for {len(script)} episodes.", LIST_HINT)
    expected = [sum(one.rewards) for one in script]
    for number, (got, right) in enumerate(zip(values, expected, strict=True), 1):
        if not _close(float(got), right):
            hint = LIST_HINT if sorted(values) == sorted(expected) else FRESH_HINT
            raise Wrong(f"Episode {number} has the return {right:g}, but evaluate returned {got:g} for it.", hint)


def plays_afresh(answers: Answers, rng: np.random.Generator) -> None:
    for count in (3, 3, int(rng.integers(4, 7))):
        script = _script(rng, count)
        environment, _ = _play(answers, script, "evaluate", count)
        environment.raise_faults("reset", "end")
        if environment.resets != count:
            raise Wrong(f"evaluate(env, policy, {count}) played {environment.resets} episodes.", FRESH_HINT)
        for number, (taken, one) in enumerate(zip(environment.steps, script, strict=True), 1):
            if taken != one.steps:
                raise Wrong(f"Episode {number} is {one.end}, but it was left after step {taken}.", FRESH_HINT)


def _script(rng: np.random.Generator, count: int) -> list[Episode]:
    ends = ("terminated", "truncated", "both")
    return [episode(rng, int(rng.integers(2, 9)), ends[number % 3], "mixed") for number in range(count)]


def _telling_script(rng: np.random.Generator, count: int) -> list[Episode]:
    """At least three episodes whose returns differ and are in neither order of size: a sorted list is seen."""
    while True:
        script = _script(rng, count)
        returns = [sum(one.rewards) for one in script]
        up = sorted(set(returns))
        if len(up) == count and returns not in (up, up[::-1]):
            return script


def _target(answers: Answers, rng: np.random.Generator, terminated: bool, truncated: bool) -> None:
    for _ in range(4):
        reward, next_value = float(rng.uniform(-2, 2)), float(rng.uniform(5, 50))
        gamma = float(rng.uniform(0.5, 0.95))
        value = answers.call("td_target", reward, next_value, terminated, truncated, gamma)
        if type(value) not in (int, float):
            raise Wrong(f"td_target returned {_described(value)}; expected a number.", "Return the target, a number.")
        bootstrapped = reward + gamma * next_value
        expected = reward if terminated else bootstrapped
        if not _close(float(value), expected):
            raise Wrong(
                f"With terminated={terminated} and truncated={truncated}: expected {expected:.4f}, got {value:.4f}.",
                _target_hint(float(value), reward, next_value, gamma, terminated, truncated),
            )


def _target_hint(got: float, reward: float, next_value: float, gamma: float, terminated: bool, truncated: bool) -> str:
    if terminated and _close(got, reward + gamma * next_value):
        return (
            "After a termination nothing more comes: the value of what follows is 0, so the target is the reward alone."
        )
    if truncated and _close(got, reward):
        return "A truncated episode would have gone on: only the clock stopped it, so what follows keeps its value."
    if _close(got, reward + next_value):
        return "The next value is discounted: multiply it by gamma."
    if _close(got, gamma * next_value):
        return "The reward of this step is missing."
    if _close(got, gamma * (reward + next_value)):
        return "Only the next value is discounted by gamma, not the reward."
    return "The target is reward + gamma * next_value, without the second term when the episode was terminated."


def target_goes_on(answers: Answers, rng: np.random.Generator) -> None:
    _target(answers, rng, terminated=False, truncated=False)


def target_terminated(answers: Answers, rng: np.random.Generator) -> None:
    _target(answers, rng, terminated=True, truncated=False)
    _target(answers, rng, terminated=True, truncated=True)


def target_truncated(answers: Answers, rng: np.random.Generator) -> None:
    _target(answers, rng, terminated=False, truncated=True)


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6)


def _described(value: Any) -> str:
    if value is None:
        return "None (is there a return?)"
    if hasattr(value, "type_name"):
        return f"a value of type {value.type_name}"
    return {"list": "a list", "str": "a text", "Array": "an array", "bool": "True or False"}.get(
        type(value).__name__, "something else"
    )


LAB = Lab(
    name="lab1_episodes",
    functions=("run_episode", "evaluate", "td_target"),
    checks=(
        Spec("run_episode: ends when terminated", 1, ends_terminated, "run_episode"),
        Spec("run_episode: ends when truncated", 1, ends_truncated, "run_episode"),
        Spec("run_episode: one step, and both flags at once", 1, ends_at_once, "run_episode"),
        Spec("run_episode: sums the rewards", 1, sums_rewards, "run_episode"),
        Spec("run_episode: one reset, the policy's actions", 1, handles_environment, "run_episode"),
        Spec("evaluate: one return for each episode", 1, lists_returns, "evaluate"),
        Spec("evaluate: plays every episode afresh", 1, plays_afresh, "evaluate"),
        Spec("td_target: the episode goes on", 1, target_goes_on, "td_target"),
        Spec("td_target: terminated", 1, target_terminated, "td_target"),
        Spec("td_target: truncated", 1, target_truncated, "td_target"),
    ),
)


def run_episode(function: Callable[..., Any]) -> None:
    """Check your run_episode on public cases. Raises AssertionError if a check fails."""
    self_check(LAB, Local({"run_episode": function}), ["run_episode"])


def evaluate(function: Callable[..., Any]) -> None:
    """Check your evaluate on public cases. Raises AssertionError if a check fails."""
    self_check(LAB, Local({"evaluate": function}), ["evaluate"])


def td_target(function: Callable[..., Any]) -> None:
    """Check your td_target on public cases. Raises AssertionError if a check fails."""
    self_check(LAB, Local({"td_target": function}), ["td_target"])
