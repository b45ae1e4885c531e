"""The figure of the cart: every control by mouse, keyboard and touch, with Gymnasium to say what must come of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.upright.widgets.program import run
from tools.axe import SCRIPT as AXE
from upright.policy import Policy
from upright.widgets import CartPole

Show = Callable[..., Visit]
POLICY = Policy.linear([[0, 0, 0, 0], [0, 0, 1, 1]])
EVERYTHING = ["observation", "gravity", "length", "force_mag", "noise"]
SLIDERS = {
    "Gravity": ("gravity", 0.1, "9.9 m/s²"),
    "Half the pole's length": ("length", 0.01, "0.51 units"),
    "Force of a push": ("force_mag", 0.5, "10.5 N"),
}


SHIFTS = """new Promise((resolve) => {
  const observer = new PerformanceObserver((list) => resolve(list.getEntries().length));
  observer.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(0), 300);
})"""


def start(seed: int) -> list[float]:
    body = 'const { begin } = await load("episode"); return begin(given).state;'
    return [float(number) for number in run(body, seed)]


def gymnasium(seed: int, actions: list[int], **constants: float) -> np.ndarray:
    """Gymnasium's state after the actions, from the figure's start."""
    env: Any = gym.make("CartPole-v1").unwrapped
    for name, value in constants.items():
        setattr(env, name, value)
    env.polemass_length = env.masspole * env.length
    env.reset()
    env.state = np.array(start(seed))
    for action in actions:
        env.step(action)
    return np.array(env.state)


def told(page: Page) -> str:
    return page.locator(".upright-reading").inner_text()


def shown(page: Page) -> dict[str, str]:
    """The numbers under the picture, by name."""
    boxes = page.locator(".upright-numbers > div").all_inner_texts()
    return dict(box.split("\n", 1) for box in boxes)


def observed(page: Page) -> list[float]:
    """The four numbers of the observation, as they are shown: the angle to 3 digits, the others to 2."""
    names = ("Position", "Velocity", "Angle", "Angular velocity")
    return [float(shown(page)[name].split()[0].replace("−", "-")) for name in names]


def violations(page: Page) -> list[str]:
    """What axe-core finds in the figure, which is no whole page."""
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run('.upright').then(result => result.violations)")
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def middle(stage: Locator, part: float) -> tuple[float, float]:
    """A point of the picture, `part` of its width from the left."""
    box = stage.bounding_box()
    assert box
    return box["x"] + part * box["width"], box["y"] + box["height"] / 2


def test_each_press_is_one_step_of_gymnasiums(show: Show) -> None:
    seen = show(CartPole(seed=3, controls=["observation"]))
    assert observed(seen.page) == pytest.approx(start(3), abs=0.006)
    for name in ("Right", "Left", "Left"):
        press(seen.page, name)
    assert observed(seen.page) == pytest.approx(gymnasium(3, [1, 0, 0]), abs=0.006)
    numbers = shown(seen.page)
    assert (numbers["Step"], numbers["Reward"], numbers["Return"]) == ("3 of 200", "1", "3")
    assert numbers["Last push"] == "← left"
    assert told(seen.page).startswith("Step 3: a push to the left. The pole leans")
    assert seen.errors == []


def test_pushing_one_way_ends_the_episode_and_later_presses_change_nothing(show: Show) -> None:
    page = show(CartPole()).page
    steps = next(count for count in range(1, 30) if abs(gymnasium(0, [1] * count)[2]) > np.radians(12))
    for _ in range(steps):
        press(page, "Right")
    end = f"Terminated after {steps} steps: the pole passed 12 degrees, on the left. Return {steps}."
    assert told(page) == end
    press(page, "Right")
    assert told(page) == end
    assert page.locator(".pole.fallen").count() == 1
    press(page, "New episode")
    assert shown(page)["Step"] == "0 of 200"
    assert page.locator(".pole.fallen").count() == 0


def test_keys_push_only_while_the_picture_has_the_focus_and_never_scroll_the_page(show: Show) -> None:
    page = show(CartPole()).page
    page.keyboard.press("ArrowRight")
    assert shown(page)["Step"] == "0 of 200"
    assert page.get_by_text("Arrow keys are off").is_visible()
    page.set_viewport_size({"width": 600, "height": 300})
    page.evaluate("document.body.style.width = '2000px'")
    page.locator(".upright-picture").focus()
    assert page.get_by_text("Arrow keys are on").is_visible()
    assert not page.get_by_text("Arrow keys are off").is_visible()
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert (shown(page)["Step"], shown(page)["Last push"]) == ("2 of 200", "← left")
    page.keyboard.press(" ")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.keyboard.press(" ")
    assert page.get_by_role("button", name="Start").is_visible()
    page.wait_for_timeout(200)
    assert page.evaluate("[scrollX, scrollY]") == [0, 0]


def test_started_by_hand_the_time_waits_for_a_push_which_then_keeps_pushing(show: Show) -> None:
    page = show(CartPole(speed=1.0)).page
    press(page, "Start")
    assert told(page) == "Ready. The time runs from your next push, left or right."
    page.wait_for_timeout(300)
    assert shown(page)["Step"] == "0 of 200"
    page.keyboard.press("ArrowLeft")  # the picture has the focus
    expect(page.locator(".upright-reading")).to_contain_text("Terminated")
    steps = next(count for count in range(1, 30) if abs(gymnasium(0, [0] * count)[2]) > np.radians(12))
    assert told(page) == f"Terminated after {steps} steps: the pole passed 12 degrees, on the right. Return {steps}."


def test_a_finger_pushes_with_the_buttons_and_with_the_halves_of_the_picture(show: Show) -> None:
    page = show(CartPole(speed=0.1), width=390, has_touch=True, is_mobile=True).page
    stage = page.locator(".upright-picture")
    page.touchscreen.tap(*middle(stage, 0.2))
    assert (shown(page)["Step"], shown(page)["Last push"]) == ("1 of 200", "← left")
    page.touchscreen.tap(*middle(stage, 0.8))
    assert (shown(page)["Step"], shown(page)["Last push"]) == ("2 of 200", "→ right")
    page.get_by_role("button", name="Left").tap()
    assert (shown(page)["Step"], shown(page)["Last push"]) == ("3 of 200", "← left")
    page.get_by_role("button", name="Start").tap()
    page.get_by_role("button", name="Right").tap()
    page.wait_for_function("parseInt(document.querySelector('.scores dd').textContent) > 4")
    page.touchscreen.tap(*middle(stage, 0.2))
    page.get_by_role("button", name="Pause").tap()
    stopped = shown(page)["Step"]
    page.wait_for_timeout(250)
    assert shown(page)["Step"] == stopped
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    low = page.locator(".upright :is(button, select)").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().height < 40).length"
    )
    assert low == 0
    sizes = stage.locator("text").evaluate_all(
        "all => all.map(each => parseFloat(getComputedStyle(each).fontSize) * each.ownerSVGElement.clientWidth / 640)"
    )
    assert min(sizes) >= 12


def test_random_pushes_run_to_their_end_without_chatter(show: Show) -> None:
    page = show(CartPole("random", seed=8, speed=1.0)).page
    body = """
    const { advance, begin, decide, over } = await load("episode");
    let episode = begin(8);
    while (!over(episode)) episode = advance(episode, decide(episode, { driver: "random" }), given);
    return episode.steps;
    """
    constants = {"gravity": 9.8, "length": 0.5, "force_mag": 10, "max_episode_steps": 200}
    steps = run(body, constants)
    page.evaluate(
        "window.said = 0; new MutationObserver(() => window.said++).observe("
        "document.querySelector('.upright-reading'), { childList: true })"
    )
    press(page, "Start")
    expect(page.locator(".upright-reading")).to_contain_text(f"Terminated after {steps} steps")
    assert page.evaluate("window.said") == 2
    press(page, "Start")
    assert told(page) == "The time runs. Who pushes: random pushes."


def test_each_weight_changes_the_sum_by_which_the_cart_is_pushed(show: Show) -> None:
    page = show(CartPole("linear", weights=[0, 0, 1, 1], seed=2, controls=["observation"])).page
    now, weights = np.array(start(2)), np.array([0, 0, 1.0, 1.0])
    for place, name in enumerate(("position", "velocity", "angle", "angular velocity")):
        page.get_by_role("slider", name=f"Weight of {name}", exact=True).press("ArrowRight")
        weights[place] += 0.05
        total = float(re.findall(r"[+−]?\d\.\d+", page.locator(".upright-sum").inner_text())[0].replace("−", "-"))
        assert total == pytest.approx(weights @ now, abs=0.0006)
    side = int(weights @ now > 0)
    assert shown(page)["Next push"] == ("← left", "→ right")[side]
    press(page, "One step")
    assert observed(page) == pytest.approx(gymnasium(2, [side]), abs=0.006)
    page.get_by_label("Who pushes").select_option("you")
    assert not page.get_by_role("slider").first.is_visible()
    assert page.get_by_role("button", name="Left").is_visible()
    assert shown(page)["Step"] == "0 of 200"


def test_the_network_acts_until_the_time_limit_truncates(show: Show) -> None:
    page = show(CartPole("network", policy=POLICY, max_episode_steps=30)).page
    page.get_by_label("Speed").select_option("1")
    press(page, "Start")
    expect(page.locator(".upright-reading")).to_contain_text("Truncated")
    assert told(page) == "Truncated after 30 steps: the time limit came first. Return 30."


def test_the_sliders_of_the_world_change_the_next_step_as_in_gymnasium(show: Show) -> None:
    page = show(CartPole(controls=EVERYTHING)).page
    pole = page.locator(".pole").get_attribute("d")
    changed: dict[str, float] = {}
    for label, (name, step, text) in SLIDERS.items():
        slider = page.get_by_role("slider", name=label)
        slider.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == text
        changed[name] = {"gravity": 9.8, "length": 0.5, "force_mag": 10.0}[name] + step
    assert page.locator(".pole").get_attribute("d") != pole
    for _ in range(5):
        press(page, "Right")
    assert observed(page) == pytest.approx(gymnasium(0, [1] * 5, **changed), abs=0.006)
    assert np.abs(gymnasium(0, [1] * 5, **changed) - gymnasium(0, [1] * 5)).max() > 0.02
    assert page.locator(".sensed").count() == 0
    box = page.get_by_role("slider", name="Noise of the sensors").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert page.locator(".sensed").count() == 1
    assert np.abs(np.array(observed(page)) - gymnasium(0, [1] * 5, **changed)).max() > 0.02


def test_out_of_sight_the_time_stops(show: Show) -> None:
    page = show(CartPole("linear", weights=[0, 0, 1, 1])).page
    page.evaluate("document.body.style.paddingBottom = '3000px'")
    press(page, "Start")
    page.wait_for_function("parseInt(document.querySelector('.scores dd').textContent) > 1")
    page.evaluate("scrollTo(0, 3000)")
    expect(page.get_by_role("button", name="Start")).to_have_count(1)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_nothing_moves_before_the_reader_starts_it(show: Show, motion: str) -> None:
    page = show(CartPole("random", speed=0.1), reduced_motion=motion).page
    before = page.locator(".upright").inner_html()
    page.wait_for_timeout(400)
    assert page.locator(".upright").inner_html() == before
    press(page, "Start")
    poles = page.evaluate("""async () => {
      const seen = new Set();
      for (let frame = 0; frame < 30; frame++) {
        await new Promise(requestAnimationFrame);
        seen.add(document.querySelector(".pole").getAttribute("d"));
      }
      return seen.size;
    }""")
    assert (poles > 6) == (motion == "no-preference"), "with less motion the picture changes step by step"


def test_the_still_picture_keeps_its_place_when_the_figure_wakes(show: Show) -> None:
    still = show(CartPole(controls=EVERYTHING), java_script_enabled=False).page
    assert still.locator(".pole").count() == 1
    assert not still.locator("button, input, .upright-howto").first.is_visible()
    text = told(still)
    page = show(CartPole(controls=EVERYTHING)).page
    assert told(page) == text
    press(page, "Right")
    assert page.evaluate(SHIFTS) == 0
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Start").is_visible()
    assert page.locator(".pole").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it(show: Show, theme: str) -> None:
    drivers = ["you", "random", "linear", "network"]
    page = show(CartPole("linear", drivers=drivers, policy=POLICY, controls=EVERYTHING, noise=0.1), theme=theme).page
    assert violations(page) == []
    page.get_by_label("Who pushes").select_option("you")
    assert violations(page) == []
