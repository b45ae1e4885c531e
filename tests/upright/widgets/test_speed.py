"""The figure of recorded times refuses what is no recording, and finds where a GPU becomes faster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

from benchmarks import speed
from tests.upright.widgets.node import call
from tests.upright.widgets.recordings import BATCHES, WIDTHS, made
from upright.format import DataError
from upright.widgets import Speed

RECORDED = Path(__file__).resolve().parents[3] / "book" / "data" / "speed.json"


def test_it_shows_the_books_recording_unless_it_is_given_one() -> None:
    assert Speed().recording == json.loads(RECORDED.read_text(encoding="utf-8"))
    assert Speed(recording=made(), width=256, batch=16).recording == made()


def test_the_books_recording_says_where_it_comes_from() -> None:
    recording = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert recording["provenance"]["cpu"] == recording["devices"]["cpu"]
    assert recording["provenance"]["gpu"] == recording["devices"].get("cuda")
    assert {"date", "commit", "command", "packages"} <= set(recording["provenance"])
    assert RECORDED.stat().st_size < 20_000


def without(part: str) -> dict[str, Any]:
    recording = made()
    del recording[part]
    return recording


def changed(**parts: Any) -> dict[str, Any]:
    return made() | parts


def wrong_times(cell: list[float]) -> dict[str, Any]:
    recording = made()
    recording["seconds"]["cpu"]["update"][1][2] = cell
    return recording


@pytest.mark.parametrize(
    ("recording", "sentence"),
    [
        (without("threads"), "threads missing"),
        (changed(widths=[16, 256, 64]), "rising order"),
        (changed(devices={"cuda": "a GPU alone"}), "expected cpu"),
        (changed(batches=[1, 4]), "3 rows, one a width, with 2 times each"),
        (changed(seconds={"cpu": {"update": made()["seconds"]["cpu"]["update"]}}), "seconds: cpu, forward missing"),
        (wrong_times([0.2, 0.1, 0.3]), "lower quartile, median, upper quartile"),
        (wrong_times([0.0, 0.1, 0.3]), "lower quartile, median, upper quartile"),
        (wrong_times([0.1, 0.3]), "lower quartile, median, upper quartile"),
    ],
)
def test_it_refuses_what_is_no_recording(recording: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        Speed(recording=recording)


@pytest.mark.parametrize("trait", [{"width": 100}, {"batch": 3}, {"work": "sleep"}])
def test_it_refuses_what_was_not_recorded(trait: dict[str, Any]) -> None:
    with pytest.raises(traitlets.TraitError):
        Speed(recording=made(), **trait)


def test_the_gpu_is_faster_from_where_the_two_lines_cross() -> None:
    states = [{"recording": made(gpu=True), "width": width, "work": "update"} for width in WIDTHS]
    found = call("speed", *(["crossover", state] for state in states))
    for crossover, width in zip(found, WIDTHS, strict=True):
        times = made(gpu=True)["seconds"]
        cpu, cuda = (
            np.log([cell[1] for cell in times[device]["update"][WIDTHS.index(width)]]) for device in ("cpu", "cuda")
        )
        at = np.log(np.geomspace(BATCHES[0], BATCHES[-1], 100_001))
        ahead = np.interp(at, np.log(BATCHES), cpu) - np.interp(at, np.log(BATCHES), cuda)
        assert crossover == pytest.approx(np.exp(at[np.argmax(ahead > 0)]), rel=1e-3)
    assert call("speed", ["crossover", {"recording": made(), "width": 16, "work": "update"}]) == [None]


def test_times_are_told_with_their_unit() -> None:
    told = call("speed", *(["duration", seconds] for seconds in (4.15e-4, 1.64e-6, 0.0123, 1.66, 0.99996)))
    assert told == ["415\u00a0µs", "1.6\u00a0µs", "12\u00a0ms", "1.7\u00a0s", "1\u00a0s"]


def test_the_benchmark_times_every_cell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(speed, "WIDTHS", [16, 32])
    monkeypatch.setattr(speed, "BATCHES", [1, 4, 16])
    monkeypatch.setattr(speed, "AT_LEAST", 1e-4)
    file = tmp_path / "speed.json"
    monkeypatch.setattr("sys.argv", ["speed", "--json", str(file)])
    assert speed.main() == 0
    recording = json.loads(file.read_text(encoding="utf-8"))
    assert Speed(recording=recording, width=32, batch=4).recording["threads"] == 1
