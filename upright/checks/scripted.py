"""An environment that plays a script and keeps a transcript: how episode handling is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from upright.checks.served import Refused, Served
from upright.checks.verdict import Wrong

RESET_HINT = "Call env.reset() once at the start of each episode, before the loop, and nowhere else."
END_HINT = "An episode is over as soon as terminated or truncated is true: stop when either is."
ACTION_HINT = "Give env.step() the very action that policy(observation) gave."
OBSERVATION_HINT = "Give the policy the newest observation: first that of reset(), afterwards that of the last step()."


@dataclass(frozen=True)
class Episode:
    """One scripted episode of n steps: observations float64 of shape (n + 1, 4), the first one that of reset;
    rewards of shape (n,); how the last step ends it; the actions that the judge's policy gives, n of them."""

    observations: np.ndarray
    rewards: tuple[float, ...]
    terminated: bool
    truncated: bool
    actions: tuple[int, ...]

    @property
    def steps(self) -> int:
        return len(self.rewards)

    @property
    def end(self) -> str:
        flags = [name for name, on in (("terminated", self.terminated), ("truncated", self.truncated)) if on]
        return f"{' and '.join(flags)} at step {self.steps}"


def episode(rng: np.random.Generator, steps: int, end: str, rewards: str = "ones") -> Episode:
    """A random episode. `end`: "terminated", "truncated" or "both"; `rewards`: "ones" or "mixed", which are
    multiples of 1/4 between -3 and 3, none of them zero, so that sums are exact."""
    quarters = rng.integers(1, 13, steps) * rng.choice([-1, 1], steps)
    return Episode(
        observations=rng.uniform(-1, 1, (steps + 1, 4)).astype(np.float32).astype(np.float64),
        rewards=tuple((quarters / 4).tolist()) if rewards == "mixed" else (1.0,) * steps,
        terminated=end in ("terminated", "both"),
        truncated=end in ("truncated", "both"),
        actions=tuple(rng.integers(0, 2, steps).tolist()),
    )


@dataclass
class ScriptedEnvironment:
    """The judge's state machine. `environment` and `policy` are what a student's function is handed.

    After the call, `steps` holds the number of steps taken in each episode that began, `resets` the number of resets,
    and `fault` the first thing that was done wrong, of the kinds end, reset, action, observation.
    """

    script: list[Episode]
    resets: int = 0
    steps: list[int] = field(default_factory=list)
    faults: dict[str, Wrong] = field(default_factory=dict)
    asked: int = 0

    @property
    def environment(self) -> Served:
        return Served("environment", self._handle)

    @property
    def policy(self) -> Served:
        return Served("function", self._policy)

    def raise_faults(self, *kinds: str) -> None:
        """Raise the first fault of these kinds, in the order in which they are named."""
        for kind in kinds:
            if kind in self.faults:
                raise self.faults[kind]

    def _handle(self, name: str, args: list) -> Any:
        if name == "reset":
            return self._reset()
        if name == "step" and len(args) == 1:
            return self._step(args[0])
        raise Refused(f"env.{name} is not there for a lab to use")

    def _where(self) -> str:
        return f"Episode {self.resets}, step {self.steps[-1]}" if self.steps else "Before the first reset"

    def _fault(self, kind: str, message: str, hint: str) -> None:
        self.faults.setdefault(kind, Wrong(message, hint))

    def _over(self) -> bool:
        return not self.steps or self.steps[-1] >= self.script[self.resets - 1].steps

    def _reset(self) -> list[float]:
        if self.steps and not self._over():
            inside = f"{self._where()}: reset() was called before the episode was over"
            expected = self.script[self.resets - 1].end
            self._fault("reset", f"{inside} (it is {expected}).", RESET_HINT)
        if self.resets == len(self.script):
            self._fault(
                "reset",
                f"reset() was called {self.resets + 1} times; expected {len(self.script)}, once for each episode.",
                RESET_HINT,
            )
            raise Refused("reset() was called once more than there are episodes to play")
        self.resets += 1
        self.steps.append(0)
        return self.script[self.resets - 1].observations[0].tolist()

    def _step(self, action: Any) -> list[float]:
        if not self.steps:
            self._fault("reset", "step() was called before reset().", RESET_HINT)
            raise Refused("step() was called before reset()")
        current = self.script[self.resets - 1]
        if self._over():
            self._fault(
                "end",
                f"Episode {self.resets} was {current.end}, but step() was called again.",
                END_HINT,
            )
            raise Refused(f"step() was called after the episode's end ({current.end})")
        taken = self.steps[-1]
        expected = current.actions[taken]
        if type(action) not in (int, bool) or int(action) != expected:
            got = f"{action}" if type(action) in (int, float, bool) else f"something else ({_named(action)})"
            self._fault(
                "action",
                f"Episode {self.resets}, step {taken + 1}: the policy gave action {expected}, and step() got {got}.",
                ACTION_HINT,
            )
        self.steps[-1] += 1
        last = self.steps[-1] == current.steps
        ends = [last and current.terminated, last and current.truncated]
        return [*current.observations[taken + 1].tolist(), current.rewards[taken], *ends]

    def _policy(self, name: str, args: list) -> int:
        self.asked += 1
        if not self.steps:
            self._fault("observation", "The policy was asked before reset().", RESET_HINT)
            return 0
        current, taken = self.script[self.resets - 1], self.steps[-1]
        values = getattr(args[0], "values", args[0]) if len(args) == 1 else None
        expected = current.observations[taken]
        if isinstance(values, (list, np.ndarray)):
            seen = np.asarray(values, dtype=np.float64)
            right = seen.shape == (4,) and bool(np.allclose(seen, expected, rtol=0, atol=1e-6))
        else:
            right = False
        if not right:
            got = "another observation" if isinstance(values, (list, np.ndarray)) else _named(*args[:1])
            self._fault(
                "observation",
                f"Episode {self.resets}, step {taken + 1}: the policy did not get the newest observation, but {got}.",
                OBSERVATION_HINT
                if not str(got).startswith("tuple")
                else "reset() gives two values: observation, info = env.reset().",
            )
        return current.actions[min(taken, current.steps - 1)]


def _named(value: Any = None) -> str:
    """What came, in a few words."""
    if value is None:
        return "None"
    if hasattr(value, "type_name"):
        return str(value.type_name)
    return {"list": "a list", "str": "a text", "Array": "an array"}.get(type(value).__name__, repr(value))
