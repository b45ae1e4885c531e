"""The tutorial's search of twenty trials, with ASHA and without a scheduler: book/data/twenty.json.

    python -m benchmarks.twenty [--repeats 5] [--fresh 10]

The cells of book/tune.md that carry the tags `searches` and `twenty` are run here, so what is recorded is what the page
shows. The two searches of a repeat go through the same trials, one search after the other, and the clock runs from the
start of their processes to the end of the last trial. The best settings of each are then trained with seeds that no
search has used.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import ray

from benchmarks.searches import FIRST_FRESH_SEED, chapter_code
from tools.chapters import ROOT
from upright.recording import provenance

TARGET = ROOT / "book" / "data" / "twenty.json"
SCHEDULERS = ("ASHA", "no scheduler")


def one_search(names: dict[str, Any], scheduler: str, seed: int, fresh: int) -> dict[str, Any]:
    """Search, and train the best settings on `fresh` other seeds. `names` holds the chapter's definitions."""
    start = time.perf_counter()
    results = names["twenty_trials"](names["asha"]() if scheduler == "ASHA" else None, seed)
    seconds = time.perf_counter() - start
    trials = names["trials_table"](results)
    solved = trials[trials["ended"] == "solved"]
    best, steps = None, None
    if len(solved):
        first = solved.iloc[0]
        best = {"width": int(first["width"]), "activation": str(first["activation"]), "lr": float(first["lr"])}
        steps = int(first["env_steps"])
    seeds = range(FIRST_FRESH_SEED, FIRST_FRESH_SEED + fresh) if best else ()
    again = [names["steps_to_solve"].remote({**(best or {}), "seed": fresh_seed}) for fresh_seed in seeds]
    return {
        "scheduler": scheduler,
        "seed": seed,
        "seconds": round(seconds, 1),
        "trials": len(trials),
        "solved": len(solved),
        "env_steps": int(trials["own_steps"].sum()),
        "best": best,
        "best_steps": steps,
        "fresh_steps": ray.get(again),
    }


def record(repeats: int, fresh: int) -> list[dict[str, Any]]:
    """All searches, both kinds of one seed after the other, the first kind in turn."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(chapter_code("searches", "twenty"), "book/tune.md", "exec"), names)
    done = []
    for seed in range(1, repeats + 1):
        for scheduler in SCHEDULERS if seed % 2 else SCHEDULERS[::-1]:
            found = one_search(names, scheduler, seed, fresh)
            facts = f"{found['seconds']:.1f} s, {found['env_steps']:,} env steps, {found['solved']} of 20 solved"
            print(f"{scheduler}, seed {seed}: {facts}; fresh seeds {found['fresh_steps']}", flush=True)
            done.append(found)
    return done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="searches of each kind (default 5)")
    parser.add_argument("--fresh", type=int, default=10, help="fresh seeds for the best settings (default 10)")
    parser.add_argument(
        "--json", type=Path, default=TARGET, help="where the result goes (default book/data/twenty.json)"
    )
    options = parser.parse_args()

    os.environ["TUNE_DISABLE_SIGINT_HANDLER"] = "1"  # Ctrl+C must end this program, not cut a search short
    logging.getLogger("ray").setLevel(logging.ERROR)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        done = record(options.repeats, options.fresh)
    finally:
        ray.shutdown()
    command = f"python -m benchmarks.twenty --repeats {options.repeats} --fresh {options.fresh}"
    data = {"provenance": provenance(command), "searches": done}
    options.json.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
    for scheduler in SCHEDULERS:
        seconds = [search["seconds"] for search in done if search["scheduler"] == scheduler]
        print(f"{scheduler}: {statistics.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
