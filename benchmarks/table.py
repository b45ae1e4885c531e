"""One table of what the benchmarks wrote: ours, what a reader would otherwise use, and how many times as fast ours is.

    python -m benchmarks.table [FOLDER]

A ratio above 1 says that ours is ahead. It is that of two numbers from one repeat, or one seed; the table has their
median, the smallest and the largest.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Row(NamedTuple):
    """ours, theirs: medians, in `unit`; ratios: how many times as fast ours is, one for each repeat or seed."""

    what: str
    unit: str
    ours: float
    theirs: float
    ratios: list[float]


def rates(what: str, unit: str, ours: Sequence[float], theirs: Sequence[float]) -> Row:
    """A row of two lists of speeds, of which more is better, from the same repeats."""
    count = min(len(ours), len(theirs))
    ratios = [a / b for a, b in zip(ours[:count], theirs[:count], strict=True)]
    return Row(what, unit, statistics.median(ours), statistics.median(theirs), ratios)


def solve(data: dict[str, Any]) -> Iterable[Row]:
    """Times and env steps, of which less is better, of the seeds that both solved."""
    runs = {name: {run["seed"]: run for run in each if run["solved"]} for name, each in data["runs"].items()}
    for name in [name for name in runs if name not in ("rllib", "tensors")]:
        for field, unit in [("train_seconds", "s"), ("env_steps", "env steps")]:
            seeds = sorted(runs["rllib"].keys() & runs[name].keys())
            ours, theirs = ([runs[row][seed][field] for seed in seeds] for row in ("rllib", name))
            if seeds:
                found = [b / a for a, b in zip(ours, theirs, strict=True)]
                yield Row(f"solve: {name}", unit, statistics.median(ours), statistics.median(theirs), found)


def batched(data: dict[str, Any]) -> Iterable[Row]:
    reference = data["rows"][data["reference"]]["steps_per_second"]
    for name, row in data["rows"].items():
        if name.startswith("ours"):
            yield rates(f"{name}: {data['reference']}", "steps/s", row["steps_per_second"], reference)


def agents(data: dict[str, Any]) -> Iterable[Row]:
    for device, beside in data["beside"].items():
        if beside.get("purejaxrl"):
            what = f"{beside['agents']} agents, {device}: PureJaxRL"
            yield rates(what, "env steps/s", beside["ours"], beside["purejaxrl"])


def grade(data: dict[str, Any]) -> Iterable[Row]:
    """Ours as it comes, for as many submissions as there are most often; each of the others for the same lab."""
    ours: dict[str, dict[str, Any]] = {}
    for row in data["rows"]:
        if row["grader"].startswith("autograder"):
            ours.setdefault(row["lab"], row)
        else:
            yield rates(f"{row['lab']}: {row['grader']}", "a minute", ours[row["lab"]]["rates"], row["rates"])


READERS = {"solve": solve, "batched": batched, "agents": agents, "grade": grade}


def text(rows: Iterable[Row]) -> str:
    """The table for people."""
    lines = [f"{'':58} {'ours':>9} {'theirs':>9} {'ratio':>7}  smallest–largest"]
    for what, unit, ours, theirs, ratios in rows:
        spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
        name = f"{what}, {unit}"
        lines.append(f"{name:58} {ours:>9.3g} {theirs:>9.3g} {statistics.median(ratios):>7.2f}  {spread}")
    return "\n".join(lines)


def collect(folder: Path) -> list[Row]:
    """The rows of all recordings that are in a folder."""
    found: list[Row] = []
    for name, read in READERS.items():
        path = folder / f"{name}.json"
        if path.is_file():
            found += read(json.loads(path.read_text(encoding="utf-8")))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    folder = ROOT / "_build" / "bench"
    parser.add_argument("folder", nargs="?", type=Path, default=folder, help="where the JSON files are")
    options = parser.parse_args()
    rows = collect(options.folder)
    if not rows:
        print(f"benchmarks.table: {options.folder} holds no recording; run `make bench`.", file=sys.stderr)
        return 1
    print(text(rows))
    data = [{**row._asdict(), "ratio": statistics.median(row.ratios)} for row in rows]
    (options.folder / "table.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
