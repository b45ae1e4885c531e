"""What training costs when there is more of it: more agents, more environments, wider networks. And PureJaxRL beside.

    python -m benchmarks.agents [--repeats 5] [--json book/data/agents.json]
        [--jax-python PYTHON --purejaxrl FOLDER]

Each row is a number of agents, of environments or of units, on each device there is: env steps a second over one
iteration (a rollout and the updates from it), after one that does not count; all agents' steps together. What does not
fit into memory is left out and named. The settings are PureJaxRL's own: 4 environments, 128 steps, 4 epochs of 4
minibatches, two layers of 64 tanh units.

PureJaxRL (github.com/luchris429/purejaxrl) and JAX are no part of the course. To measure them too:

    git clone https://github.com/luchris429/purejaxrl && python -m venv jax
    jax/bin/pip install jax==0.10.0 gymnax==0.0.9 flax optax distrax brax
    python -m benchmarks.agents --jax-python jax/bin/python --purejaxrl purejaxrl

For JAX on a GPU install "jax[cuda12]". Its time of compilation is told apart and is no part of its rate.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from upright.notices import quiet
from upright.population import Population
from upright.ppo import Settings
from upright.recording import provenance

SETTINGS = Settings(
    lr=2.5e-4, gamma=0.99, lambda_=0.95, clip_param=0.2, entropy_coeff=0.01, grad_clip=0.5, num_envs=4,
    rollout_steps=128, num_epochs=4, minibatches=4, max_episode_steps=500,
)  # fmt: skip
AGENTS = {"cpu": (1, 4, 16, 64, 256, 1024, 4096), "cuda": (1, 16, 256, 1024, 4096)}
ENVS = {"cpu": (4, 64, 1024, 16_384, 65_536), "cuda": (4, 1024, 65_536, 1_000_000)}
WIDTHS = (16, 64, 256, 1024)
LONGEST = 20.0  # seconds for the repeats of one row, of which there are at least 2
COMPARED = 16  # agents beside PureJaxRL

# Runs in PureJaxRL's own environment: prints seconds of compilation, then env steps a second for each line it reads.
THEIRS = """
import sys, time, jax
sys.path.insert(0, sys.argv[1])
from purejaxrl.ppo import make_train
agents, iterations = int(sys.argv[2]), 40
config = {"LR": 2.5e-4, "NUM_ENVS": 4, "NUM_STEPS": 128, "TOTAL_TIMESTEPS": 512 * iterations, "UPDATE_EPOCHS": 4,
    "NUM_MINIBATCHES": 4, "GAMMA": 0.99, "GAE_LAMBDA": 0.95, "CLIP_EPS": 0.2, "ENT_COEF": 0.01, "VF_COEF": 0.5,
    "MAX_GRAD_NORM": 0.5, "ACTIVATION": "tanh", "ENV_NAME": "CartPole-v1", "ANNEAL_LR": False}
keys = jax.random.split(jax.random.PRNGKey(0), agents)
start = time.perf_counter()
train = jax.jit(jax.vmap(make_train(config))).lower(keys).compile()
print(time.perf_counter() - start, flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    jax.block_until_ready(train(keys))
    print(agents * 512 * iterations / (time.perf_counter() - start), flush=True)
"""


def rate(population: Population, iterations: int = 1) -> float:
    """Env steps a second of all agents together."""
    start = time.perf_counter()
    population.train(population.env_steps + iterations * population.shared.batch_size)
    if population.device.type == "cuda":
        torch.cuda.synchronize()
    return iterations * population.size * population.shared.batch_size / (time.perf_counter() - start)


def measured(agents: int, settings: Settings, device: str, repeats: int) -> list[float] | str:
    """The rate of each repeat; or in words why there is none."""
    try:
        population = Population([settings] * agents, range(agents), device)
        first = rate(population)
    except (MemoryError, torch.OutOfMemoryError) as error:
        return str(error).partition("\n")[0]
    seconds = agents * settings.batch_size / first
    return [rate(population) for _ in range(max(2, min(repeats, int(LONGEST / seconds))))]


def growth(device: str, repeats: int) -> dict[str, list[dict[str, Any]]]:
    """Rows by what grows."""
    plans: dict[str, list[tuple[int, int, Settings]]] = {
        "agents": [(agents, agents, SETTINGS) for agents in AGENTS[device]],
        "environments": [(envs, 1, replace(SETTINGS, num_envs=envs, rollout_steps=16)) for envs in ENVS[device]],
        "width": [(width, 16, replace(SETTINGS, hiddens=(width, width))) for width in WIDTHS],
    }
    found: dict[str, list[dict[str, Any]]] = {}
    for what, plan in plans.items():
        found[what] = []
        print(f"\n{device}: env steps a second by {what}", flush=True)
        for size, agents, settings in plan:
            rates = measured(agents, settings, device, repeats)
            if isinstance(rates, str):
                print(f"{size:9,} left out: {rates}")
                continue
            found[what].append({"size": size, "agents": agents, "rates": [float(f"{value:.4g}") for value in rates]})
            print(f"{size:9,} {statistics.median(rates):9.3g} ({min(rates):.2g}–{max(rates):.2g})", flush=True)
    return found


def beside(python: str, folder: str, device: str, repeats: int) -> dict[str, Any]:
    """Ours and PureJaxRL's, in turn."""
    command = [python, "-c", THEIRS, folder, str(COMPARED)]
    population = Population([SETTINGS] * COMPARED, range(COMPARED), device)
    rate(population)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        compiled = float(process.stdout.readline())
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(rate(population, iterations=40))
            process.stdin.write("again\n")
            theirs.append(float(process.stdout.readline()))
        process.stdin.close()
    ratios = sorted(mine / other for mine, other in zip(ours, theirs, strict=True))
    print(
        f"\n{device}, {COMPARED} agents: ours {statistics.median(ours):.3g}, PureJaxRL {statistics.median(theirs):.3g}"
        f" env steps/s after {compiled:.1f} s of compilation; ratio {statistics.median(ratios):.2f}"
        f" ({ratios[0]:.2f}–{ratios[-1]:.2f})"
    )
    return {"agents": COMPARED, "ours": ours, "purejaxrl": theirs, "compile_seconds": compiled}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agents", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch on the processor (default 2)")
    parser.add_argument("--jax-python", metavar="PYTHON", help="a Python that has JAX")
    parser.add_argument("--purejaxrl", metavar="FOLDER", help="the source of PureJaxRL")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    quiet()
    torch.set_num_threads(options.threads)
    devices: list[str] = ["cpu"] + ["cuda"] * torch.cuda.is_available()
    compared = {}
    if options.jax_python and options.purejaxrl:
        compared = {
            device: beside(options.jax_python, options.purejaxrl, device, options.repeats) for device in devices
        }
    else:
        print("PureJaxRL is not measured; the first lines of benchmarks/agents.py say how to have it")
    grown = {device: growth(device, options.repeats) for device in devices}
    if options.json:
        source = provenance("python -m benchmarks.agents " + " ".join(sys.argv[1:]))
        names = {device: source["gpu" if device == "cuda" else "cpu"] for device in devices}
        data = {"provenance": source, "threads": options.threads, "devices": names, "growth": grown, "beside": compared}
        options.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
