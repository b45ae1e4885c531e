"""What every chart must do: stay where it is, be read on a phone, in the dark, by a screen reader, without scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.upright.widgets.recordings import made
from upright.widgets import ClippedObjective, Discount, Interval, Speed
from upright.widgets.figure import Figure

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CHARTS: dict[str, Callable[[], Figure]] = {
    "discount": Discount,
    "clipped objective": ClippedObjective,
    "interval": Interval,
    "speed": lambda: Speed(recording=made()),
    "speed of two devices": lambda: Speed(recording=made(gpu=True)),
}
VIOLATIONS = "axe.run('.upright').then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))"
PLACES = """() => [...document.querySelectorAll(".upright, .upright-reading, .upright-controls > *")]
    .map((element) => [element.className, element.getBoundingClientRect()])
    .map(([name, { top, height }]) => [name, top, height])"""
# The letters' size on the screen, in CSS pixels, of the smallest text in the picture that is shown.
LETTERS = """() => Math.min(...[...document.querySelectorAll(".upright-picture text")]
    .filter((text) => text.checkVisibility())
    .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
# Texts of the picture that stick out of the figure.
OUTSIDE = """() => { const box = document.querySelector(".upright").getBoundingClientRect();
    return [...document.querySelectorAll(".upright-picture text")].filter((text) => text.checkVisibility())
    .map((text) => [text.textContent, text.getBoundingClientRect()])
    .filter(([, { left, right }]) => left < box.left || right > box.right); }"""


@pytest.fixture(params=CHARTS)
def chart(request: pytest.FixtureRequest) -> Figure:
    return CHARTS[request.param]()


def at_every_end(page: Page) -> list[object]:
    """Where everything lies after each control was moved to its ends, one after another."""
    seen = [page.evaluate(PLACES)]
    for slider in page.get_by_role("slider").all():
        for key in ("Home", "End"):
            slider.press(key)
            seen.append(page.evaluate(PLACES))
            assert page.evaluate(OUTSIDE) == []
    return seen


@pytest.mark.parametrize("width", [390, 800])
def test_nothing_moves_or_sticks_out_while_it_is_used(show: Callable[..., Visit], chart: Figure, width: int) -> None:
    seen = show(chart, width=width, has_touch=width == 390)
    places = at_every_end(seen.page)
    assert all(each == places[0] for each in places)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.page.evaluate(LETTERS) >= 12.5
    assert all(
        (box := each.bounding_box()) and box["height"] >= 40 for each in seen.page.locator("input, select").all()
    )
    assert (seen.errors, seen.foreign) == ([], [])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible(show: Callable[..., Visit], chart: Figure, theme: str) -> None:
    page = show(chart, theme=theme).page
    page.add_script_tag(path=AXE)
    assert page.evaluate(VIOLATIONS) == []


def test_without_scripts_the_same_picture_stays_and_no_control_pretends_to_answer(
    show: Callable[..., Visit], chart: Figure
) -> None:
    answering = show(chart).page
    still = show(chart, java_script_enabled=False).page
    for part in (".upright-picture:visible", ".upright-reading"):
        assert still.locator(part).inner_html() == answering.locator(part).inner_html()
    assert not still.locator("input").first.is_visible()
    answering.emulate_media(media="print")
    assert answering.locator(".upright-picture:visible").count() == 1
    assert not answering.locator("input").first.is_visible()
