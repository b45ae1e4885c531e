"""Four ways to search for hyperparameters, at the same budget of env steps, repeated: book/data/searches.json.

    python -m benchmarks.searches [--repeats 5] [--budget 40000] [--fresh 5]

The search is chapter 9's own: the cells of book/tune.md that carry the tag `searches` are run here, so what is recorded
is what the page shows. Every repeat recommends one configuration, which is then trained with seeds that no search has
used. A finished repeat is kept in `_build/searches/`, and not run again unless those cells or the settings change.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import logging
import math
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import ray

from tools.chapters import BUILD, ROOT, read_chapter
from upright.recording import provenance

KINDS = ("random", "ASHA", "PBT", "Bayesian")
FIRST_FRESH_SEED = 101
PARTS = BUILD / "searches"
TARGET = ROOT / "book" / "data" / "searches.json"


def chapter_code(*tags: str) -> str:
    """The chapter's cells that carry one of the tags, which define a trial and a search, as one source."""
    cells = read_chapter("book/tune").cells
    return "\n\n".join(cell.source for cell in cells if set(tags) & set(cell.metadata.get("tags", [])))


def one_search(names: dict[str, Any], kind: str, seed: int, budget: int) -> dict[str, Any]:
    """Run one search and keep its trials and what it recommends. `names` holds the chapter's definitions."""
    start = time.perf_counter()
    results = names["search"](kind, budget, seed)
    seconds = time.perf_counter() - start
    trials = names["trials_table"](results)
    solved = trials[trials["ended"] == "solved"]
    best = None
    if len(solved):
        first = solved.iloc[0]
        best = {"width": int(first["width"]), "activation": str(first["activation"]), "lr": float(first["lr"])}
    return {
        "kind": kind,
        "seed": seed,
        "trials": len(trials),
        "solved": len(solved),
        "env_steps": sum(int(steps) for steps in trials["own_steps"]),
        "seconds": round(seconds, 1),
        "best": best,
        "best_steps": int(solved.iloc[0]["env_steps"]) if best else None,
        "runs": [_run(row, history) for row, history in zip(trials.to_dict("records"), trials["history"], strict=True)],
    }


def _run(row: dict[str, Any], history: Any) -> dict[str, Any]:
    """One trial: its hyperparameters, how it ended, and [env steps, greedy mean, RLlib's running mean] by iteration."""
    columns = zip(history["env_steps"], history["mean_return"], history["running_mean"], strict=True)
    return {
        "width": int(row["width"]),
        "activation": str(row["activation"]),
        "lr": float(row["lr"]),
        "ended": str(row["ended"]),
        "env_steps": int(row["env_steps"]),
        "curve": [[int(s), round(float(m), 1), None if math.isnan(r) else round(float(r), 1)] for s, m, r in columns],
    }


def record(repeats: int, budget: int, fresh: int) -> list[dict[str, Any]]:
    """All repeats of all kinds, those that were finished before included."""
    code = chapter_code("searches")
    ppo = (ROOT / "upright" / "rllib.py").read_text(encoding="utf-8")
    settings = [ast.dump(ast.parse(source)) for source in (code, ppo)] + [budget]
    folder = PARTS / hashlib.sha256(repr(settings).encode()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "book/tune.md", "exec"), names)
    plan = [(folder / f"{kind}-{seed}.json", kind, seed) for seed in range(1, repeats + 1) for kind in KINDS]
    for number, (part, kind, seed) in enumerate(plan, start=1):
        if not part.is_file():
            _keep(part, one_search(names, kind, seed, budget))
        found = json.loads(part.read_text(encoding="utf-8"))
        facts = f"{found['trials']} trials, {found['env_steps']:,} env steps, {found['seconds']:.0f} s"
        print(f"[{number:2}/{len(plan)}] {kind:8} seed {seed}: {facts}, best {found['best_steps']}", flush=True)
    # All fresh trainings together, because each new process spends seconds on importing RLlib.
    for number, (part, kind, seed) in enumerate(plan, start=1):
        found = json.loads(part.read_text(encoding="utf-8"))
        if found["best"] and len(found.get("fresh_steps", [])) < fresh:
            configs = [{**found["best"], "seed": FIRST_FRESH_SEED + i} for i in range(fresh)]
            found["fresh_steps"] = ray.get([names["steps_to_solve"].remote(config) for config in configs])
            _keep(part, found)
        print(f"[{number:2}/{len(plan)}] {kind:8} seed {seed}: fresh seeds {found.get('fresh_steps')}", flush=True)
    return [{"fresh_steps": []} | json.loads(part.read_text(encoding="utf-8")) for part, _, _ in plan]


def _keep(part: Path, found: dict[str, Any]) -> None:
    temporary = part.with_suffix(".tmp")
    temporary.write_text(json.dumps(found), encoding="utf-8")
    temporary.rename(part)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="searches of each kind (default 5)")
    parser.add_argument("--budget", type=int, default=40_000, help="env steps of one search (default 40000)")
    parser.add_argument(
        "--fresh", type=int, default=5, help="fresh seeds for each recommended configuration (default 5)"
    )
    parser.add_argument(
        "--json", type=Path, default=TARGET, help="where the result goes (default book/data/searches.json)"
    )
    options = parser.parse_args()

    os.environ["TUNE_DISABLE_SIGINT_HANDLER"] = "1"  # Ctrl+C must end this program, not cut a search short
    logging.getLogger("ray").setLevel(logging.ERROR)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        done = record(options.repeats, options.budget, options.fresh)
    finally:
        ray.shutdown()
    command = (
        f"python -m benchmarks.searches --repeats {options.repeats} --budget {options.budget} --fresh {options.fresh}"
    )
    data = {"provenance": provenance(command), "budget": options.budget, "searches": done}
    options.json.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")

    print(f"\n{'search':10}{'trials':>8}{'env steps':>12}{'best in its search':>21}{'on fresh seeds (median)':>26}")
    for kind in KINDS:
        mine = [search for search in done if search["kind"] == kind]
        fresh = [steps for search in mine for steps in search["fresh_steps"]]
        best = [search["best_steps"] for search in mine if search["best_steps"]]
        trials, steps = (statistics.mean(search[name] for search in mine) for name in ("trials", "env_steps"))
        winner, again = (f"{statistics.median(found):,.0f}" if found else "none" for found in (best, fresh))
        print(f"{kind:10}{trials:8.1f}{steps:12,.0f}{winner:>21}{again:>26}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
