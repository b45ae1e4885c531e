"""The figure of evaluations that lie: drag episodes, true mean and spread."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from upright.widgets import Interval


def told(page: Page) -> float:
    """The share of evaluations that lie, in per cent."""
    found = re.search(r"But ([\d.]+)\s%", page.locator(".upright-reading").inner_text())
    assert found, page.locator(".upright-reading").inner_text()
    return float(found[1])


def simulated(page: Page, episodes: int, evaluations: int = 20_000) -> np.ndarray:
    """Means that evaluations show, in a simulation of the model that the figure tells."""
    note = page.locator(".upright-note").inner_text()
    found = re.search(r"([\d.]+)\s% of episodes end early, at any step from (\d+) to 199", note)
    assert found, note
    rng = np.random.default_rng(0)
    early = rng.binomial(episodes, float(found[1]) / 100, evaluations)
    lost = [rng.integers(1, 200 - int(found[2]), count, endpoint=True).sum() for count in early]
    return 200 - np.array(lost) / episodes


def test_the_share_is_that_of_a_simulation_of_the_model_it_tells(show: Callable[..., Visit]) -> None:
    page = show(Interval()).page
    assert told(page) == pytest.approx(100 * np.mean(simulated(page, 100) >= 195), abs=1.5)
    episodes = page.get_by_role("slider", name="Episodes in an evaluation")
    episodes.press("End")
    assert episodes.get_attribute("aria-valuetext") == "1,000"
    assert told(page) == pytest.approx(100 * np.mean(simulated(page, 1000, 5_000) >= 195), abs=1.5)
    page.get_by_role("slider", name="True mean return").press("End")
    assert "This policy is solved" in page.locator(".upright-reading").inner_text()


def test_a_solved_policy_fails_the_test_and_then_the_other_side_is_wrong(show: Callable[..., Visit]) -> None:
    page = show(Interval(mean=196.5, sd=20)).page
    assert told(page) == pytest.approx(100 * np.mean(simulated(page, 100) < 195), abs=1.5)
    line = float(str(page.locator(".upright-picture:visible .mark.thick").get_attribute("d"))[1:].split(" ")[0])
    wrong = [str(bar.get_attribute("d")) for bar in page.locator(".upright-picture:visible .bar.wrong").all()]
    assert wrong
    assert all(float(path[1:].split(" ")[0]) < line for path in wrong)


def test_a_finger_and_the_mouse_move_mean_and_spread(show: Callable[..., Visit]) -> None:
    page = show(Interval(), width=390, has_touch=True).page
    before = told(page)
    for name, shown in (("True mean return", "185.0"), ("Spread of one episode", "10 steps")):
        slider = page.get_by_role("slider", name=name)
        box = slider.bounding_box()
        assert box
        press = page.touchscreen.tap if shown == "185.0" else page.mouse.click
        press(box["x"] + 2, box["y"] + box["height"] / 2)
        assert slider.get_attribute("aria-valuetext") == shown
    assert before > 30
    assert "almost never shows 195 or more" in page.locator(".upright-reading").inner_text()


def test_a_spread_that_is_impossible_is_told(show: Callable[..., Visit]) -> None:
    page = show(Interval(mean=199.0)).page
    assert "The largest possible spread with this mean: 11.3 steps" in page.locator(".upright-note").inner_text()


def test_it_answers_at_once(show: Callable[..., Visit]) -> None:
    page = show(Interval(episodes=1000, mean=185.0, sd=40.0)).page
    times = page.evaluate("""() => [190, 188, 186, 187, 189].map((mean) => {
        const input = document.querySelector("[data-trait=mean]");
        const start = performance.now();
        input.value = mean;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        return performance.now() - start;
    })""")
    assert min(times) < 50, times
