"""The table of the benchmarks, from the recordings that are committed and from small made-up ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import table

ROOT = Path(__file__).resolve().parents[2]
RECORDED = {
    "solve": ROOT / "book" / "data" / "solve.json",
    "agents": ROOT / "book" / "data" / "agents.json",
    "batched": ROOT / "benchmarks" / "batched.json",
    "grade": ROOT / "benchmarks" / "grade.json",
}


def run(seed: int, seconds: float, env_steps: int, solved: bool = True) -> dict[str, Any]:
    return {"seed": seed, "train_seconds": seconds, "env_steps": env_steps, "solved": solved}


def test_a_ratio_above_one_says_that_ours_is_faster() -> None:
    assert table.rates("x", "steps/s", [30.0, 40.0], [10.0, 10.0]).ratios == [3.0, 4.0]
    runs = {"rllib": [run(0, 1.0, 1000)], "sb3": [run(0, 5.0, 4000)]}
    seconds, env_steps = table.solve({"runs": runs})
    assert (seconds.ours, seconds.theirs, seconds.ratios) == (1.0, 5.0, [5.0])
    assert env_steps.ratios == [4.0]


def test_seeds_that_one_of_both_did_not_solve_are_not_compared() -> None:
    runs = {"rllib": [run(0, 1.0, 1000), run(1, 2.0, 1000)], "sb3": [run(0, 5.0, 1, solved=False), run(1, 6.0, 4000)]}
    seconds, _ = table.solve({"runs": runs})
    assert seconds.ratios == [3.0]
    assert list(table.solve({"runs": runs | {"sb3": [run(0, 5.0, 1, solved=False)]}})) == []


def test_the_recordings_give_a_row_for_each_thing_that_ours_is_compared_with(tmp_path: Path) -> None:
    for name, path in RECORDED.items():
        shutil.copy(path, tmp_path / f"{name}.json")
    rows = table.collect(tmp_path)
    told = table.text(rows)
    for theirs in ("sb3", "single_file", "Gymnasium, vectorised", "PureJaxRL", "otter run", "nbgrader autograde"):
        assert theirs in told
    assert len(told.splitlines()) == len(rows) + 1
    assert all(len(row.ratios) >= 2 for row in rows)


def test_a_folder_without_recordings_is_told_with_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.table", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == f"benchmarks.table: {tmp_path} holds no recording; run `make bench`.\n"


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_says_when_where_and_how_it_was_made(name: str) -> None:
    found = json.loads(RECORDED[name].read_text(encoding="utf-8"))["provenance"]
    assert {"date", "command", "python", "packages", "cpu"} <= found.keys()
    assert found["command"].startswith("python -m benchmarks.")
