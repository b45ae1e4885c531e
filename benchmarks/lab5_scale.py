"""How many env steps do good and bad configurations take? The scale of lab 5 is read off these numbers.

    python -m benchmarks.lab5_scale [--seeds 9] [--json benchmarks/lab5_scale.json]

Every configuration is trained as the grader trains it: until solved or 20,000 env steps, with seeds that nothing else
uses. The grader takes the median of three seeds, so what counts is how these medians spread: all triples of the seeds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import statistics
import sys
from pathlib import Path
from typing import Any

import ray
import torch

import upright
from upright.checks.lab5 import CAP, FULL, points
from upright.recording import provenance
from upright.rllib import solve, tuned_config
from upright.search import Config

CONFIGS: dict[str, dict[str, Any]] = {
    "nothing named (a falling learning rate)": {},
    "lr 5e-5, RLlib's default": {"lr": 5e-5},
    "lr 2e-4": {"lr": 2e-4},
    "lr 5e-4": {"lr": 5e-4},
    "lr 1e-3": {"lr": 1e-3},
    "lr 3e-3": {"lr": 3e-3},
    "lr 5e-3": {"lr": 5e-3},
    "lr 1e-2": {"lr": 1e-2},
    "lr 3e-2": {"lr": 3e-2},
    "tutorial's winner": {
        "lr": 6.7e-3,
        "fcnet_hiddens": [64],
        "fcnet_activation": "relu",
        "minibatch_size": 128,
        "num_epochs": 10,
    },
    "smaller batches": {"lr": 3e-3, "train_batch_size_per_learner": 256, "num_epochs": 14},
}


def train(config: dict[str, Any], seed: int) -> int:
    """Env steps until solved; CAP when it was not."""
    run = solve(tuned_config(Config.parse(config), seed), max_env_steps=CAP, eval_seed=seed)
    return run.env_steps if run.solved else CAP


def row(steps: list[int]) -> dict[str, Any]:
    medians = [statistics.median(three) for three in itertools.combinations(steps, 3)]
    given = [points(median, 6) for median in medians]
    return {
        "env_steps": steps,
        "median": statistics.median(steps),
        "median_of_3": {"min": min(medians), "median": statistics.median(medians), "max": max(medians)},
        "points": {"min": min(given), "mean": round(statistics.mean(given), 2), "max": max(given)},
        "full_points_share": round(sum(one == 6 for one in given) / len(given), 2),
    }


def main() -> None:
    summary = (__doc__ or "").split("\n\n")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lab5_scale", description=summary)
    parser.add_argument("--seeds", type=int, default=9, help="trainings of each configuration (default 9)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers, with their provenance")
    arguments = parser.parse_args()
    upright.quiet()
    torch.set_num_threads(1)
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    rows = {}
    try:
        for name, config in CONFIGS.items():
            rows[name] = found = row([train(config, 1_000_001 + seed) for seed in range(arguments.seeds)])
            print(
                f"{name:36} median {found['median']:7,.0f}, points {found['points']['mean']:.2f} "
                f"({found['points']['min']}-{found['points']['max']}), all points in {found['full_points_share']:.0%}",
                flush=True,
            )
    finally:
        ray.shutdown()
    if arguments.json:
        command = "python -m benchmarks.lab5_scale " + " ".join(sys.argv[1:])
        data = {"provenance": provenance(command), "full": FULL, "cap": CAP, "rows": rows}
        arguments.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
