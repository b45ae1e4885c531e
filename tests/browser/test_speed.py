"""The figure of recorded times: drag batch size and width, with one device and with two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.upright.widgets.recordings import BATCHES, WIDTHS, made
from upright.widgets import Speed


def reading(page: Page) -> str:
    return page.locator(".upright-reading").inner_text().replace("\u00a0", " ")


def median(recording: dict[str, Any], device: str, width: int, batch: int) -> float:
    seconds: float = recording["seconds"][device]["update"][WIDTHS.index(width)][BATCHES.index(batch)][1]
    return seconds


def test_one_device_is_shown_with_its_name_and_says_that_no_gpu_was_recorded(show: Callable[..., Visit]) -> None:
    page = show(Speed(recording=made(), batch=16, width=64)).page
    assert page.locator(".upright-legend").inner_text() == "processor: a made cpu"
    assert "No GPU was recorded yet" in page.locator(".upright-note").inner_text()
    assert "2000-01-01, PyTorch 0.0, 1 thread" in page.locator(".upright-note").inner_text()
    now, larger = (median(made(), "cpu", 64, batch) for batch in (16, 256))
    assert f"takes {1e6 * now:.0f} µs" in reading(page)
    assert f"16 times as large takes {larger / now:.1f} times as long: arithmetic fills the time" in reading(page)
    page.get_by_role("slider", name="Width").press("Home")
    page.get_by_role("slider", name="Batch size").press("Home")
    now, larger = (median(made(), "cpu", 16, batch) for batch in (1, 16))
    assert f"takes {larger / now:.1f} times as long: the fixed cost of a call rules" in reading(page)


def test_two_devices_are_compared_and_their_lines_cross(show: Callable[..., Visit]) -> None:
    recording = made(gpu=True)
    page = show(Speed(recording=recording, batch=1, width=64)).page
    assert "GPU: a made cuda" in page.locator(".upright-legend").inner_text()
    assert "No GPU" not in page.locator(".upright-note").inner_text()
    slower = median(recording, "cuda", 64, 1) / median(recording, "cpu", 64, 1)
    assert f"Here the processor is {slower:.1f} times as fast." in reading(page)
    batch = page.get_by_role("slider", name="Batch size")
    batch.press("End")
    assert batch.get_attribute("aria-valuetext") == "4,096 observations"
    faster = median(recording, "cpu", 64, 4096) / median(recording, "cuda", 64, 4096)
    assert f"Here the GPU is {faster:.0f} times as fast." in reading(page)
    assert "the GPU is faster from a batch of about" in reading(page)


def test_the_crossover_moves_with_the_width(show: Callable[..., Visit]) -> None:
    page = show(Speed(recording=made(gpu=True), width=16), width=390, has_touch=True).page
    before = page.locator(".upright-picture:visible .mark").first.get_attribute("d")
    slider = page.get_by_role("slider", name="Width")
    box = slider.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert slider.get_attribute("aria-valuetext") == "256 units"
    after = page.locator(".upright-picture:visible .mark").first.get_attribute("d")
    assert before
    assert after
    assert float(after[1:].split(" ")[0]) < float(before[1:].split(" ")[0])


@pytest.mark.parametrize("work", ["update", "forward"])
def test_the_list_chooses_what_was_timed(show: Callable[..., Visit], work: str) -> None:
    other = {"update": "forward", "forward": "update"}[work]
    page = show(Speed(recording=made(), work=other)).page
    page.get_by_label("Timed").select_option(work)
    assert reading(page).startswith({"update": "One update", "forward": "One forward pass"}[work])
