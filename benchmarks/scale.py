"""Many submissions: does the rate hold and memory stay flat; what does a cluster cost; how long would 100,000 take?

    python -m benchmarks.scale [--data 10000] [--code 1000] [--few 200] [--cents 5] [--cores 8] [--json FILE]

- long runs: lab 3 (data) and lab 1 (code), on this machine alone and on a Ray cluster of one node with the same CPUs.
  Once a second: how many are graded, the resident memory of the command, and that of all other processes of the run.
- nodes: one to four nodes of one CPU each, all on this machine, beside as many workers without a cluster. They share
  the same cores, so more nodes show what coordination costs, and no speed-up.
- plan: 100,000 submissions, derived. A core grades as many a minute as the one CPU of the one node did, its start
  left out; n nodes with c cores grade n × c times that, but never more than the one command can record: 60 s over its
  own processor seconds a submission in the long run on a cluster, its start left out. A price is stated in cents per
  core and hour. Not in it: slower or faster processors, the network between machines, and the start of the machines.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.grade import data_submissions, notebooks
from tools.chapters import ROOT
from upright.recording import provenance

DATA, CODE = "lab3_ppo", "lab1_episodes"
PLANNED = 100_000
PLANNED_NODES = (1, 4, 16, 64)
PLACES = ("alone", "cluster")
STEADY = (0.25, 0.95)  # between these shares of the submissions, neither start nor end shows
SAMPLES = 240  # that the recording keeps of a run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--data", type=int, default=10_000, help="submissions of lab 3 in a long run (default 10000)")
    parser.add_argument("--code", type=int, default=1_000, help="submissions of lab 1 in a long run (default 1000)")
    parser.add_argument("--few", type=int, default=200, help="submissions for each number of nodes (default 200)")
    parser.add_argument("--cents", type=float, default=5.0, help="price of a core for an hour (default 5 cents)")
    parser.add_argument("--cores", type=int, default=8, help="cores of a node in the plan (default 8)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the numbers, with their provenance; go on if stopped"
    )
    chosen = parser.parse_args()
    rows = measure_all(chosen)
    long = [row for row in rows if "nodes" not in row]
    nodes = [row for row in rows if "nodes" in row]
    plans = plan(long, nodes, chosen.cores, chosen.cents)
    for row in plans:
        print("100,000 of {lab:14} {nodes:3} nodes {minutes:8.1f} minutes {cents:8.0f} cents".format(**row), flush=True)
    if chosen.json:
        how = " ".join((__doc__ or "").split("- plan: ")[1].split())
        keep(
            chosen.json,
            {"provenance": provenance(command(chosen)), "long": long, "nodes": nodes, "plan": plans, "how": how},
        )
        unfinished(chosen.json).unlink(missing_ok=True)
    return 0


def command(chosen: argparse.Namespace) -> str:
    sizes = (
        f"--data {chosen.data} --code {chosen.code} --few {chosen.few} --cents {chosen.cents:g} --cores {chosen.cores}"
    )
    return f"python -m benchmarks.scale {sizes}"


def keep(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def unfinished(path: Path) -> Path:
    """Where the parts lie that are measured already, until all are."""
    return path.with_suffix(".unfinished.json")


def measure_all(chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """The rows of all parts. With --json each part is kept as soon as it is measured, and not measured again."""
    path = unfinished(chosen.json) if chosen.json else None
    done: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else {}
    if done.get("command") != command(chosen):
        done = {"command": command(chosen)}
    parts: list[tuple[str, Callable[[Path], list[dict[str, Any]]]]] = [
        *(
            (f"{lab}, {place}", functools.partial(long_run, lab, place, size))
            for lab, size in sizes(chosen)
            for place in PLACES
        ),
        *((f"nodes: {count}", functools.partial(node_runs, count, chosen.few)) for count in (1, 2, 3, 4)),
    ]
    for name, measure in parts:
        if name in done:
            print(f"{name}: measured already", flush=True)
            continue
        with tempfile.TemporaryDirectory(prefix="scale") as folder:
            done[name] = measure(Path(folder))
        if path:
            keep(path, done)
    return [row for name, _ in parts for row in done[name]]


def sizes(chosen: argparse.Namespace) -> list[tuple[str, int]]:
    return [(DATA, chosen.data), (CODE, chosen.code)]


def submissions(lab: str, folder: Path, count: int) -> Path:
    return data_submissions(folder, count) if lab == DATA else notebooks(folder, lab, count)


def long_run(lab: str, place: str, count: int, folder: Path) -> list[dict[str, Any]]:
    cores = len(os.sched_getaffinity(0))
    made = submissions(lab, folder / lab, count)
    if place == "alone":
        return [shown(measured(lab, made, folder, ["--jobs", str(cores)], {}), "alone, long")]
    with cluster(1, cores) as (address, environment):
        return [shown(measured(lab, made, folder, ["--cluster", address], environment), "cluster, long")]


def node_runs(count: int, few: int, folder: Path) -> list[dict[str, Any]]:
    made = {DATA: submissions(DATA, folder / "few3", 5 * few), CODE: submissions(CODE, folder / "few1", few)}
    alone = {lab: measured(lab, place, folder, ["--jobs", str(count)], {}) for lab, place in made.items()}
    rows = []
    with cluster(count, 1) as (address, environment):
        for lab, place in made.items():
            row = measured(lab, place, folder, ["--cluster", address], environment)
            row |= {"nodes": count, "alone_rate": alone[lab]["rate"]}
            rows.append(shown(row, f"{count} nodes (alone {alone[lab]['rate']:.0f})"))
    return rows


@contextmanager
def cluster(nodes: int, cpus: int) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a cluster on this machine whose head does no work, and the environment for those who join it."""
    with tempfile.TemporaryDirectory(prefix="ray") as folder:  # Ray's sockets need a short path
        os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_TMPDIR": folder}
        os.environ["PYTHONPATH"] = str(ROOT)  # what the nodes import
        from ray.cluster_utils import Cluster

        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        try:
            for _ in range(nodes):
                made.add_node(num_cpus=cpus)
            yield made.address, {"RAY_TMPDIR": folder}
        finally:
            made.shutdown()


