"""How long does PPO train until CartPole-v0 is solved? RLlib as chapter 6 sets it up; chapter 8's PPO on tensors;
stable-baselines3 with the settings that its zoo of tuned hyperparameters holds for CartPole; one file in the style of
CleanRL, with its settings; and the 2021 tutorial's configuration and the winner of its search, on RLlib.

    python -m benchmarks.solve [--seeds 10] [--tutorial-seeds 3] [--rows rllib tensors ...] [--json FILE]

The rule is the same in every row. After each iteration (a rollout and the updates from it) the greedy policy plays 100
episodes that no training saw, the same ones every time. At a mean return of at least 195 training stops. Then the
policy plays 100 further episodes, which took no part in stopping; a mean below 195 there counts as not confirmed.

- train: seconds in rollouts and updates. Imports, starting Ray, building the algorithm and evaluations do not count.
- whole: seconds from the start of the process until it is solved, all of that included. Ray starts while the rest is
  imported.
- env steps: steps taken for training. An iteration is 256 of them in ours and in stable-baselines3's, 512 in chapter
  8's, 4,000 in the tutorial's, and nobody can stop in the middle of one.

Every run is a process of its own, one after another, and PyTorch has one thread in each. The tutorial's configuration
collects with two more processes, as it did in 2021. The stable-baselines3 row needs its package; without it the row is
left out and the command that installs it is printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import upright
from benchmarks.contenders import RUNS, TARGET
from upright.recording import provenance

INSTALL = "pip install --no-deps --require-hashes -r benchmarks/requirements.txt"
ROWS = {
    "rllib": "ours, on RLlib",
    "tensors": "ours, environments and agent on one device",
    "sb3": "stable-baselines3, its zoo's settings",
    "single_file": "one file, CleanRL's settings",
    "winner": "the 2021 search's winner, on RLlib",
    "tutorial": "the 2021 tutorial's configuration, on RLlib",
}


def one_run(row: str, seed: int) -> None:
    """What a process of its own does: train once and print the result as the last line, in JSON."""
    upright.quiet()
    print(json.dumps(RUNS[row](seed)))


def measure(row: str, seed: int) -> dict[str, Any]:
    """Start that process and wait for it. Raises SystemExit with its last words when it fails."""
    command = [sys.executable, "-m", "benchmarks.solve", "--one", row, str(seed)]
    start = time.perf_counter()
    settings = {**os.environ, "OMP_NUM_THREADS": "1"}  # PyTorch's
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent, env=settings
    )
    if result.returncode:
        raise SystemExit(f"solve: {row} with seed {seed} failed:\n{result.stderr.strip()[-2000:]}")
    run = json.loads(result.stdout.splitlines()[-1])
    whole = run.pop("ended") - start  # one clock for all processes
    return {"seed": seed, **run, "whole_seconds": whole}


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians and ranges over the runs that solved it; how many did not, and how many were not confirmed."""
    solved = [run for run in runs if run["solved"]]
    found: dict[str, Any] = {
        "runs": len(runs),
        "not_solved": len(runs) - len(solved),
        "not_confirmed": sum(run["confirmed_mean"] < TARGET for run in solved),
    }
    for name in ("train_seconds", "env_steps", "whole_seconds"):
        values = [run[name] for run in solved]
        found[name] = {"median": statistics.median(values), "min": min(values), "max": max(values)} if values else None
    return found


def table(summaries: dict[str, dict[str, Any]]) -> str:
    """The summaries for people: median (min–max) of each column, and how many times our training time it is."""
    ours = (summaries.get("rllib") or {}).get("train_seconds")
    lines = [
        f"{'':44} {'train, s':>22} {'× ours':>7} {'env steps':>29} {'whole, s':>9} {'solved':>7} {'confirmed':>9}",
    ]
    for row, found in summaries.items():
        train, steps, whole = found["train_seconds"], found["env_steps"], found["whole_seconds"]
        solved = found["runs"] - found["not_solved"]
        if train is None:
            lines.append(f"{ROWS[row]:44} none of {found['runs']} runs solved it")
            continue
        ratio = f"{train['median'] / ours['median']:.1f}" if ours else "–"
        seconds = f"{train['median']:.2f} ({train['min']:.2f}–{train['max']:.2f})"
        taken = f"{steps['median']:,.0f} ({steps['min']:,}–{steps['max']:,})"
        confirmed = f"{solved - found['not_confirmed']}/{solved}"
        lines.append(
            f"{ROWS[row]:44} {seconds:>22} {ratio:>7} {taken:>29} {whole['median']:9.1f}"
            f" {solved:>3}/{found['runs']:<3} {confirmed:>9}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.solve", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="runs of ours and of stable-baselines3 (default 10)")
    parser.add_argument("--tutorial-seeds", type=int, help="runs of the tutorial's configuration (default: at most 3)")
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(ROWS), help="which rows to measure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every run, with its provenance")
    parser.add_argument("--one", nargs=2, metavar=("ROW", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one_run(arguments.one[0], int(arguments.one[1]))
        return
    rows = arguments.rows
    if "sb3" in rows and importlib.util.find_spec("stable_baselines3") is None:
        print(f"stable-baselines3 is not installed, so its row is left out. To install it: {INSTALL}\n")
        rows = [row for row in rows if row != "sb3"]
    results: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        few = min(3, arguments.seeds) if arguments.tutorial_seeds is None else arguments.tutorial_seeds
        results[row] = []
        for seed in range(few if row == "tutorial" else arguments.seeds):
            run = measure(row, seed)
            results[row].append(run)
            outcome = f"{run['train_seconds']:.2f} s of training" if run["solved"] else "NOT SOLVED"
            print(
                f"{row}, seed {seed}: {outcome}, {run['env_steps']:,} env steps, "
                f"mean over 100 further episodes {run['confirmed_mean']:.1f}",
                flush=True,
            )
    summaries = {row: summary(runs) for row, runs in results.items() if runs}
    print("\nMedian (smallest–largest) over the runs that solved it\n" + table(summaries))
    if arguments.json:
        command = "python -m benchmarks.solve " + " ".join(sys.argv[1:])
        data = {"provenance": provenance(command), "target": TARGET, "rows": summaries, "runs": results}
        arguments.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        print(f"\nWritten: {arguments.json}")


if __name__ == "__main__":
    main()
