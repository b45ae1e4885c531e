"""How long does the book take to build, and how much memory? Ours beside Jupyter Book's own execution of its chapters.

    python -m benchmarks.build [--repeats 3] [--stock] [--json FILE]

Works in a copy of the tree in a temporary folder, so that nothing here is touched. Rows:

- cold: every chapter executed, every page built, from nothing but an installed .venv. Once.
- nothing changed: the same command again. The median of `--repeats`.
- one chapter edited: the same command after a change in a code cell of chapter 2, less what that chapter itself needs
  to run. The median of `--repeats`, with another change each time.
- stock (with --stock): `jupyter-book build` on the same sources, which executes the chapters itself.

Seconds are wall-clock seconds of the whole command. Memory is the largest sum over its processes; on Linux a page that
they share counts once. What this does not show: installation, and a machine that does other work beside.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from tools.chapters import ROOT
from tools.execute import PeakMemory
from upright.recording import provenance

EDITED = "environments"
BUILD = ("-m", "tools.book")


@contextmanager
def copied_tree() -> Iterator[Path]:
    """The tracked and new files of the tree, in a temporary folder."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="upright-build-") as folder:
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, Path(folder) / name)
        yield Path(folder)


def measured(folder: Path, *command: str) -> dict[str, float]:
    """Seconds and peak bytes of a command in `folder`. Raises CalledProcessError, after showing what it said."""
    start, memory = time.perf_counter(), PeakMemory()
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    with memory:
        result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        print(result.stdout[-4000:], result.stderr[-4000:], file=sys.stderr)
        result.check_returncode()
    return {"seconds": time.perf_counter() - start, "peak_memory": memory.peak}


def edit(folder: Path, number: int) -> None:
    """Change the code of one chapter, but not what it shows."""
    path = folder / "book" / f"{EDITED}.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("import upright\n", f"import upright  # {number}\n", 1), encoding="utf-8")
    if f"# {number}\n" not in path.read_text(encoding="utf-8"):
        path.write_text(text.replace(f"  # {number - 1}\n", f"  # {number}\n", 1), encoding="utf-8")


def own_seconds(folder: Path) -> float:
    notebook = nbformat.read(folder / "_build" / "executed" / f"{EDITED}.ipynb", as_version=4)
    return float(notebook.metadata.upright.seconds)


def ours(repeats: int) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    with copied_tree() as folder:
        print("cold: every chapter, several minutes", flush=True)
        rows["cold"] = _row([measured(folder, sys.executable, *BUILD)])
        print("nothing changed", flush=True)
        rows["nothing changed"] = _row([measured(folder, sys.executable, *BUILD) for _ in range(repeats)])
        print("one chapter edited", flush=True)
        runs = []
        for number in range(repeats):
            edit(folder, number)
            run = measured(folder, sys.executable, *BUILD)
            runs.append({**run, "seconds": run["seconds"] - own_seconds(folder)})
        rows["one chapter edited, less its own run time"] = _row(runs)
    return rows


def stock(repeats: int) -> dict[str, dict[str, Any]]:
    book = str(Path(sys.executable).with_name("jupyter-book"))
    with copied_tree() as folder:
        print("stock: jupyter-book executes every chapter", flush=True)
        cold = _row([measured(folder, book, "build", ".", "--path-output", "_build/stock")])
        runs = [measured(folder, book, "build", ".", "--path-output", "_build/stock") for _ in range(repeats)]
    return {"stock, cold": cold, "stock, nothing changed": _row(runs)}


def _row(runs: list[dict[str, float]]) -> dict[str, Any]:
    seconds = [round(run["seconds"], 2) for run in runs]
    return {
        "seconds": statistics.median(seconds),
        "min": min(seconds),
        "max": max(seconds),
        "runs": len(runs),
        "peak_memory": int(max(run["peak_memory"] for run in runs)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--stock", action="store_true", help="measure Jupyter Book's own execution too")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = ours(options.repeats) | (stock(options.repeats) if options.stock else {})
    print(f"\n{'':44} {'median s':>9} {'min':>7} {'max':>7} {'runs':>5} {'peak MB':>8}")
    for name, row in rows.items():
        numbers = f"{row['seconds']:9.1f} {row['min']:7.1f} {row['max']:7.1f} {row['runs']:5}"
        print(f"{name:44} {numbers} {row['peak_memory'] / 1e6:8.0f}")
    if options.json:
        record = {"provenance": provenance("python -m benchmarks.build " + " ".join(sys.argv[1:])), "rows": rows}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
