"""Train what chapter 6 and the solution of lab 3 train, and keep the policies' fingerprints in autograder/published/.

    python -m tools.published

Run it after a change of `upright.rllib.cartpole_config`; a test says so. It ends with how far apart policies of other
seeds are, which is what `autograder.published.TOLERANCE` stands on. Another kind of processor rounds otherwise, and
trains other policies from the same seeds.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import sys
from typing import NamedTuple

import numpy as np
import ray
import torch
from ray.rllib.algorithms.ppo import PPOConfig

from autograder import published
from upright.rllib import cartpole_config, solve
from upright.variant import ENV_ID

EVALUATION = 10_000  # the seed of chapter 6's own evaluations; `solve` has another
SEEDS = 8  # whose policies are compared with one another


class Training(NamedTuple):
    """What is trained where a policy is published: until the greedy policy's mean return is `target`."""

    name: str
    source: str
    config: PPOConfig
    target: float = 195.0
    eval_seed: int = 100_000


def trainings() -> list[Training]:
    """All that are published."""
    standard = cartpole_config(4711).environment(ENV_ID, env_config={"variant": 0})
    return [
        Training("ppo-seed-0", "chapter 6, the policy that it trains", cartpole_config(0), 198.0, EVALUATION),
        *(
            Training(f"ppo-seed-{seed}", "chapter 6, the comparison of networks", cartpole_config(seed))
            for seed in range(1, 6)
        ),
        Training("lab3-solution", "solutions/lab3_ppo.md on the standard physics", standard, 198.0, EVALUATION),
    ]


def settings(training: Training) -> str:
    """A digest of everything that the training is given."""
    given = sorted((name, repr(value)) for name, value in training.config.to_dict().items())
    readable = [pair for pair in given if " at 0x" not in pair[1]]  # not the objects of each configuration's own
    return hashlib.sha256(repr((readable, training.target, training.eval_seed)).encode()).hexdigest()[:16]


def main() -> int:
    torch.set_num_threads(1)
    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        for training in trainings():
            run = solve(training.config, training.target, eval_seed=training.eval_seed)
            published.keep(training.name, training.source, run.policy, settings=settings(training))
            print(f"{training.name}: {run.env_steps:,} env steps", flush=True)
        policies = [solve(cartpole_config(seed)).policy for seed in range(SEEDS)]
    finally:
        ray.shutdown()
    pairs = list(itertools.combinations(map(published.fingerprint, policies), 2))
    nearest = min(float(np.linalg.norm(one - other)) for one, other in pairs)
    print(f"The nearest of {len(pairs)} pairs of other seeds are {nearest:.2f} apart; flagged: {published.TOLERANCE}")
    return 0 if nearest > published.TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
