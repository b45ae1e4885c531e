"""Learning curves by learning rate, width, activation and seed: book/data/atlas-small.json, an `upright-atlas/1`.

    python -m benchmarks.atlas [--lr 0.0003 0.001 ...] [--width 4 16 64] [--seeds 3] [--env-steps 15000] [--cpus 2]

PPO as in chapter 6 (`upright.rllib.cartpole_config`), with one hidden layer and a learning rate that stays the same. A
finished run is kept in `_build/atlas/`, and not trained again unless upright/rllib.py or the settings change: a
recording that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import itertools
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray

from tools.chapters import BUILD, ROOT
from upright.atlas import Atlas
from upright.recording import provenance

PARTS = BUILD / "atlas"
TARGET = ROOT / "book" / "data" / "atlas-small.json"
ENV_ID = "CartPole-v0"
EVAL_SEED = 100_000


def one_run(run: dict[str, Any], grid: list[int], episodes: int) -> dict[str, Any]:
    """Train one run and evaluate it at each number of env steps in `grid`."""
    from upright.atlas import rounded
    from upright.evaluation import evaluate_batch
    from upright.rllib import export_policy, tuned_config
    from upright.search import Config

    found = Config(lr=run["lr"], fcnet_hiddens=(run["width"],), fcnet_activation=run["activation"])
    algo = tuned_config(found, run["seed"]).build_algo()
    env_steps, returns = 0, []
    try:
        for target in grid:
            while env_steps < target:
                env_steps = int(algo.train()["env_runners"]["num_env_steps_sampled_lifetime"])
            module = algo.get_module()
            assert module is not None
            policy = rounded(export_policy(module, env_steps=env_steps))
            returns.append(float(f"{evaluate_batch(policy, episodes, EVAL_SEED, ENV_ID).mean():.4g}"))
    finally:
        algo.stop()
    return {**run, "returns": returns, "policy": policy.model_dump(mode="json")}


def record(plan: list[dict[str, Any]], grid: list[int], episodes: int, cpus: int) -> list[dict[str, Any]]:
    """All runs of the plan, those that were finished before included."""
    source = (ROOT / "upright" / "rllib.py").read_text(encoding="utf-8")
    settings = [ast.dump(ast.parse(source)), grid, episodes, EVAL_SEED]
    folder = PARTS / hashlib.sha256(repr(settings).encode()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    parts = [folder / f"{run['activation']}-{run['width']}-{run['lr']:g}-{run['seed']}.json" for run in plan]
    missing = {part: run for part, run in zip(parts, plan, strict=True) if not part.is_file()}
    print(f"{len(plan) - len(missing)} of {len(plan)} runs were there already", flush=True)
    if missing:
        ray.init(num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        try:
            _train(missing, grid, episodes)
        finally:
            ray.shutdown()
    return [json.loads(part.read_text(encoding="utf-8")) for part in parts]


def _train(missing: dict[Path, dict[str, Any]], grid: list[int], episodes: int) -> None:
    train = ray.remote(num_cpus=1)(one_run)
    waiting = {train.remote(run, grid, episodes): part for part, run in missing.items()}
    start = time.perf_counter()
    for number, (part, run) in enumerate(_finished(waiting), start=1):
        temporary = part.with_suffix(".tmp")
        temporary.write_text(json.dumps(run), encoding="utf-8")
        temporary.rename(part)
        left = (time.perf_counter() - start) / number * (len(missing) - number)
        print(f"[{number:3}/{len(missing)}] {part.stem:24} {run['returns'][-1]:6.1f}  {left:5.0f} s left", flush=True)


def _finished(waiting: dict[Any, Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    while waiting:
        for done in ray.wait(list(waiting))[0]:
            yield waiting.pop(done), ray.get(done)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lr", type=float, nargs="+", default=[3e-4, 1e-3, 3e-3, 1e-2, 3e-2], help="learning rates")
    parser.add_argument("--width", type=int, nargs="+", default=[4, 16, 64], help="units of the hidden layer")
    parser.add_argument("--activation", nargs="+", default=["tanh", "relu"], help="its activations")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each, from 1 (default 3)")
    parser.add_argument("--policies", type=int, default=None, help="keep those of the first seeds only (default all)")
    parser.add_argument("--env-steps", type=int, default=15_000, help="length of a run (default 15000)")
    parser.add_argument("--every", type=int, default=1_000, help="env steps from evaluation to evaluation")
    parser.add_argument("--episodes", type=int, default=40, help="greedy episodes of one evaluation (default 40)")
    parser.add_argument("--cpus", type=int, default=2, help="runs side by side (default 2)")
    parser.add_argument("--json", type=Path, default=TARGET, help="where the result goes")
    options = parser.parse_args()

    seeds = range(1, options.seeds + 1)
    names = ("seed", "lr", "width", "activation")
    values = itertools.product(seeds, options.lr, options.width, options.activation)
    plan = [dict(zip(names, each, strict=True)) for each in values]
    grid = list(range(0, options.env_steps + 1, options.every))
    os.environ["TUNE_DISABLE_SIGINT_HANDLER"] = "1"  # Ctrl+C must end this program
    runs = record(plan, grid, options.episodes, options.cpus)
    for run in runs:
        if options.policies is not None and run["seed"] > options.policies:
            run["policy"] = None
    atlas = Atlas.parse(
        {
            "format": "upright-atlas/1",
            "env_id": ENV_ID,
            "provenance": provenance(" ".join(["python -m benchmarks.atlas", *sys.argv[1:]])),
            "eval_episodes": options.episodes,
            "eval_seed": EVAL_SEED,
            "env_steps": grid,
            "runs": runs,
        },
        source="benchmarks.atlas",
    )
    size = atlas.save(options.json).stat().st_size
    print(f"{options.json.name}: {atlas}, {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
