"""The figures in the chapters: each is brought to life, and each of its sliders answers, by key and by finger."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.conftest import WIDTHS, Visit, visit
from tools.chapters import chapters

WHERE = {
    "what_is_rl": ["cart_pole"],
    "environments": ["cart_pole"],
    "episodes": ["replay", "discount", "cart_pole"],
    "policies": ["linear_policy", "cart_pole"],
    "policy_gradients": ["clipped_objective"],
    "ppo": ["replay", "cart_pole"],
    "evaluation": ["curves", "interval"],
    "gpu": ["speed"],
    "tune": ["curves"],
}
NUMBERED = chapters()[:9]


def opened(chromium: Browser, site: str, page: str, size: str) -> Visit:
    width, height = WIDTHS[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=size == "phone")
    found = visit(context, site)
    found.open(f"{site}/{page}.html").wait_for_load_state("networkidle")
    return found


def names(seen: Visit) -> list[str]:
    modules = seen.page.locator(".upright-widget").evaluate_all("all => all.map(figure => figure.dataset.module)")
    return [module.removeprefix("widgets/").partition(".")[0] for module in modules]


def state(slider: Locator) -> tuple[str, str]:
    """What the slider says of itself, and what its figure shows."""
    figure = slider.locator("xpath=ancestor::*[contains(@class, 'upright-widget')]")
    return str(slider.get_attribute("aria-valuetext")), figure.inner_html()


@pytest.mark.parametrize("page", NUMBERED)
def test_the_figures_of_a_chapter_are_alive_and_every_slider_answers_a_key(
    chromium: Browser, site: str, page: str
) -> None:
    seen = opened(chromium, site, page, "desktop")
    assert names(seen) == WHERE[page.removeprefix("book/")]
    assert seen.page.locator("[data-mounted]").count() == len(names(seen))
    sliders = seen.page.locator(".upright-widget input[type=range]")
    for slider in sliders.all():
        if slider.is_visible():
            before = state(slider)
            at_end = slider.evaluate("input => input.value === input.max")
            slider.press("ArrowLeft" if at_end else "ArrowRight")
            after = state(slider)
            assert before[0] != after[0]
            assert before[1] != after[1]
    assert seen.errors == []
    assert seen.foreign == []
    seen.page.context.close()


@pytest.mark.parametrize("page", NUMBERED)
def test_on_a_phone_a_finger_moves_the_first_slider_of_each_figure(chromium: Browser, site: str, page: str) -> None:
    seen = opened(chromium, site, page, "phone")
    for figure in seen.page.locator(".upright-widget").all():
        for slider in [found for found in figure.locator("input[type=range]").all() if found.is_visible()][:1]:
            slider.scroll_into_view_if_needed()
            before = state(slider)
            box = slider.bounding_box()
            assert box
            middle = slider.evaluate("input => (input.value - input.min) / (input.max - input.min) < 0.5")
            across = 0.9 if middle else 0.1
            seen.page.touchscreen.tap(box["x"] + across * box["width"], box["y"] + box["height"] / 2)
            after = state(slider)
            assert before[0] != after[0]
            assert before[1] != after[1]
    assert seen.errors == []
    seen.page.context.close()
