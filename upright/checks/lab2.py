"""Lab 2: a policy by hand, and random search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from upright.checks import cartpole, recording, returns
from upright.checks.answers import Answers, Local
from upright.checks.served import Refused, Served
from upright.checks.verdict import Lab, Spec, StudentError, Wrong, self_check
from upright.checks.wire import Array, Opaque
from upright.physics import physics

ACTION_HINT = "Return 0 (push to the left) or 1 (push to the right), as an int: int(...) turns True and False into it."
RETURN_HINT = (
    "A pole that leans to the right, or falls to the right, needs a push to the right. Use the angle, observation[2], "
    "and the angular velocity, observation[3], together."
)
BUDGET_HINT = "Draw weights with sample() and evaluate them exactly `budget` times: for _ in range(budget)."
TRIED_HINT = "Keep the very weights that evaluate() was given, together with their score."
BEST_HINT = "Keep the weights of the highest score. Start from minus infinity: a score may be negative."


def action(value: Any) -> int:
    """The action that an answer stands for. Raises Wrong if it is neither 0 nor 1."""
    if type(value) in (int, bool) and value in (0, 1):
        return int(value)
    raise Wrong(f"policy(observation) gave {_described(value)}; expected 0 or 1.", ACTION_HINT)


def gives_actions(answers: Answers, rng: np.random.Generator) -> None:
    ask = answers.stream("policy")
    for low, high in ((-0.05, 0.05), (-0.2, 0.2), (-2.0, 2.0)):
        for observation in rng.uniform(low, high, (8, 4)).tolist():
            action(ask(observation))


def mean_return(answers: Answers, rng: np.random.Generator) -> str:
    played: list[tuple[int, list[int]]] = []

    def play(episodes: int, seed: int) -> np.ndarray:
        seeds = np.random.default_rng(seed).integers(2**31, size=episodes).tolist()
        pushes = _play_batch(answers, seeds) if answers.has("policy_batch") else _play_each(answers, seeds)
        played.extend(zip(seeds, pushes, strict=True))
        return np.array([float(len(one)) for one in pushes])

    decision = returns.decide(play, int(rng.integers(2**31)))
    if not decision.passed:
        shown = min(played, key=lambda episode: len(episode[1]))
        step = recording.lost_at(*shown, physics(0))
        raise Wrong(returns.told(decision), RETURN_HINT, recording.replay(*shown, physics(0)), step)
    return returns.told(decision)


def _play_each(answers: Answers, seeds: list[int]) -> list[list[int]]:
    """The actions of each episode, one after the other."""
    ask = answers.stream("policy")
    pushes: list[list[int]] = [[] for _ in seeds]
    for seed, kept in zip(seeds, pushes, strict=True):

        def act(value: Any, kept: list[int] = kept) -> int:
            kept.append(action(value))
            return kept[-1]

        cartpole.play(ask, act, seed, physics(0))
    return pushes


def _play_batch(answers: Answers, seeds: list[int]) -> list[list[int]]:
    """All episodes in lock step: `policy_batch` sees observations of shape (n, 4) of those that still run."""
    standard = physics(0)
    states = dict(enumerate(cartpole.start(seed) for seed in seeds))
    pushes: list[list[int]] = [[] for _ in seeds]
    for _ in range(cartpole.MAX_STEPS):
        value = answers.call("policy_batch", np.array(list(states.values()), dtype=np.float32))
        actions = value.values.tolist() if isinstance(value, Array) else value
        if not isinstance(actions, list) or len(actions) != len(states) or any(a not in (0, 1) for a in actions):
            raise Wrong(
                f"policy_batch(observations) gave {_described(value)}; expected one 0 or 1 for each of "
                f"{len(states)} observations.",
                ACTION_HINT,
            )
        for (number, state), push in zip(list(states.items()), actions, strict=True):
            pushes[number].append(int(push))
            states[number], terminated = cartpole.step(state, int(push), standard)
            if terminated:
                del states[number]
        if not states:
            break
    return pushes


class Search:
    """The judge's side of a random search: it gives weights, scores them, and remembers both."""

    def __init__(self, rng: np.random.Generator, budget: int, low: float, high: float) -> None:
        self._weights = rng.uniform(-1, 1, (budget + 8, 4))
        # Distinct scores; the best one neither first nor last, so that keeping those is found out.
        self._scores = rng.permutation(np.linspace(low, high, budget + 8))
        if budget > 2:
            best, place = int(self._scores[:budget].argmax()), int(rng.integers(1, budget - 1))
            self._scores[[best, place]] = self._scores[[place, best]]
        self._budget = budget
        self.sampled = 0
        self.tried: list[tuple[list[float], float]] = []
        self.fault: Wrong | None = None

    @property
    def sample(self) -> Served:
        return Served("function", self._sample)

    @property
    def evaluate(self) -> Served:
        return Served("function", self._evaluate)

    def _sample(self, name: str, args: list) -> np.ndarray:
        if self.sampled == len(self._weights):
            self._over("sample")
        self.sampled += 1
        return self._weights[self.sampled - 1]

    def _evaluate(self, name: str, args: list) -> float:
        if len(self.tried) == self._budget:
            self._over("evaluate")
        weights = numbers(args[0]) if len(args) == 1 else None
        known = [i for i in range(self.sampled) if weights == self._weights[i].tolist()]
        score = float(self._scores[known[0]]) if known else float(self._scores.min()) - 1.0
        self.tried.append((weights or [], score))
        return score

    def _over(self, function: str) -> None:
        self.fault = Wrong(
            f"With a budget of {self._budget}, {function}() was called more than {self._budget} times.", BUDGET_HINT
        )
        raise Refused(f"{function}() was called more often than the budget allows")

    @property
    def best(self) -> list[float]:
        return max(self.tried, key=lambda pair: pair[1])[0]


