"""How long a network's update or forward pass takes, by batch size and width."""

from __future__ import annotations

from itertools import product
from typing import Any

import traitlets

from upright.format import DataError
from upright.recording import recorded
from upright.widgets.figure import Figure

WORK = ("update", "forward")


class Speed(Figure):
    """Recorded times of one update, or one forward pass, of chapter 8's network: 4 inputs, 2 hidden layers, 2 outputs.

    recording: as `python -m benchmarks.speed` writes it, `upright.recorded("speed")` by default, of the processor and,
    if its machine had one, the GPU; batch: observations in one call; width: units of each hidden layer, both of those
    that were recorded; work: "update" (forward, backward and optimiser) or "forward".
    Raises DataError for a recording that is not one, TraitError for a batch, width or work that it does not have.
    """

    _name = "speed"
    recording = traitlets.Dict().tag(sync=True)
    batch = traitlets.Int(256).tag(sync=True)
    width = traitlets.Int(64).tag(sync=True)
    work = traitlets.Enum(WORK, "update").tag(sync=True)

    @traitlets.default("recording")
    def _recorded(self) -> dict[str, Any]:
        return recorded("speed")

    @traitlets.validate("recording")
    def _check_recording(self, proposal: Any) -> dict[str, Any]:
        return checked(proposal["value"])

    @traitlets.validate("batch")
    def _check_batch(self, proposal: Any) -> int:
        return self._one_of("batch", "batches", proposal["value"])

    @traitlets.validate("width")
    def _check_width(self, proposal: Any) -> int:
        return self._one_of("width", "widths", proposal["value"])

    def _one_of(self, name: str, names: str, value: int) -> int:
        choices = self.recording[names]
        if value not in choices:
            raise traitlets.TraitError(f"{name} is {value}, and was not recorded; the {names} are {choices}.")
        return value


def checked(recording: dict[str, Any]) -> dict[str, Any]:
    """The recording, if its times are complete. Raises DataError, which names the first thing that is wrong."""
    missing = {"provenance", "threads", "devices", "widths", "batches", "seconds"} - set(recording)
    if missing:
        raise DataError(f"recording: {', '.join(sorted(missing))} missing; python -m benchmarks.speed writes one.")
    for name in ("widths", "batches"):
        values = recording[name]
        if len(values) < 2 or any(type(value) is not int or value < 1 for value in values) or values != sorted(values):
            raise DataError(f"recording: {name}: expected whole numbers in rising order, got {values}.")
    devices = list(recording["devices"])
    if devices not in (["cpu"], ["cpu", "cuda"]):
        raise DataError(f"recording: devices: expected cpu, or cpu and cuda, got {devices}.")
    for device, work in product(devices, WORK):
        rows = recording["seconds"].get(device, {}).get(work)
        if rows is None:
            raise DataError(f"recording: seconds: {device}, {work} missing.")
        _check_times(rows, len(recording["widths"]), len(recording["batches"]), f"seconds: {device}, {work}")
    return recording


def _check_times(rows: list[list[list[float]]], widths: int, batches: int, name: str) -> None:
    if len(rows) != widths or any(len(row) != batches for row in rows):
        raise DataError(f"recording: {name}: expected {widths} rows, one a width, with {batches} times each.")
    for cell in (cell for row in rows for cell in row):
        if len(cell) != 3 or not 0 < cell[0] <= cell[1] <= cell[2] < float("inf"):
            raise DataError(f"recording: {name}: expected [lower quartile, median, upper quartile], got {cell}.")
