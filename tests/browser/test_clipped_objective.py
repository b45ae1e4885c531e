"""The figure of PPO's clip: drag epsilon, ratio and advantage, and break it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from tests.browser.conftest import Visit
from upright.widgets import ClippedObjective


def reading(page: Page) -> str:
    return page.locator(".upright-reading").inner_text()


def control(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name)


def drag(page: Page, slider: Locator, share: float) -> None:
    """With the mouse, from where the slider is to this share of its width."""
    box = slider.bounding_box()
    assert box
    now = slider.evaluate("(input) => (input.value - input.min) / (input.max - input.min)")
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8 + now * (box["width"] - 16), middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), middle, steps=4)
    page.mouse.up()


def heights(page: Page, kind: str) -> list[float]:
    """The corners of one line of the picture, from left to right: how high each lies above the middle, in units."""
    path = page.locator(f".upright-picture:visible .curve.{kind}").get_attribute("d")
    assert path
    corners = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", path)]
    return [2.5 - 5 * (y - 34) / (230 - 34) for y in corners]


def test_the_update_stops_pushing_beyond_the_limit(show: Callable[..., Visit]) -> None:
    page = show(ClippedObjective()).page
    assert "pushes its ratio up: the action becomes more likely, until 1.20" in reading(page)
    assert page.locator(".upright-picture:visible .push").count() == 1
    drag(page, control(page, "Ratio r"), 0.8)
    assert "The update stops pushing here: the line is flat above 1.20" in reading(page)
    assert page.locator(".upright-picture:visible .push").count() == 0


def test_the_lines_are_those_of_the_formula(show: Callable[..., Visit]) -> None:
    page = show(ClippedObjective(epsilon=0.2, advantage=-1.0, ratio=0.5)).page
    for got, ratio in zip(heights(page, "thick"), (0, 0.8, 1.2, 2.5), strict=True):
        assert abs(got - min(-ratio, -min(max(ratio, 0.8), 1.2))) < 0.01
    for got, ratio in zip(heights(page, "second"), (0, 0.8, 1.2, 2.5), strict=True):
        assert abs(got + ratio) < 0.01
    assert "the line is flat below 0.80" in reading(page)


def test_keys_and_a_finger_turn_the_advantage(show: Callable[..., Visit]) -> None:
    page = show(ClippedObjective(), width=390, has_touch=True).page
    advantage = control(page, "Advantage of the action")
    box = advantage.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 3, box["y"] + box["height"] / 2)
    assert advantage.get_attribute("aria-valuetext") == "−1.0"
    assert "The action went badly. The update pushes its ratio down" in reading(page)
    for _ in range(10):
        advantage.press("ArrowRight")
    assert "Advantage 0" in reading(page)


def test_an_epsilon_that_is_too_large_breaks_the_clip(show: Callable[..., Visit]) -> None:
    page = show(ClippedObjective(advantage=-1.0, ratio=0.05)).page
    assert "stops pushing here" in reading(page)
    epsilon = control(page, "Epsilon ε")
    drag(page, epsilon, 0.7)
    assert "The clip does nothing: no ratio lies below −0.05" in reading(page)
    assert page.locator(".upright-picture:visible .shade").count() == 0
    epsilon.press("Home")
    assert page.locator(".upright-picture:visible .shade").count() == 1
    assert epsilon.get_attribute("aria-valuetext") == "0.00"