def numbers(value: Any) -> list[float] | None:
    """A list or array of numbers as a flat list, else None."""
    if isinstance(value, Array):
        return [float(one) for one in value.values.ravel().tolist()]
    return [float(one) for one in value] if isinstance(value, list) else None


def _search(answers: Answers, rng: np.random.Generator, budget: int, low: float, high: float) -> tuple[Search, Any]:
    search = Search(rng, budget, low, high)
    try:
        value = answers.call("random_search", search.evaluate, search.sample, budget)
    except StudentError:
        if search.fault:
            raise search.fault from None
        raise
    return search, value


def respects_budget(answers: Answers, rng: np.random.Generator) -> None:
    for budget in (int(rng.integers(5, 12)), 1, 40):
        search, _ = _search(answers, rng, budget, 9.0, 200.0)
        if len(search.tried) != budget:
            raise Wrong(f"With a budget of {budget}, evaluate() was called {len(search.tried)} times.", BUDGET_HINT)


def returns_tried(answers: Answers, rng: np.random.Generator) -> None:
    for budget in (int(rng.integers(5, 12)), 1):
        search, value = _search(answers, rng, budget, 9.0, 200.0)
        found = numbers(value)
        if found is None:
            raise Wrong(f"random_search returned {_described(value)}; expected the weights, four numbers.", TRIED_HINT)
        if found not in [weights for weights, _ in search.tried]:
            raise Wrong("random_search returned weights that it never evaluated.", TRIED_HINT)
        strange = sum(1 for weights, _ in search.tried if weights not in search._weights.tolist())
        if strange:
            raise Wrong(f"{strange} of the evaluated weights did not come from sample().", BUDGET_HINT)


def returns_best(answers: Answers, rng: np.random.Generator) -> None:
    for low, high in ((9.0, 200.0), (-60.0, -5.0), (9.0, 200.0)):
        budget = int(rng.integers(6, 14))
        search, value = _search(answers, rng, budget, low, high)
        found = numbers(value)
        if found == search.best:
            continue
        scores = sorted((score for _, score in search.tried), reverse=True)
        place = next((scores.index(score) + 1 for weights, score in search.tried if weights == found), None)
        told = f"the ones in place {place} of {len(scores)}" if place else "none that were evaluated"
        raise Wrong(f"Of {budget} weights, random_search returned {told}; expected the best ones.", BEST_HINT)


def _described(value: Any) -> str:
    if isinstance(value, Opaque):
        return f"a value of type {value.type_name}"
    if isinstance(value, Array):
        return f"an array of shape {tuple(value.values.shape)}"
    if value is None:
        return "None (is there a return?)"
    return f"{type(value).__name__} {str(value)[:40]}"


LAB = Lab(
    name="lab2_policies",
    functions=("policy", "policy_batch", "random_search"),
    checks=(
        Spec("policy: gives an action", 1, gives_actions, "policy"),
        Spec("mean_return", 4, mean_return, "policy"),
        Spec("random_search: respects its budget", 2, respects_budget, "random_search"),
        Spec("random_search: returns weights that it tried", 1, returns_tried, "random_search"),
        Spec("random_search: returns the best", 2, returns_best, "random_search"),
    ),
)


def policy(function: Callable[[Sequence[float]], int]) -> None:
    """Check your policy on public cases. Raises AssertionError if a check fails."""
    self_check(LAB, Local({"policy": function}), ["policy"])


def random_search(function: Callable[..., Any]) -> None:
    """Check your random_search on public cases. Raises AssertionError if a check fails."""
    self_check(LAB, Local({"random_search": function}), ["random_search"])
