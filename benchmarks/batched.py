"""Steps per second of CartPole: one environment, Gymnasium's vectorised one, and ours on each device there is.

    python -m benchmarks.batched [--repeats 7] [--threads 2] [--json benchmarks/batched.json]

Actions are random and drawn before the clock starts; episodes that end begin anew in every row. A repeat measures all
rows one after another, so that a busy moment of the machine meets all of them; a ratio is that of the same repeat.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch

from upright.batched import BatchedCartPole
from upright.notices import quiet
from upright.recording import provenance

ENV_ID = "CartPole-v1"
GYMNASIUM = (1_024, 16_384)
OURS = {"cpu": (1_024, 16_384, 65_536), "cuda": (65_536, 1_048_576, 16_777_216)}
AT_LEAST = 0.3  # seconds of steps in one repeat
REFERENCE = f"Gymnasium, vectorised, {GYMNASIUM[-1]:,}"


def one_environment() -> Callable[[], int]:
    env = gym.make(ENV_ID)
    env.reset(seed=0)
    actions = [int(action) for action in np.random.default_rng(0).integers(2, size=1_000)]

    def run() -> int:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        return len(actions)

    return run


def gymnasiums(count: int) -> Callable[[], int]:
    envs = gym.make_vec(ENV_ID, num_envs=count, vectorization_mode="vector_entry_point")
    envs.reset(seed=0)
    actions = np.random.default_rng(0).integers(2, size=(8, count))

    def run() -> int:
        for each in actions:
            envs.step(each)
        return actions.size

    return run


def ours(count: int, device: str, compiled: bool) -> Callable[[], int]:
    envs = BatchedCartPole(count, device, max_episode_steps=500, compiled=compiled)
    actions = torch.rand(8, count, device=device, generator=torch.Generator(device).manual_seed(0)) < 0.5

    def run() -> int:
        for each in actions:
            envs.step(each)
        if device == "cuda":
            torch.cuda.synchronize()
        return actions.numel()

    return run


def rows() -> dict[str, Callable[[], int]]:
    found = {"Gymnasium, one": one_environment()}
    found |= {f"Gymnasium, vectorised, {count:,}": gymnasiums(count) for count in GYMNASIUM}
    for device in ["cpu"] + ["cuda"] * torch.cuda.is_available():
        found |= {f"ours, {device}, {count:,}": ours(count, device, False) for count in OURS[device]}
        largest = OURS[device][-1]
        found[f"ours, {device}, compiled, {largest:,}"] = ours(largest, device, True)
    return found


def rate(run: Callable[[], int]) -> float:
    """Steps per second."""
    steps, start = 0, time.perf_counter()
    while (seconds := time.perf_counter() - start) < AT_LEAST:
        steps += run()
    return steps / seconds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batched", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch on the processor (default 2)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    quiet()
    torch.set_num_threads(options.threads)
    found = rows()
    for run in found.values():
        run()  # compiles, allocates
    rates: dict[str, list[float]] = {name: [] for name in found}
    for repeat in range(options.repeats):
        print(f"repeat {repeat + 1} of {options.repeats}", file=sys.stderr, flush=True)
        for name, run in found.items():
            rates[name].append(rate(run))
    result: dict[str, Any] = {}
    print(f"\n{'median (smallest–largest) of ' + str(options.repeats):42} {'steps/s':>26}   × Gymnasium's vectorised")
    for name, values in rates.items():
        ratios = [mine / theirs for mine, theirs in zip(values, rates[REFERENCE], strict=True)]
        result[name] = {"steps_per_second": values, "ratio": statistics.median(ratios)}
        told = f"{statistics.median(values):.2e} ({min(values):.1e}–{max(values):.1e})"
        print(f"{name:42} {told:>26}   {statistics.median(ratios):.3g} ({min(ratios):.3g}–{max(ratios):.3g})")
    if options.json:
        command = "python -m benchmarks.batched " + " ".join(sys.argv[1:])
        data = {"provenance": provenance(command), "threads": options.threads, "reference": REFERENCE, "rows": result}
        options.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
