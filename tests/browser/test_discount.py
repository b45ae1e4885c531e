"""The figure of the discount factor: drag gamma, and see which rewards still count."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from upright.widgets import Discount


def told(page: Page) -> float:
    """The return that the figure tells."""
    found = re.search(r"Return: ([\d.]+)", page.locator(".upright-reading").inner_text())
    assert found
    return float(found[1])


@pytest.mark.parametrize(("gamma", "steps"), [(0.0, 60), (0.5, 1), (0.9, 60), (1.0, 200)])
def test_the_return_is_the_sum_of_the_discounted_rewards(show: Callable[..., Visit], gamma: float, steps: int) -> None:
    seen = show(Discount(gamma=gamma, steps=steps))
    assert told(seen.page) == pytest.approx(sum(gamma**t for t in range(steps)), abs=0.05)
    assert seen.page.locator(".bar:visible").count() == steps
    assert seen.errors == []


def test_a_key_on_the_slider_changes_picture_and_return(show: Callable[..., Visit]) -> None:
    page = show(Discount(gamma=0.9)).page
    slider = page.get_by_role("slider", name="Discount factor gamma")
    before, picture = told(page), page.locator(".upright-picture:visible").inner_html()
    slider.press("ArrowRight")
    assert told(page) > before
    assert page.locator(".upright-picture:visible").inner_html() != picture
    assert slider.get_attribute("aria-valuetext") == "0.91"


def test_dragging_gamma_to_the_left_end_leaves_one_reward(show: Callable[..., Visit]) -> None:
    page = show(Discount()).page
    slider = page.get_by_role("slider", name="Discount factor gamma")
    box = slider.bounding_box()
    assert box
    slider.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    assert told(page) == 1.0


def test_a_finger_moves_the_slider_on_a_phone(show: Callable[..., Visit]) -> None:
    page = show(Discount(steps=60), width=390, has_touch=True).page
    slider = page.get_by_role("slider", name="Length of the episode")
    box = slider.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    assert page.locator(".bar:visible").count() > 190


def test_without_scripts_the_picture_stays_and_no_control_pretends_to_answer(show: Callable[..., Visit]) -> None:
    page = show(Discount(gamma=0.9), java_script_enabled=False).page
    assert page.locator(".bar:visible").count() == 60
    assert not page.locator("input").first.is_visible()
