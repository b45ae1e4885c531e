"""How long one update of a network and one forward pass take, for batch sizes and widths, on each device there is.

    python -m benchmarks.speed [--threads 1] [--json book/data/speed.json]

The network is chapter 8's: 4 inputs, two hidden layers of the same width with tanh, 2 outputs. An update is forward,
loss, backward and a step of Adam; its batch is on the device already. Calls run one after another for at least 10 ms,
and the clock stops when the device has finished all of them. Each cell of the table is the median of the repeats; the
file also has their quartiles. On a machine with an NVIDIA GPU both its processor and its GPU are measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from upright.recording import provenance

WIDTHS = [16, 32, 64, 128, 256, 512, 1024, 2048]
BATCHES = [1, 4, 16, 64, 256, 1024, 4096, 16384]
WORK = ("update", "forward")
AT_LEAST = 0.01  # seconds of calls in one repeat
REPEATS = 15
LONGEST = 3.0  # seconds for all repeats of one cell, of which there are at least 3


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--threads", type=int, default=1, help="of PyTorch on the processor (default 1)")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    devices = ["cpu"] + ["cuda"] * torch.cuda.is_available()
    times = {device: {work: table(device, work) for work in WORK} for device in devices}
    if chosen.json:
        source = provenance(f"python -m benchmarks.speed --threads {chosen.threads}")
        result = {
            "provenance": source,
            "threads": chosen.threads,
            "devices": {device: source["gpu" if device == "cuda" else "cpu"] for device in devices},
            "widths": WIDTHS,
            "batches": BATCHES,
            "seconds": times,
        }
        chosen.json.write_text(json.dumps(result) + "\n", encoding="utf-8")
    return 0


def table(device: str, work: str) -> list[list[list[float]]]:
    """Seconds of one call: a row for each width, in it [lower quartile, median, upper quartile] for each batch size."""
    print(f"\n{device}, {work}: milliseconds, a column for each batch size")
    print("width ", *(f"{batch:9,}" for batch in BATCHES))
    rows = []
    for width in WIDTHS:
        print(f"{width:6}", end="", flush=True)
        row = []
        for batch in BATCHES:
            row.append(quartiles(measured(call(device, work, width, batch), device)))
            print(f" {1e3 * row[-1][1]:9.3f}", end="", flush=True)
        print()
        rows.append(row)
    return rows


def call(device: str, work: str, width: int, batch: int) -> Callable[[], Any]:
    """The work to be timed, as a function."""
    network = nn.Sequential(nn.Linear(4, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 2))
    network.to(device)
    generator = torch.Generator().manual_seed(0)
    observations = torch.randn(batch, 4, generator=generator).to(device)
    if work == "forward":
        return torch.no_grad()(lambda: network(observations))
    actions = torch.randint(2, (batch,), generator=generator).to(device)
    optimiser = torch.optim.Adam(network.parameters())

    def update() -> None:
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(observations), actions).backward()
        optimiser.step()

    return update


def measured(work: Callable[[], Any], device: str) -> list[float]:
    """Seconds of one call, for each repeat."""

    def run(calls: int) -> float:
        start = time.perf_counter()
        for _ in range(calls):
            work()
        if device == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - start) / calls

    run(2)
    once = run(1)
    calls = max(1, int(AT_LEAST / once))
    return [run(calls) for _ in range(max(3, min(REPEATS, int(LONGEST / (calls * once)))))]


def quartiles(seconds: list[float]) -> list[float]:
    return [float(f"{value:.3g}") for value in np.quantile(seconds, [0.25, 0.5, 0.75])]


if __name__ == "__main__":
    sys.exit(main())