def measured(lab: str, submissions: Path, folder: Path, options: list[str], environment: dict[str, str]) -> Any:
    """One run of the command. rate: submissions a minute of the whole command; steady_rate: between the first quarter
    and the end of them; driver_cpu_s: the command's own processor time."""
    out = Path(tempfile.mkdtemp(prefix="out", dir=folder))
    command = [sys.executable, "-m", "autograder", "grade", str(submissions), "--lab", lab, "--out", str(out)]
    begin = time.perf_counter()
    errors = (out / "errors.txt").open("w+b")
    process = subprocess.Popen(
        [*command, "--seed", "1", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env={**os.environ, **environment},
    )
    samples = list(watched(process, out / "results" / lab, begin))
    seconds = time.perf_counter() - begin
    if process.wait():
        errors.seek(0)
        raise SystemExit(f"benchmarks.scale: {command} ended with {process.returncode}: {errors.read().decode()}")
    count = len(list(submissions.iterdir()))
    begun = [sample for sample in samples if sample["graded"]] or samples  # of a short run nothing may be seen
    memory = [sample["command_mb"] for sample in begun]
    row = {
        "lab": lab,
        "options": [option for option in options if ":" not in option],
        "submissions": count,
        "seconds": seconds,
        "rate": 60 * count / seconds,
        "driver_cpu_s": max(sample["cpu_s"] for sample in samples),
        "command_mb": {"first_tenth": max(memory[: max(1, len(memory) // 10)]), "all": max(memory)},
        "samples": samples[:: math.ceil(len(samples) / SAMPLES)],
    }
    return row | {"steady_rate": steady_rate(row)}


def watched(process: subprocess.Popen[bytes], results: Path, begin: float) -> Iterator[dict[str, Any]]:
    """What is seen of the command from outside once a second, until it ends."""
    seen = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            times = seen.cpu_times()
            others = [one for one in psutil.Process().children(recursive=True) if one.pid != process.pid]
            yield {
                "s": round(time.perf_counter() - begin, 1),
                "graded": sum(1 for _ in os.scandir(results)) if results.is_dir() else 0,
                "command_mb": round(seen.memory_info().rss / 1e6, 1),
                "others_mb": round(sum(map(resident, others)) / 1e6, 1),
                "cpu_s": round(times.user + times.system, 2),
            }
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1.0)


def resident(process: psutil.Process) -> int:
    """Bytes; 0 of a process that has ended meanwhile."""
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def steady(row: dict[str, Any], column: str) -> float | None:
    """How much more of a column there is a second once a quarter is graded: what a long run has, whatever its start
    took. None of a run too short to tell."""
    graded = {share: [one for one in row["samples"] if one["graded"] >= share * row["submissions"]] for share in STEADY}
    if not all(graded.values()):
        return None
    after, last = (ones[0] for ones in graded.values())
    return float((last[column] - after[column]) / (last["s"] - after["s"])) if last["s"] - after["s"] >= 2.0 else None


def steady_rate(row: dict[str, Any]) -> float:
    """Submissions a minute."""
    return 60 * (steady(row, "graded") or row["submissions"] / row["seconds"])


def steady_cpu(row: dict[str, Any]) -> float:
    """The command's own processor seconds for a submission."""
    graded, used = steady(row, "graded"), steady(row, "cpu_s")
    return used / graded if used and graded else float(row["driver_cpu_s"] / row["submissions"])


def plan(long: list[dict[str, Any]], nodes: list[dict[str, Any]], cores: int, cents: float) -> list[dict[str, Any]]:
    """100,000 submissions of each lab on so many nodes; see the first lines of this module."""
    found = []
    for lab in (DATA, CODE):
        one = next(row for row in nodes if row["lab"] == lab and row["nodes"] == 1)
        command = next(row for row in long if row["lab"] == lab and "--cluster" in row["options"])
        most = 60 / steady_cpu(command)
        for count in PLANNED_NODES:
            rate = min(count * cores * steady_rate(one), most)
            minutes = PLANNED / rate
            found.append(
                {
                    "lab": lab,
                    "nodes": count,
                    "cores": cores,
                    "minutes": minutes,
                    "cents": count * cores * minutes / 60 * cents,
                    "bound": "the command" if rate == most else "the nodes",
                }
            )
    return found


def shown(row: dict[str, Any], name: str) -> dict[str, Any]:
    samples = row["samples"]
    half = [sample for sample in samples if sample["graded"]]
    print(
        f"{row['lab']:14} {name:22} {row['submissions']:6} in {row['seconds']:6.1f} s: {row['rate']:6.0f} a minute, "
        f"steady {row['steady_rate']:6.0f}; command {row['command_mb']['first_tenth']:.0f} MB in the first tenth, "
        f"{row['command_mb']['all']:.0f} MB at most; all others "
        f"{statistics.median(sample['others_mb'] for sample in half or samples):.0f} MB",
        flush=True,
    )
    return row


if __name__ == "__main__":
    sys.exit(main())
