"""The report, opened from disk in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from autograder import cli
from autograder.gradebook import Gradebook
from tests.autograder.fixtures import result
from tests.autograder.report import classes
from tests.browser.conftest import WIDTHS, Visit, visit
from tools.axe import SCRIPT as AXE


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    classes.small(folder)
    with Gradebook.open(folder) as book:
        for number in range(120):
            book.record(result(f"student{number:03d}", lab="lab1_episodes", score=number % 11))
    assert cli.main(["report", str(folder)]) == 0
    return folder / "report"


@pytest.fixture
def reader(chromium: Browser, report: Path, size: str) -> Iterator[Visit]:
    width, height = WIDTHS[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    yield visit(context, report.as_uri())
    context.close()


def student(report: Path, name: str) -> str:
    return next((report / "lab2_policies").glob(f"{name}-*.html")).as_uri()


def violations(page: Page) -> list[str]:
    """What axe-core finds. It comes in behind the page's policy, which lets no script in by a tag."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(result => result.violations)")
    return [f"{rule['id']}: {[node['html'][:160] for node in rule['nodes'][:4]]}" for rule in found]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_the_replay_stands_at_the_step_that_lost_the_episode_and_can_be_moved(reader: Visit, report: Path) -> None:
    page = reader.open(student(report, "ada"))
    page.wait_for_selector(".replay[data-mounted]")
    step, steps = classes.fallen().replay_step, len((classes.fallen().replay or {})["actions"])
    output = page.locator(".replay output")
    assert output.inner_text() == f"{step} of {steps}"
    page.get_by_role("button", name="Back").click()
    assert output.inner_text() == f"{(step or 0) - 1} of {steps}"
    assert fits(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")  # the player follows a frame after the page
    assert violations(page) == []
    assert (reader.errors, reader.foreign) == ([], [])


def test_the_class_is_searched_and_sorted_with_the_keyboard(reader: Visit, report: Path) -> None:
    page = reader.open((report / "index.html").as_uri())
    assert page.locator("#told").inner_text() == "Rows 1 to 100 of 125"
    page.get_by_label("Search").focus()
    page.keyboard.type("student01 LAB1")
    assert page.locator("#told").inner_text() == "Rows 1 to 10 of 10 that were found among 125"
    head = page.get_by_role("button", name="Score")
    head.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    scores = [float(text) for text in page.locator("#body td:nth-child(4)").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    assert page.locator("th[aria-sort=descending]").count() == 1
    assert fits(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    assert (reader.errors, reader.foreign) == ([], [])


def test_nothing_hostile_runs_and_links_lead_to_pages(reader: Visit, report: Path) -> None:
    page = reader.open((report / "index.html").as_uri())
    page.get_by_label("Search").fill("boom")
    page.locator("#body a").click()
    assert "boom()" in page.locator("h1").inner_text()
    assert page.locator("img").count() == 0
    assert fits(page)
    assert (reader.errors, reader.foreign) == ([], [])


def test_on_paper_every_row_and_every_column_of_the_class_is_there(chromium: Browser, report: Path) -> None:
    context = chromium.new_context(viewport={"width": 718, "height": 1000})
    page = visit(context, report.as_uri()).open((report / "index.html").as_uri())
    page.get_by_role("button", name="Next").click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#body tr").count() == 125
    assert page.locator("#told").is_visible()
    assert page.locator("#told").inner_text() == "Rows 1 to 125 of 125"
    assert page.get_by_label("Search").is_hidden()
    right = "[...document.querySelectorAll('main *')].map(each => each.getBoundingClientRect().right)"
    assert page.evaluate(f"Math.max(...{right})") <= 718
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#told").inner_text() == "Rows 101 to 125 of 125"
    context.close()


def test_on_paper_no_word_of_the_heads_is_broken_and_no_column_takes_the_room_of_the_others(
    chromium: Browser, report: Path
) -> None:
    context = chromium.new_context(viewport={"width": 718, "height": 1000})
    page = visit(context, report.as_uri()).open((report / "index.html").as_uri())
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelector('#table thead').getBoundingClientRect().height") < 34  # one line
    widths = "[...document.querySelectorAll('#table thead th')].map(each => each.getBoundingClientRect().width)"
    assert min(page.evaluate(widths)) > 40
    context.close()


def test_without_a_script_the_class_is_a_plain_table(chromium: Browser, report: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = visit(context, report.as_uri()).open((report / "index.html").as_uri())
    assert page.locator("noscript tbody tr").count() == 125
    assert page.get_by_label("Search").is_hidden()
    context.close()
