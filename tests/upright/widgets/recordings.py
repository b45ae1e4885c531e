"""Made recordings of speed: no device was ever measured at these times."""

from __future__ import annotations

from typing import Any

WIDTHS = [16, 64, 256]
BATCHES = [1, 16, 256, 4096]


def made(gpu: bool = False) -> dict[str, Any]:
    """Times that are a fixed cost and then proportional to the work; the GPU, if any, has more of the first."""

    def table(fixed: float, rate: float) -> list[list[list[float]]]:
        medians = [[fixed + width * batch / rate for batch in BATCHES] for width in WIDTHS]
        return [[[0.9 * value, value, 1.2 * value] for value in row] for row in medians]

    devices = {"cpu": (1e-4, 1e7), "cuda": (4e-4, 1e9)} if gpu else {"cpu": (1e-4, 1e7)}
    return {
        "provenance": {"date": "2000-01-01", "packages": {"torch": "0.0"}},
        "threads": 1,
        "devices": {device: f"a made {device}" for device in devices},
        "widths": WIDTHS,
        "batches": BATCHES,
        "seconds": {device: {"update": table(*cost), "forward": table(*cost)} for device, cost in devices.items()},
    }
