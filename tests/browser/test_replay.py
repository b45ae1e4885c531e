"""The player of a recorded episode: every control, the numbers of the recording, and a page without our loader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

import upright
from tests.browser.conftest import Visit
from tests.browser.figures import traits
from tests.browser.test_cart_pole import observed, press, shown, told, violations
from upright.widgets import Replay
from upright.widgets.figure import module, style

Show = Callable[..., Visit]


@pytest.fixture(scope="module")
def fallen() -> upright.Replay:
    """An episode in which the pole falls after a few dozen steps."""
    return upright.record_episode(lambda observation: int(observation[2] > 0), seed=1)


def step(page: Page) -> int:
    return int(page.get_by_role("slider", name="Step").input_value())


def test_keys_and_buttons_go_through_the_recording_step_by_step(show: Show, fallen: upright.Replay) -> None:
    seen = show(Replay(fallen))
    page, slider = seen.page, seen.page.get_by_role("slider", name="Step")
    assert observed(page) == pytest.approx(fallen.states[0], abs=0.006)
    assert told(page).startswith("The start of the episode.")
    slider.press("ArrowRight")
    press(page, "Next")
    press(page, "Next")
    assert step(page) == 3
    assert observed(page) == pytest.approx(fallen.states[3], abs=0.006)
    assert shown(page)["Action"] == ("← left", "→ right")[fallen.actions[2]]
    assert (shown(page)["Reward"], shown(page)["Return"]) == ("1", "3")
    press(page, "Back")
    assert step(page) == 2
    assert slider.get_attribute("aria-valuetext") == f"2 of {len(fallen.actions)}"
    slider.press("End")
    steps = len(fallen.actions)
    assert step(page) == steps
    assert observed(page) == pytest.approx(fallen.states[-1], abs=0.006)
    assert told(page).endswith("This is the last step.")
    assert page.locator(".pole.fallen").count() == 1
    assert seen.errors == []


def test_the_end_of_the_episode_is_told_from_the_start(show: Show, fallen: upright.Replay) -> None:
    steps, side = len(fallen.actions), "left" if fallen.states[-1][2] < 0 else "right"
    expected = f"Terminated after {steps} steps: the pole passed 12 degrees, on the {side}. Return {steps}."
    shown_end = show(Replay(fallen)).page.locator(".upright-ended").inner_text()
    assert shown_end == f"CartPole-v0, seed 1. {expected}"


def test_the_charts_mark_the_step_that_is_shown(show: Show, fallen: upright.Replay) -> None:
    page = show(Replay(fallen, step=10)).page
    marks = page.locator(".strips .dot")
    before = [float(mark.get_attribute("cx") or 0) for mark in marks.all()]
    steps = len(fallen.actions)
    assert before == pytest.approx([70 + 556 * 10 / steps] * 2, abs=0.1)
    page.get_by_role("slider", name="Step").press("ArrowRight")
    assert float(marks.first.get_attribute("cx") or 0) == pytest.approx(70 + 556 * 11 / steps, abs=0.1)
    limit = page.locator(".strips .limit").all()
    low = float((limit[1].get_attribute("d") or "").split()[1].split("H")[0])
    lowest = max(
        float(y) for y in re.findall(r" ([\d.]+)", page.locator(".strips .curve").first.get_attribute("d") or "")
    )
    assert lowest > low, "the pole fell to the left: its curve leaves the limits below"


def test_play_runs_to_the_last_step_and_pause_stops_it(show: Show, fallen: upright.Replay) -> None:
    page = show(Replay(fallen, speed=0.1)).page
    press(page, "Play")
    page.wait_for_function("document.querySelector('input').value > 1")
    press(page, "Pause")
    stopped = step(page)
    page.wait_for_timeout(300)
    assert step(page) == stopped < len(fallen.actions)
    page.get_by_label("Speed").select_option("1")
    press(page, "Play")
    expect(page.locator(".upright-reading")).to_contain_text("This is the last step.")
    assert page.get_by_role("button", name="Play").is_visible()
    assert shown(page)["Return"] == str(len(fallen.actions))
    press(page, "Play")
    page.wait_for_function("document.querySelector('input').value < 20")


def test_a_finger_moves_the_step_on_a_phone(show: Show, fallen: upright.Replay) -> None:
    page = show(Replay(fallen), width=390, has_touch=True, is_mobile=True, reduced_motion="reduce").page
    box = page.get_by_role("slider", name="Step").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert step(page) == pytest.approx(len(fallen.actions) / 2, abs=2)
    page.wait_for_timeout(200)
    assert step(page) == pytest.approx(len(fallen.actions) / 2, abs=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_one_file_without_our_loader_holds_the_player_and_draws_what_its_model_is_set_to(
    fallen: upright.Replay, chromium: Browser, tmp_path: Path
) -> None:
    state = json.dumps(traits(Replay(fallen)))
    source = json.dumps(module("replay"))
    page_text = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>report</title>
<style>{style()}</style><main></main>
<script type="module">
const values = {state}, heard = {{}};
window.model = {{
  get: (name) => values[name],
  set(name, value) {{ values[name] = value; (heard["change:" + name] ?? []).forEach((each) => each()); }},
  save_changes() {{}}, on(name, each) {{ (heard[name] ??= []).push(each); }}, off() {{}},
}};
const {{ default: figure }} = await import(URL.createObjectURL(new Blob([{source}], {{ type: "text/javascript" }})));
figure.render({{ model, el: document.querySelector("main") }});
</script>"""
    file = tmp_path / "report.html"
    file.write_text(page_text, encoding="utf-8")
    page = chromium.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector(".pole")
    page.evaluate("model.set('step', 5)")
    assert observed(page) == pytest.approx(fallen.states[5], abs=0.006)
    assert step(page) == 5
    page.evaluate(
        "model.set('replay', {...model.get('replay'), states: model.get('replay').states.slice(0, 3),"
        " actions: [0, 1], rewards: [1, 1], terminated: false})"
    )
    assert page.locator(".upright-ended").inner_text().startswith("CartPole-v0, seed 1. Cut short after 2 steps")
    assert page.get_by_role("slider", name="Step").get_attribute("max") == "2"
    assert np.isfinite(observed(page)).all()
    assert errors == []
    page.close()


def test_without_scripts_the_picture_and_the_charts_stay(show: Show, fallen: upright.Replay) -> None:
    page = show(Replay(fallen, step=20), java_script_enabled=False).page
    assert page.locator(".pole").count() == 1
    assert page.locator(".strips .curve").count() == 2
    assert not page.locator("input, button").first.is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it(show: Show, fallen: upright.Replay, theme: str) -> None:
    assert violations(show(Replay(fallen, step=20), theme=theme).page) == []
