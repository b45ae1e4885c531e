"""The theme's markup is mended for readers in the dark, with a keyboard or with a screen reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tools import icons, lean, markup

PAGE = """<!doctype html><html lang="en"><head><title>Poles</title>
<script data-cfasync="false">document.documentElement.dataset.mode = localStorage.getItem("mode");</script></head><body>
<dialog id="pst-search-dialog"></dialog>
<div id="pst-primary-sidebar"><img class="logo__image only-light" src="a.svg">
<img class="logo__image only-dark" src="a.svg">
<button class="search-button-field" aria-label="Search">Search Ctrl K</button>
<div id="ethical-ad-placement"></div></div>
<main><article><div class="question"><p class="question-text">Why?</p></div>
<div class="admonition dropdown"><p class="admonition-title">A hint</p><p>Look.</p></div>
<span class="fa-solid fa-bars"></span><table role="table"><tr><td>1</td></tr></table></article></main></body></html>"""


@pytest.fixture(scope="module")
def page() -> BeautifulSoup:
    found = BeautifulSoup(PAGE, "html.parser")
    for mend in markup.RULES:
        mend(found)
    return found


def test_the_colours_are_set_before_anything_is_drawn(page: BeautifulSoup) -> None:
    script = page.select_one("head script")
    assert script is not None
    assert "prefers-color-scheme: dark" in str(script)
    assert not script.has_attr("src")


def test_a_browser_that_refuses_storage_is_given_one_that_forgets(page: BeautifulSoup) -> None:
    assert 'try { localStorage.getItem("mode"); } catch' in str(page.select_one("head script"))


def test_a_box_that_folds_needs_no_script(page: BeautifulSoup) -> None:
    box = page.select_one("details.admonition.dropdown")
    assert box is not None
    assert box.select_one("summary.admonition-title") is not None


def test_a_question_is_a_group_that_is_named_by_its_text(page: BeautifulSoup) -> None:
    group = page.select_one("div.question[role=group]")
    assert group is not None
    named = page.find(id=str(group["aria-labelledby"]))
    assert named is not None
    assert named.text == "Why?"


def test_dialogs_and_sidebars_have_names_and_icons_have_none(page: BeautifulSoup) -> None:
    assert page.select("dialog[aria-label=Search]")
    assert page.select("#pst-primary-sidebar[role=complementary][aria-label]")
    assert page.select("span.fa-bars[aria-hidden=true]")


def test_a_control_is_called_by_the_text_that_it_shows(page: BeautifulSoup) -> None:
    assert not page.select("button.search-button-field[aria-label]")


def test_places_for_advertisements_and_a_second_logo_are_left_out(page: BeautifulSoup) -> None:
    assert not page.select("#ethical-ad-placement")
    assert len(page.select("img.logo__image")) == 1


def test_an_icon_is_drawn_in_whichever_element_the_theme_puts_it() -> None:
    assert ':is(i,span)[class*="fa-"]{display:inline-block' in icons.HEAD


def test_a_theme_whose_script_measures_otherwise_is_refused(tmp_path: Path) -> None:
    (tmp_path / "styles").mkdir()
    (tmp_path / "scripts").mkdir()
    (tmp_path / lean.THEME_STYLE).write_text("")
    (tmp_path / lean.THEME_SCRIPT).write_text("another script")
    with pytest.raises(lean.LeanError, match=r"is not that of the pinned theme: mend MEASURED"):
        lean._strip(tmp_path)
