"""The figure of learning curves: fetched when asked for, compared by one hyperparameter, a run's policy watched."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from tests.browser import figures
from tests.browser.conftest import Visit
from tests.upright.widgets.node import call
from upright import Atlas
from upright.widgets import Curves

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "book" / "data" / "atlas.json"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The recording where the site has it."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / RECORDED.name
    shutil.copy(RECORDED, path)
    return path


@pytest.fixture
def atlas() -> Atlas:
    return Atlas.load(RECORDED)


def reading(page: Page) -> str:
    return page.locator(".upright-reading").inner_text()


def listed(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label, exact=True)


def opened(page: Page) -> Page:
    page.get_by_role("button", name="Open").click()
    page.wait_for_selector(".single")
    return page


def heights(page: Page) -> list[float]:
    """The first curve: how far down each of its points is."""
    path = page.locator(".upright-picture .mean").first.get_attribute("d") or ""
    return [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]


def finals(atlas: Atlas, **choice: Any) -> list[float]:
    """The last returns of the runs with these hyperparameters, seed by seed."""
    return [run.returns[-1] for run in atlas.runs if all(getattr(run, key) == choice[key] for key in choice)]


def told(page: Page) -> tuple[int, int, int]:
    """Mean, worst and best that the figure tells."""
    found = re.search(r"seeds is (\d+)\. .*worst seed \((\d+)\) to the best \((\d+)\)", reading(page))
    assert found
    mean, low, high = map(int, found.groups())
    return mean, low, high


def test_before_it_is_opened_it_shows_true_curves_and_fetches_nothing(
    show: Callable[..., Visit], published: Path, atlas: Atlas
) -> None:
    published.unlink()
    seen = show(Curves("atlas", lr=0.01, width=64, activation="relu"))
    assert seen.page.locator(".upright-picture .mean").count() == seen.page.locator(".swath").count() == 7
    returns = finals(atlas, lr=0.01, width=64, activation="relu", clip_param=0.2)
    assert told(seen.page) == pytest.approx((np.mean(returns), min(returns), max(returns)), abs=0.6)
    assert seen.errors == []  # a request for the missing file would be one


def test_opening_fetches_the_runs_and_draws_the_chosen_one(
    show: Callable[..., Visit], published: Path, atlas: Atlas
) -> None:
    seen = show(Curves("atlas", lr=0.003, width=16, activation="tanh", seed=2))
    page = seen.page
    before, height = heights(page), page.evaluate("document.documentElement.scrollHeight")
    opened(page)
    assert heights(page) == pytest.approx(before, abs=0.25)  # the summary is rounded
    assert page.evaluate("document.documentElement.scrollHeight") == height
    assert not page.get_by_role("button", name="Open").is_visible()
    assert page.evaluate("document.activeElement.dataset.trait") == "compare"
    last = finals(atlas, lr=0.003, width=16, activation="tanh", clip_param=0.2, seed=2)
    assert f"seed 2: it ends at {last[0]:.0f}" in reading(page)
    assert seen.errors == []
    assert seen.foreign == []


def test_each_choice_changes_the_curves_to_what_was_recorded(
    show: Callable[..., Visit], published: Path, atlas: Atlas
) -> None:
    page = opened(show(Curves("atlas", lr=0.003, width=16, activation="tanh")).page)
    choice: dict[str, Any] = {"lr": 0.003, "width": 16, "activation": "tanh", "clip_param": 0.2}
    steps = [
        ("Learning rate", "lr", 0.0003),
        ("Units of the hidden layer", "width", 4),
        ("Activation", "activation", "relu"),
        ("Clip range", "clip_param", 0.05),
    ]
    for label, name, value in steps:
        picture = page.locator(".upright-picture").first.inner_html()
        listed(page, label).select_option(str(value))
        choice[name] = value
        returns = finals(atlas, **choice)
        assert told(page) == pytest.approx((np.mean(returns), min(returns), max(returns)), abs=0.6)
        assert page.locator(".upright-picture").first.inner_html() != picture
    for by, curves in [("width", 3), ("activation", 2), ("clip_param", 4), ("lr", 7)]:
        listed(page, "Compare by").select_option(by)
        assert page.locator(".upright-picture .mean").count() == page.locator(".upright-keys li").count() == curves
        assert page.locator(".upright-keys li.chosen").inner_text().startswith(str(choice[by]))
    single = page.locator(".single").get_attribute("d")
    listed(page, "Run").select_option("3")
    assert page.locator(".single").get_attribute("d") != single
    assert f"seed 3: it ends at {finals(atlas, **choice, seed=3)[0]:.0f}" in reading(page)


def test_a_choice_with_the_keyboard_opens_the_recording_too(show: Callable[..., Visit], published: Path) -> None:
    page = show(Curves("atlas", width=16)).page
    listed(page, "Units of the hidden layer").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".single")
    assert listed(page, "Units of the hidden layer").input_value() == "64"


def steps_in_gymnasium(atlas: Atlas, lr: float, width: int) -> int:
    """How many steps Gymnasium's pole stands with the policy of seed 1, from the figure's first start."""
    wanted = (lr, width, "tanh", 0.2, 1)
    run = next(run for run in atlas.runs if (run.lr, run.width, run.activation, run.clip_param, run.seed) == wanted)
    assert run.policy
    env: Any = gym.make("CartPole-v0").unwrapped
    env.reset()
    env.state = np.array(call("linear_policy", ["starts", 1, 1])[0][0])
    steps, ended = 0, False
    while not ended and steps < 200:
        _, _, ended, _, _ = env.step(run.policy(np.array(env.state)))
        steps += 1
    return steps


def test_the_policy_of_the_run_plays_by_step_and_by_itself_and_stops_when_told(
    show: Callable[..., Visit], published: Path, atlas: Atlas
) -> None:
    seen = show(Curves("atlas", lr=0.0003, width=4, activation="tanh"))
    page, note = seen.page, seen.page.locator(".playback-told")
    page.get_by_role("button", name="One step").click()  # opens the recording first
    note.get_by_text("Step 1.").wait_for()
    page.get_by_role("button", name="One step").press("Enter")
    assert note.inner_text() == "Step 2."
    stage = page.locator(".playback-stage").inner_html()
    page.wait_for_timeout(150)
    assert page.locator(".playback-stage").inner_html() == stage
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    note.get_by_text(re.compile(r"Step \d+\.")).wait_for()
    page.get_by_role("button", name="Play").click()
    note.get_by_text("Return").wait_for()
    expected = steps_in_gymnasium(atlas, 0.0003, 4)
    assert f"Return: {expected}." in note.inner_text()
    assert note.get_attribute("aria-live") == "polite"
    listed(page, "Run").select_option("2")
    assert note.inner_text() == "Of this run the curve was kept, and not the policy. Choose seed 1 to see one play."
    listed(page, "Run").select_option("1")
    listed(page, "Learning rate").select_option("0.1")
    assert note.inner_text().startswith("The policy of seed 1, after")
    page.get_by_role("button", name="New start").click()
    assert seen.errors == []


def test_with_less_motion_play_shows_the_end_at_once(show: Callable[..., Visit], published: Path) -> None:
    page = opened(show(Curves("atlas", lr=0.0003, width=4), reduced_motion="reduce").page)
    page.get_by_role("button", name="Play to the end").click()
    assert "Return" in page.locator(".playback-told").inner_text()


def test_a_recording_that_does_not_arrive_is_told_and_can_be_tried_again(
    show: Callable[..., Visit], published: Path
) -> None:
    hidden = published.rename(published.with_suffix(".away"))
    page = show(Curves("atlas")).page
    page.get_by_role("button", name="Open").click()
    page.get_by_text("The recorded runs did not arrive: the site answered 404.").wait_for()
    curves = page.locator(".upright-picture .mean").count()
    assert curves == 7
    published.write_text(json.dumps({"format": "upright-atlas/2"}))
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("this page reads upright-atlas/1. Reload the page.").wait_for()
    published.write_text("{")
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("The recorded runs did not arrive whole.").wait_for()
    hidden.rename(published)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(".single")


def test_a_recording_that_python_has_given_is_shown_at_once(show: Callable[..., Visit], published: Path) -> None:
    published.unlink()
    figure = Curves("atlas", lr=0.01)
    figure.opened = True
    seen = show(figure)
    assert seen.page.locator(".single").count() == 1
    assert "The policy of seed 1" in seen.page.locator(".playback-told").inner_text()
    assert seen.errors == []


# What anywidget gives in a notebook: a model, an empty element that knows no site, and Python, which answers `opened`.
NOTEBOOK = """async ([state, atlas]) => {
  const place = document.querySelector("[data-module]");
  const { default: widget } = await import(new URL(place.dataset.module, new URL("_static/widgets.js", location)));
  place.remove();
  const heard = new EventTarget();
  const el = document.body.appendChild(document.createElement("div"));
  const model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; heard.dispatchEvent(new Event(`change:${name}`)) },
    on: (name, listener) => heard.addEventListener(name, listener),
    off: (name, listener) => heard.removeEventListener(name, listener),
    save_changes: () => state.opened && !state.atlas && setTimeout(() => model.set("atlas", atlas)),
  };
  await widget.render({ model, el });
}"""


def test_in_a_notebook_the_recording_comes_from_python_when_it_is_asked_for(
    show: Callable[..., Visit], published: Path, atlas: Atlas
) -> None:
    figure = Curves("atlas", lr=0.03)
    seen = show(figure)
    published.unlink()
    seen.page.evaluate(NOTEBOOK, [figures.traits(figure), atlas.model_dump(mode="json")])
    assert seen.page.locator(".single").count() == 0
    opened(seen.page)
    assert "The policy of seed 1" in seen.page.locator(".playback-told").inner_text()
    assert seen.errors == []  # a request for the missing file would be one


def test_on_a_phone_nothing_is_wider_than_the_page_and_nothing_moves(
    show: Callable[..., Visit], published: Path
) -> None:
    page = show(Curves("atlas"), width=390, has_touch=True).page
    height = page.evaluate("document.documentElement.scrollHeight")
    page.get_by_role("button", name="Open").tap()
    page.wait_for_selector(".single")
    for by in ("width", "activation", "clip_param", "lr"):
        listed(page, "Compare by").select_option(by)
        assert page.evaluate("document.documentElement.scrollHeight") == height
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 40


def test_without_scripts_the_curves_stay_and_no_control_pretends_to_answer(
    show: Callable[..., Visit], published: Path
) -> None:
    page = show(Curves("atlas"), java_script_enabled=False).page
    assert page.locator(".upright-picture .mean").count() == 7
    assert "12 seeds" in reading(page)
    assert not page.locator("button").first.is_visible()
    assert not page.locator("select").first.is_visible()
    assert "recorded on 2026" in page.locator(".upright-open").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible(show: Callable[..., Visit], published: Path, theme: str) -> None:
    page = show(Curves("atlas"), theme=theme).page
    page.add_script_tag(path=AXE)
    check = "axe.run('.upright').then(({ violations }) => violations.map(({ id }) => id))"
    assert page.evaluate(check) == []
    assert opened(page).evaluate(check) == []
