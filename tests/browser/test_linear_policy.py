"""The figure of a linear policy: drag the line, and see the path and the mean return."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.upright.widgets.node import call
from upright.widgets import LinearPolicy

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def mean(page: Page) -> float:
    """The mean return that the figure tells."""
    found = re.search(r"Mean return over 100 episodes: ([\d.]+)", page.locator(".upright-reading").inner_text())
    assert found
    return float(found[1])


def degrees(page: Page) -> int:
    return int(page.locator(".upright-handle").get_attribute("aria-valuenow") or -1)


def sliders(page: Page) -> list[float]:
    """The weights of position, velocity, angle and angular velocity that the sliders show."""
    names = ("position", "velocity", "angle", "angular velocity")
    return [float(page.get_by_role("slider", name=f"Weight of {name}", exact=True).input_value()) for name in names]


def middle(page: Page) -> tuple[float, float]:
    """Where the middle of the line is on the page."""
    box = page.locator(".decision").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("weights", [[0, 0, 1, 0], [0, 0, 1, 1], [0.5, 0.5, 0.3, -1]], ids=str)
def test_it_tells_the_mean_return_of_its_100_episodes(show: Callable[..., Visit], weights: list[float]) -> None:
    seen = show(LinearPolicy(weights, seed=3))
    found = call("linear_policy", ["simulate", {"weights": weights, "seed": 3}])[0]
    assert mean(seen.page) == pytest.approx(sum(found["returns"]) / 100, abs=0.051)
    assert seen.page.locator(".ending").count() == 100
    assert str(found["ended"]["limit"]) in seen.page.locator(".upright-reading").inner_text()
    path = seen.page.locator(".path").get_attribute("d") or ""
    assert path.count("L") == found["returns"][0]
    assert seen.errors == []
    assert seen.foreign == []


def test_dragging_the_handle_turns_the_line_until_the_policy_solves_cartpole(show: Callable[..., Visit]) -> None:
    page = show(LinearPolicy()).page
    assert mean(page) < 60
    x, y = middle(page)
    page.locator(".upright-handle").hover()
    page.mouse.down()
    page.mouse.move(x - 100, y - 100, steps=3)
    assert page.locator(".upright-reading").get_attribute("aria-live") == "off"
    page.mouse.move(x - 120, y - 20, steps=3)
    page.mouse.up()
    assert page.locator(".upright-reading").get_attribute("aria-live") == "polite"
    assert 75 <= degrees(page) <= 85
    assert mean(page) == 200.0
    assert page.get_by_text("solved: 195 or more").is_visible()
    position, velocity, angle, angular_velocity = sliders(page)
    assert (position, velocity) == (0, 0)
    assert angle == 1
    assert 0.1 < angular_velocity < 0.4


def test_the_line_itself_can_be_dragged(show: Callable[..., Visit]) -> None:
    page = show(LinearPolicy()).page
    x, y = middle(page)
    page.mouse.move(x, y + 100)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=4)
    page.mouse.up()
    assert 85 <= degrees(page) <= 95


def test_a_finger_turns_the_line_on_a_phone_and_the_page_does_not_scroll(show: Callable[..., Visit]) -> None:
    page = show(LinearPolicy(), width=390, has_touch=True).page
    x, y = middle(page)
    box = page.locator(".upright-handle").bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 40
    touch = page.context.new_cdp_session(page)
    points = [(box["x"] + 22, box["y"] + 22), (x - 60, y - 60), (x - 80, y)]
    for kind, (left, top) in zip(("touchStart", "touchMove", "touchMove"), points, strict=True):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": left, "y": top}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert 85 <= degrees(page) <= 95
    assert page.evaluate("[scrollX, scrollY]") == [0, 0]
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_keys_turn_the_line_and_the_handle_says_where_it_is(show: Callable[..., Visit]) -> None:
    page = show(LinearPolicy()).page
    handle = page.get_by_role("slider", name="Direction of the line")
    for key, expected in [("ArrowUp", 1), ("PageUp", 16), ("ArrowRight", 15), ("PageDown", 0), ("ArrowDown", 359)]:
        handle.press(key)
        assert degrees(page) == expected
    assert (handle.get_attribute("aria-valuetext") or "").startswith("359 degrees: weight of the angle 1.00")
    assert handle.evaluate("handle => handle === document.activeElement")


def test_the_sliders_of_the_weights_move_line_picture_and_return(show: Callable[..., Visit]) -> None:
    page = show(LinearPolicy([0, 0, 1, 0])).page
    slider = page.get_by_role("slider", name="Weight of angular velocity")
    for _ in range(10):
        slider.press("ArrowRight")
    assert sliders(page) == [0, 0, 1, 0.1]
    expected = call(
        "linear_policy", ["direction", [0, 0, 1, 0.1]], ["simulate", {"weights": [0, 0, 1, 0.1], "seed": 1}]
    )
    assert degrees(page) == round(expected[0])
    assert mean(page) == pytest.approx(expected[1]["mean"], abs=0.051)
    before = page.locator(".decision").get_attribute("d")
    page.get_by_role("slider", name="Weight of position").press("End")
    assert page.locator(".decision").get_attribute("d") == before
    seeds, ends = page.get_by_role("slider", name="Seed of the 100 episodes"), page.locator(".ending").first
    at = ends.get_attribute("cx")
    seeds.press("ArrowRight")
    assert ends.get_attribute("cx") != at


def test_nothing_moves_on_the_page_while_the_line_is_turned(show: Callable[..., Visit]) -> None:
    for width in (800, 390):
        page = show(LinearPolicy(), width=width).page
        height = page.evaluate("document.documentElement.scrollHeight")
        top = page.locator(".upright-controls").bounding_box()
        for _ in range(12):
            page.locator(".upright-handle").press("PageUp")
            assert page.locator(".upright-controls").bounding_box() == top
        assert page.evaluate("document.documentElement.scrollHeight") == height


def test_weights_that_ignore_the_pole_have_no_line(show: Callable[..., Visit]) -> None:
    seen = show(LinearPolicy([1, 0, 0, 0]))
    assert seen.page.locator(".decision").count() == 0
    assert seen.page.get_by_text("no line: the pole counts for nothing").is_visible()
    seen.page.locator(".upright-handle").press("PageUp")
    assert seen.page.locator(".decision").count() == 1
    assert seen.errors == []


def test_without_scripts_the_picture_stays_and_no_control_pretends_to_answer(show: Callable[..., Visit]) -> None:
    page = show(LinearPolicy([0, 0, 1, 1]), java_script_enabled=False).page
    assert mean(page) == 200.0
    assert page.locator(".ending").count() == 100
    assert not page.locator("input").first.is_visible()
    assert not page.locator(".upright-handle").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible(show: Callable[..., Visit], theme: str) -> None:
    page = show(LinearPolicy(), theme=theme).page
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run('.upright').then(({ violations }) => violations.map(({ id }) => id))")
    assert found == []
