"""Learning curves by learning rate, width, activation, clip range and seed: book/data/atlas.json, an `upright-atlas/1`.

    python -m benchmarks.atlas [--lr 0.0003 0.001 ...] [--width 4 16 64] [--seeds 12] [--env-steps 15000]

PPO for many agents (`upright.population`) with chapter 6's settings, one hidden layer, and a learning rate that stays
the same. It is not RLlib. A part is what differs in learning rate and seed alone. Its agents train side by side; when
it is finished it is kept in `_build/atlas/`, and not trained again unless the settings or the code of the training
change: a recording that was stopped goes on where it was. An agent's seed decides all that it does.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tools.chapters import BUILD, ROOT
from upright.atlas import Atlas, rounded
from upright.evaluation import evaluate_batch
from upright.population import Population
from upright.ppo import Settings
from upright.recording import provenance

PARTS = BUILD / "atlas"
TARGET = ROOT / "book" / "data" / "atlas.json"
CODE = ("population", "stacked", "streams", "batched", "ppo")
ENV_ID = "CartPole-v0"
EVAL_SEED = 100_000

Runs = list[dict[str, Any]]


def train(part: dict[str, Any], grid: list[int], episodes: int, policies: int) -> Runs:
    """Train the agents of one part, and evaluate them at each number of env steps in `grid`."""
    width, activation, clip = part["width"], part["activation"], part["clip_param"]
    agents = list(itertools.product(part["lr"], part["seeds"]))
    settings = [Settings(lr=lr, clip_param=clip, hiddens=(width,), activation=activation) for lr, _ in agents]
    population = Population(settings, [seed for _, seed in agents])
    returns = []
    for env_steps in grid:
        population.train(env_steps)
        returns.append(population.evaluate(episodes, EVAL_SEED).tolist())
    runs = []
    for agent, ((lr, seed), curve) in enumerate(zip(agents, zip(*returns, strict=True), strict=True)):
        run: dict[str, Any] = {"lr": lr, "width": width, "activation": activation, "clip_param": clip, "seed": seed}
        run["returns"] = [float(f"{each:.4g}") for each in curve]
        if seed <= policies:
            policy = rounded(population.policy(agent, env_steps=population.env_steps, seed=seed))
            mean = evaluate_batch(policy, episodes, EVAL_SEED, ENV_ID).mean()
            run["returns"][-1] = float(f"{mean:.4g}")  # of the policy that is kept, rounded as it is
            run["policy"] = policy.model_dump(mode="json")
        runs.append(run)
    return runs


def record(parts: list[dict[str, Any]], grid: list[int], episodes: int, policies: int) -> Runs:
    """All runs of all parts, those that were finished before included."""
    source = [ast.dump(ast.parse((ROOT / "upright" / f"{name}.py").read_text(encoding="utf-8"))) for name in CODE]
    folder = PARTS / _hash([source, grid, episodes, policies, EVAL_SEED])
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{_hash(part)}.json": part for part in parts}
    missing = {file: part for file, part in files.items() if not file.is_file()}
    print(f"{len(parts) - len(missing)} of {len(parts)} parts were there already", flush=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("training", total=len(missing))
        for file, part in missing.items():
            began = time.perf_counter()
            runs = train(part, grid, episodes, policies)
            temporary = file.with_suffix(".tmp")
            temporary.write_text(json.dumps(runs), encoding="utf-8")
            temporary.rename(file)
            name = f"{part['activation']}, {part['width']} units, clip {part['clip_param']:g}"
            progress.console.print(f"{name}: {len(runs)} agents in {time.perf_counter() - began:.1f} s")
            progress.advance(task)
    return [run for file in files for run in json.loads(file.read_text(encoding="utf-8"))]


def _hash(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    rates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
    parser.add_argument("--lr", type=float, nargs="+", default=rates, help="learning rates")
    parser.add_argument("--width", type=int, nargs="+", default=[4, 16, 64], help="units of the hidden layer")
    parser.add_argument("--activation", nargs="+", default=["tanh", "relu"], help="its activations")
    parser.add_argument("--clip", type=float, nargs="+", default=[0.05, 0.1, 0.2, 0.4], help="clip ranges")
    parser.add_argument("--seeds", type=int, default=12, help="seeds of each, from 1 (default 12)")
    parser.add_argument("--policies", type=int, default=1, help="keep those of the first seeds (default 1)")
    parser.add_argument("--env-steps", type=int, default=15_000, help="length of a run (default 15000)")
    parser.add_argument("--every", type=int, default=1_000, help="env steps from evaluation to evaluation")
    parser.add_argument("--episodes", type=int, default=40, help="greedy episodes of one evaluation (default 40)")
    parser.add_argument("--json", type=Path, default=TARGET, help="where the result goes")
    options = parser.parse_args()

    seeds = list(range(1, options.seeds + 1))
    parts = [
        {"width": width, "activation": activation, "clip_param": clip, "lr": options.lr, "seeds": seeds}
        for width, activation, clip in itertools.product(options.width, options.activation, options.clip)
    ]
    grid = list(range(0, options.env_steps + 1, options.every))
    began = time.perf_counter()
    runs = record(parts, grid, options.episodes, options.policies)
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
    print(f"{options.json.name}: {atlas}, {size:,} bytes, {time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
