"""A search for hyperparameters as data: its trials, and the configuration that it recommends."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from upright.format import Format

MIME = "application/vnd.upright.search+json"
MAX_TRIALS = 500

Width = Annotated[int, Field(ge=4, le=256)]


class Config(Format):
    """The hyperparameters of a PPO training that a search may vary, under RLlib's names, with the values allowed.

    What a search does not name keeps the value of `upright.rllib.tuned_config`; None stands for "not named". `lr` is
    one number, constant over the training. num_envs_per_env_runner divides train_batch_size_per_learner, which
    minibatch_size does not exceed: RLlib collects whole fragments.
    """

    lr: Annotated[float, Field(ge=1e-7, le=0.1)] | None = None
    gamma: Annotated[float, Field(ge=0.8, le=1.0)] | None = None
    lambda_: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    entropy_coeff: Annotated[float, Field(ge=0.0, le=0.1)] | None = None
    clip_param: Annotated[float, Field(ge=0.02, le=1.0)] | None = None
    vf_loss_coeff: Annotated[float, Field(ge=0.0, le=10.0)] | None = None
    grad_clip: Annotated[float, Field(ge=0.01, le=1000.0)] | None = None
    num_epochs: Annotated[int, Field(ge=1, le=40)] | None = None
    minibatch_size: Annotated[int, Field(ge=32, le=4096)] | None = None
    train_batch_size_per_learner: Annotated[int, Field(ge=128, le=4096)] | None = None
    num_envs_per_env_runner: Annotated[int, Field(ge=1, le=64)] | None = None
    fcnet_hiddens: Annotated[tuple[Width, ...], Field(min_length=1, max_length=3)] | None = None
    fcnet_activation: Literal["linear", "relu", "tanh"] | None = None

    @model_validator(mode="after")
    def _batch_fits(self) -> Self:
        batch, envs, minibatch = self.batch()
        if batch % envs:
            raise ValueError(f"train_batch_size_per_learner is {batch}; make it a multiple of {envs} environments")
        if minibatch > batch:
            raise ValueError(f"minibatch_size is {minibatch}, more than the batch of {batch}")
        return self

    def batch(self) -> tuple[int, int, int]:
        """Env steps of one iteration, environments that collect them side by side, steps of one minibatch."""
        batch = self.train_batch_size_per_learner or 512
        return batch, self.num_envs_per_env_runner or 16, self.minibatch_size or min(512, batch)

    def named(self) -> dict[str, Any]:
        """What the search names, as plain values."""
        return self.model_dump(exclude_none=True)


class Trial(Format):
    """One training of a search. env_steps: taken for training until it was solved or stopped; solved: whether 100
    evaluation episodes had a mean return of 195 or more."""

    config: Config
    env_steps: Annotated[int, Field(ge=1, le=10_000_000)]
    solved: bool


class Search(Format):
    """A search, `upright-search/1`: its trials, and the configuration that it recommends (the best)."""

    format: Literal["upright-search/1"] = "upright-search/1"
    trials: Annotated[tuple[Trial, ...], Field(min_length=1, max_length=MAX_TRIALS, fail_fast=True)]
    best: Config

    def different(self) -> int:
        """How many different configurations were tried."""
        return len({trial.config.dumps() for trial in self.trials})

    def fastest(self) -> Trial | None:
        """The solved trial with the fewest env steps, the first of several."""
        return min((trial for trial in self.trials if trial.solved), key=lambda trial: trial.env_steps, default=None)

    def describe(self) -> str:
        """One line: how many trials, how many solved, what is recommended."""
        solved = sum(trial.solved for trial in self.trials)
        return f"Search({len(self.trials)} trials, {solved} solved, best {self.best.named()})"

    def __repr__(self) -> str:
        return self.describe()

    __str__ = __repr__
