"""The plan for 100,000 submissions: what it derives from made-up runs, and what is committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import scale

ROOT = Path(__file__).resolve().parents[2]
RECORDED = json.loads((ROOT / "benchmarks" / "scale.json").read_text(encoding="utf-8"))


def run(lab: str, rate: float, start: float = 10.0, cpu: float = 0.01, **more: Any) -> dict[str, Any]:
    """A run of 1,000 submissions that needs `start` seconds before the first, then grades `rate` a second."""
    seconds = start + 1000 / rate
    samples = [
        {"s": float(s), "graded": int(max(0.0, s - start) * rate), "cpu_s": 4.0 + cpu * max(0.0, s - start) * rate}
        for s in range(int(seconds) + 1)
    ]
    options = ["--cluster"]
    return {"lab": lab, "options": options, "submissions": 1000, "seconds": seconds, "samples": samples, **more}


def plan(node_rate: float, cpu: float) -> dict[int, dict[str, Any]]:
    """What is planned by number of nodes of two cores, at 6 cents."""
    labs = (scale.DATA, scale.CODE)
    long = [run(lab, 20.0, cpu=cpu) for lab in labs]
    nodes = [run(lab, node_rate, cpu=10 * cpu, nodes=1) for lab in labs]
    return {row["nodes"]: row for row in scale.plan(long, nodes, cores=2, cents=6.0) if row["lab"] == scale.CODE}


def test_the_rate_leaves_the_start_out() -> None:
    assert scale.steady_rate(run("lab", rate=5.0, start=60.0)) == pytest.approx(300.0)
    assert scale.steady_cpu(run("lab", rate=5.0, start=60.0, cpu=0.02)) == pytest.approx(0.02, rel=0.02)


def test_a_run_too_short_to_tell_is_taken_as_a_whole() -> None:
    short = {"submissions": 10, "seconds": 2.0, "driver_cpu_s": 1.0, "samples": [{"s": 0.0, "graded": 0, "cpu_s": 0.0}]}
    assert scale.steady_rate(short) == pytest.approx(300.0)
    assert scale.steady_cpu(short) == pytest.approx(0.1)


def test_twice_the_nodes_need_half_the_time_and_cost_the_same() -> None:
    planned = plan(node_rate=5.0, cpu=0.0001)
    assert planned[1]["minutes"] == pytest.approx(100_000 / (2 * 5.0 * 60))
    assert planned[4]["minutes"] == pytest.approx(planned[1]["minutes"] / 4)
    assert planned[1]["cents"] == pytest.approx(2 * planned[1]["minutes"] / 60 * 6)
    assert planned[4]["cents"] == pytest.approx(planned[1]["cents"])
    assert {row["bound"] for row in planned.values()} == {"the nodes"}


def test_no_number_of_nodes_is_faster_than_the_command_that_records() -> None:
    planned = plan(node_rate=5.0, cpu=0.01)
    assert planned[64]["minutes"] == planned[16]["minutes"] == pytest.approx(100_000 * 0.01 / 60, rel=0.02)
    assert planned[64]["bound"] == "the command"
    assert planned[1]["bound"] == "the nodes"
    assert planned[64]["cents"] == pytest.approx(4 * planned[16]["cents"])


def test_the_recorded_plan_follows_from_the_recorded_runs() -> None:
    cores, cents = RECORDED["plan"][0]["cores"], 5.0
    assert f"--cents {cents:g} --cores {cores}" in RECORDED["provenance"]["command"]
    assert scale.plan(RECORDED["long"], RECORDED["nodes"], cores, cents) == RECORDED["plan"]
    assert " ".join((scale.__doc__ or "").split("- plan: ")[1].split()) == RECORDED["how"]


def test_the_instructors_page_shows_the_recorded_plan() -> None:
    page = (ROOT / "autograder" / "CLUSTER.md").read_text(encoding="utf-8")
    found = {(row["lab"], row["nodes"]): row for row in RECORDED["plan"]}
    for nodes in scale.PLANNED_NODES:
        cells = [found[lab, nodes] for lab in (scale.DATA, scale.CODE)]
        row = " | ".join(f"{cell['minutes']:.0f} minutes, {cell['cents']:.0f} cents" for cell in cells)
        assert f"| {nodes} | {row} |" in page
    assert RECORDED["provenance"]["date"] in page
