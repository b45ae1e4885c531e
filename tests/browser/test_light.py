"""Every page is light, and open to everybody: its bytes on first view, and axe-core's rules in light and in dark."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WIDTHS, Visit, visit
from tools import lighthouse
from tools.axe import violations
from tools.chapters import pages

BUDGET = 350_000  # bytes over the wire on first view, as a real host compresses them
BRIGHTNESS = "Math.max(...getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number))"
COLOURS = ("color-contrast", "link-in-text-block")  # of axe-core's rules, those that a theme can break
EVERY_PAGE = [*pages(), "search", "genindex", "404"]


def bytes_loaded(page: Page) -> int:
    """What came over the wire for the page so far, headers included."""
    sizes = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".map(entry => entry.transferSize)"
    )
    return int(sum(sizes))


def test_a_word_without_contrast_is_found_by_the_rules_for_colours(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content('<html lang="en"><body style="background: #222"><p style="color: #333">Nearly dark.</p></html>')
    (found,) = violations(page, *COLOURS)
    assert found.startswith("color-contrast: ")
    page.close()


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_is_light_and_open_to_everybody(chromium: Browser, site: str, name: str) -> None:
    width, height = WIDTHS["phone"]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    seen = visit(context, site)
    page = seen.open(f"{site}/{name}.html")
    page.wait_for_load_state("networkidle")
    assert bytes_loaded(page) <= BUDGET
    assert seen.errors == []
    assert seen.foreign == []
    assert violations(page) == [], "light"
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert page.evaluate(BRIGHTNESS) < 64, "dark"
    assert violations(page, *COLOURS) == [], "dark"  # `make check` asks about all rules
    context.close()


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_tells_what_it_is_in_its_head_and_in_its_landmarks(chromium: Browser, site: str, name: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{name}.html")
    description = page.locator("meta[name=description]").get_attribute("content")
    assert description
    assert 40 <= len(description) <= 160
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("main").count() == 1
    assert page.locator("a[href^='#main']").count() >= 1, "a link over the navigation to the content"
    levels = page.locator("main :is(h1, h2, h3, h4)").evaluate_all("all => all.map(h => Number(h.tagName[1]))")
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    context.close()


def test_every_icon_of_every_page_is_drawn() -> None:
    from tools import icons
    from tools.book import SITE

    style = (SITE / "_static" / "icons.css").read_text(encoding="utf-8")
    for path in sorted(Path(SITE).glob("**/*.html")):
        html = path.read_text(encoding="utf-8")
        assert all(f".{name}{{--icon:" in style for name in icons.used(html)), path
        assert "fontawesome.js" not in html


@pytest.mark.parametrize("name", ["book/ppo"])  # half a minute each; `make check` asks about all pages
def test_lighthouse_finds_nothing_where_the_clock_does_not_count(site: str, name: str) -> None:
    assert lighthouse.failures(f"{site}/{name}.html") == []


@pytest.mark.parametrize("name", ["index", "book/ppo"])
def test_a_reader_with_a_phone_sees_the_buttons_of_both_menus(chromium: Browser, site: str, name: str) -> None:
    width, height = WIDTHS["phone"]
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = visit(context, site).open(f"{site}/{name}.html")
    for kind in ("primary", "secondary"):
        box = page.locator(f".{kind}-toggle span").bounding_box()
        assert box is not None, kind
        assert box["width"] >= 10
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    context.close()


def test_in_the_dark_a_page_is_dark_before_any_script_file_has_come(chromium: Browser, site: str) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.route("**/*.js*", lambda route: route.abort())
    page.goto(f"{site}/index.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()


def test_at_a_desk_axe_finds_nothing_either(desk: Visit, site: str) -> None:
    page = desk.open(f"{site}/book/episodes.html")
    assert violations(page) == []
