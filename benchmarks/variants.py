"""Does a copied policy pass lab 3? Policies trained on the standard physics, and on other variants, play on a variant.

    python -m benchmarks.variants [--variants 12] [--seeds 3] [--json benchmarks/variants.json]

Trains chapter 6's configuration with every seed on the standard physics (variant 0) and on each of the variants 1 to N,
until 100 evaluation episodes have a mean return of 198 or more. Every policy then plays on every variant. It passes if
upright.checks.returns, the rule of the labs, says so, on episodes that took part in no training.

- own: policies that pass on the physics on which they were trained.
- copied from the site: policies of variant 0 that pass on variant 1 to N.
- copied from another year: policies of one of the variants 1 to N that pass on another one.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
from pathlib import Path
from typing import Any

import ray
import torch

import upright
from upright.checks import returns
from upright.rllib import Solved, cartpole_config, solve
from upright.variant import ENV_ID

STOP_AT = 198.0
MAX_ENV_STEPS = 30_000
JUDGE_SEED = 300_000


def train(variant: int, seed: int) -> Solved:
    config = cartpole_config(seed).environment(ENV_ID, env_config={"variant": variant})
    return solve(config, STOP_AT, MAX_ENV_STEPS)


def passes(policy: upright.Policy, variant: int) -> bool:
    """Whether the rule of the labs lets the policy pass on the physics of `variant`."""

    def play(episodes: int, seed: int) -> Any:
        return upright.evaluate_batch(policy, episodes, seed, ENV_ID, variant=variant)

    return returns.decide(play, JUDGE_SEED + variant).passed


def share(pairs: list[bool]) -> dict[str, Any]:
    return {"passed": sum(pairs), "of": len(pairs), "share": round(sum(pairs) / len(pairs), 3)}


def record(variants: int, seeds: int) -> dict[str, Any]:
    """Train, let everybody play everywhere, and count."""
    runs: dict[int, list[Solved]] = {}
    table: dict[int, dict[int, list[bool]]] = {}
    for trained_on in range(variants + 1):
        runs[trained_on] = [train(trained_on, seed) for seed in range(seeds)]
        table[trained_on] = {
            played_on: [passes(run.policy, played_on) for run in runs[trained_on]] for played_on in range(variants + 1)
        }
        steps = [run.env_steps for run in runs[trained_on]]
        seconds = ", ".join(f"{run.train_seconds:.1f}" for run in runs[trained_on])
        print(f"variant {trained_on:2}: {steps} env steps, {seconds} s; pass {table[trained_on]}", flush=True)
    courses = range(1, variants + 1)
    trained = [run for variant in courses for run in runs[variant]]
    return {
        "own": share([one for variant in courses for one in table[variant][variant]]),
        "copied_from_the_site": share([one for variant in courses for one in table[0][variant]]),
        "copied_from_another_year": share(
            [one for old in courses for new in courses if old != new for one in table[old][new]]
        ),
        "train_seconds": _range([run.train_seconds for run in trained]),
        "env_steps": _range([run.env_steps for run in trained]),
        "passes": {str(old): {str(new): sum(found) for new, found in row.items()} for old, row in table.items()},
    }


def _range(values: list[Any]) -> dict[str, Any]:
    return {
        "median": round(statistics.median(values), 2),
        "min": round(min(values), 2),
        "max": round(max(values), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.variants", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--variants", type=int, default=12, help="variants 1 to N (default 12)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings on each (default 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers, with their provenance")
    arguments = parser.parse_args()
    upright.quiet()
    torch.set_num_threads(1)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        found = record(arguments.variants, arguments.seeds)
    finally:
        ray.shutdown()
    for name in ("own", "copied_from_the_site", "copied_from_another_year"):
        print(f"{name.replace('_', ' ')}: {found[name]['passed']} of {found[name]['of']} pass")
    print(f"training: {found['train_seconds']['median']} s, {found['env_steps']['median']:,} env steps (median)")
    if arguments.json:
        from upright.recording import provenance

        command = "python -m benchmarks.variants " + " ".join(sys.argv[1:])
        data = {"provenance": provenance(command), "seeds": arguments.seeds, **found}
        arguments.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
