"""Learning curves by hyperparameters as data, `upright-atlas/1`: what the figure of learning curves shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from upright.format import Format
from upright.policy import Policy

MAX_RUNS = 5_000
MAX_POINTS = 1_000

Text = Annotated[str, Field(max_length=500)]
Return = Annotated[float, Field(ge=0.0, le=10_000.0)]


class Provenance(Format):
    """Where a recording comes from, as `upright.recording.provenance` gives it. gpu: None where there was none."""

    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    commit: Text | None
    command: Text
    python: Text
    packages: Annotated[dict[str, Text], Field(max_length=64)]
    cpu: Text
    cpu_count: Annotated[int, Field(ge=1)] | None
    gpu: Text | None


class Run(Format):
    """One training: its hyperparameters, its seed, and what it reached.

    lr: learning rate; width: units of the one hidden layer; activation: of that layer; clip_param: PPO's clip range;
    returns: one mean return per number of the atlas's `env_steps`; policy: the network after the last of them, or None
    in a large atlas.
    """

    lr: Annotated[float, Field(ge=1e-7, le=1.0)]
    width: Annotated[int, Field(ge=1, le=1024)]
    activation: Literal["relu", "tanh"]
    clip_param: Annotated[float, Field(ge=0.001, le=10.0)]
    seed: Annotated[int, Field(ge=0)]
    returns: Annotated[tuple[Return, ...], Field(min_length=1, max_length=MAX_POINTS, fail_fast=True)]
    policy: Policy | None = None

    @model_validator(mode="after")
    def _policy_fits(self) -> Self:
        sizes = (4, 2)
        if self.policy and (self.policy.observation_size, self.policy.action_size) != sizes:
            raise ValueError("the policy does not map CartPole's 4 numbers to its 2 actions")
        if self.policy and self.policy.layers[0].outputs != self.width:
            raise ValueError(f"width is {self.width} but the policy has {self.policy.layers[0].outputs} hidden units")
        return self


class Atlas(Format):
    """Learning curves of trainings that differ in hyperparameters and seed, `upright-atlas/1`.

    env_steps: the env steps at which all runs were evaluated, increasing. Training comes in batches: the evaluation
    for a number of env steps is that of the policy after the first batch that reached it. Each evaluation is the mean
    return of `eval_episodes` greedy episodes, the same starting states each time (`evaluate_batch` with `eval_seed`).

    Runs share `env_steps`, and numbers are best rounded (see `rounded`): a file of 4 MB, the most that is read, holds
    about 700 runs with policies of 64 units, or thousands of runs of which some have a policy.
    """

    format: Literal["upright-atlas/1"] = "upright-atlas/1"
    env_id: Annotated[str, Field(min_length=1, max_length=100)]
    provenance: Provenance
    eval_episodes: Annotated[int, Field(ge=1, le=100_000)]
    eval_seed: Annotated[int, Field(ge=0)]
    env_steps: Annotated[
        tuple[Annotated[int, Field(ge=0, le=1_000_000_000)], ...],
        Field(min_length=1, max_length=MAX_POINTS, fail_fast=True),
    ]
    runs: Annotated[tuple[Run, ...], Field(min_length=1, max_length=MAX_RUNS, fail_fast=True)]

    @model_validator(mode="after")
    def _runs_agree(self) -> Self:
        if any(later <= earlier for earlier, later in pairwise(self.env_steps)):
            raise ValueError("env_steps does not increase")
        seen = set()
        for position, run in enumerate(self.runs):
            if len(run.returns) != len(self.env_steps):
                counts = f"{len(run.returns)} returns, but there are {len(self.env_steps)} env_steps"
                raise ValueError(f"runs.{position} has {counts}")
            key = (run.lr, run.width, run.activation, run.clip_param, run.seed)
            if key in seen:
                raise ValueError(f"runs.{position} has the hyperparameters and the seed of an earlier run: {key}")
            seen.add(key)
        return self

    def solved_at(self, run: Run, target: float = 195.0) -> int | None:
        """The first number of env steps at which the run's mean return reached `target`; None if it never did."""
        return next((steps for steps, mean in zip(self.env_steps, run.returns, strict=True) if mean >= target), None)

    def describe(self) -> str:
        """One line: how many runs, of what, and how long."""
        return f"Atlas({self.env_id}: {len(self.runs)} runs of {self.env_steps[-1]:,} env steps)"

    def __repr__(self) -> str:
        return self.describe()

    __str__ = __repr__


def rounded(policy: Policy, digits: int = 4) -> Policy:
    """The policy with its numbers rounded to `digits` significant digits: about half as large in a file.

    It is another policy, if only a little: measure the one that is kept.
    """

    def short(numbers: Sequence[float]) -> list[float]:
        return [float(f"{number:.{digits}g}") for number in numbers]

    data = policy.model_dump(mode="json")
    for layer in data["layers"]:
        layer["weight"] = [short(row) for row in layer["weight"]]
        layer["bias"] = short(layer["bias"])
    return Policy.parse(data, source="rounded")
