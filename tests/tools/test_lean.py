"""A built page loses what it does not need, and keeps everything else."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from tests.tools.conftest import ROOT
from tools import icons, lean
from tools.book import HTML

PAGE = """<!doctype html><html lang="en"><head><title>Poles — Upright</title>
<link rel="stylesheet" href="../_static/styles/theme.css"><link rel="stylesheet" href="../_static/own.css?v=1">
<script defer src="../_static/scripts/fontawesome.js?digest=1"></script>
<script src="../_static/documentation_options.js"></script></head><body>
<script src="../searchindex.js"></script><script>DOCUMENTATION_OPTIONS.pagename = "x";</script>
<main><article><section><h1>Poles</h1><p>A pole stands on a cart, and the cart is pushed from the left or the right.</p>
<img src="../_images/first.png" alt="first"><img src="../_images/second.png" alt="second">
<table><tr><th></th><th>mean</th></tr></table>
<video controls><source src="data:video/mp4;base64,{video}" type="video/mp4"></video>
<i class="fa-solid fa-bars"></i><p class="used">text</p></section></article></main></body></html>"""
VIDEO = sorted((ROOT / "book" / "videos").glob("**/*.mp4"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return light_site(tmp_path_factory.mktemp("site"))


def light_site(site: Path) -> Path:
    """A site of one page, and of what it names, made light."""
    static = site / "_static"
    for folder in ("_static/scripts", "_static/styles", "book", "_images"):
        (site / folder).mkdir(parents=True)
    theme = HTML / "_static"
    (static / icons.SCRIPT).write_text((theme / icons.SCRIPT).read_text(encoding="utf-8"), encoding="utf-8")
    (static / lean.THEME_STYLE).write_text(
        "@font-face{font-family:Font Awesome\\ 6 Free;src:url(x)}.fa-bars:before{content:'x'}.kept{color:red}"
    )
    (static / "basic.css").write_text(".used{color:green}")
    (static / "own.css").write_text(".unused{color:blue}.used{background:url(images/a.svg)}")
    for name in ("first", "second"):
        Image.new("RGB", (30, 20)).save(site / "_images" / f"{name}.png")
    video = base64.b64encode(VIDEO[0].read_bytes()).decode()
    (site / "book" / "poles.html").write_text(PAGE.format(video=video), encoding="utf-8")
    lean.lighten(site)
    return site


@pytest.fixture(scope="module")
def page(made: Path) -> BeautifulSoup:
    return BeautifulSoup((made / "book" / "poles.html").read_text(encoding="utf-8"), "html.parser")


def test_the_script_of_all_icons_goes_and_the_icon_stays(made: Path, page: BeautifulSoup) -> None:
    assert "fontawesome" not in str(page)
    assert not list(made.glob("**/fontawesome*"))
    assert ".fa-bars{--icon:url(" in (made / "_static" / "site.css").read_text(encoding="utf-8")


def test_an_icon_that_nobody_drew_is_named(made: Path) -> None:
    with pytest.raises(icons.IconError, match="fa-unicorn-on-a-cart"):
        icons.style({"fa-unicorn-on-a-cart"}, HTML / "_static")


def test_the_search_index_is_loaded_on_the_search_page_only(page: BeautifulSoup) -> None:
    assert "searchindex.js" not in str(page)


def test_scripts_wait_and_keep_their_order(page: BeautifulSoup) -> None:
    assert all("defer" in script.attrs for script in page.select("script[src]"))
    assert [script.get("type") for script in page.select("script:not([src])")] == ["module"]


def test_there_is_one_style_sheet_with_what_the_page_uses(made: Path, page: BeautifulSoup) -> None:
    assert [link["href"] for link in page.select("link[rel=stylesheet]")] == ["../_static/site.css"]
    style = (made / "_static" / "site.css").read_text(encoding="utf-8")
    assert "green" in style
    assert "images/a.svg" in style
    assert "blue" not in style
    assert "Font Awesome\\ 6" not in style


def test_pictures_have_their_size_and_those_below_come_later(page: BeautifulSoup) -> None:
    first, second = page.select("article img")
    assert (first["width"], first["height"]) == (second["width"], second["height"]) == ("30", "20")
    assert "loading" not in first.attrs
    assert second["loading"] == "lazy"


def test_a_video_is_a_file_that_is_loaded_when_it_is_played(made: Path, page: BeautifulSoup) -> None:
    (video,) = page.select("video")
    assert video["preload"] == "none"
    source = (made / "book" / str(page.select("video source")[0]["src"])).resolve()
    assert source.read_bytes() == VIDEO[0].read_bytes()
    with Image.open((made / "book" / str(video["poster"])).resolve()) as poster:
        assert (str(poster.width), str(poster.height)) == (video["width"], video["height"])


def test_a_table_is_reached_by_keyboard_and_its_empty_corner_is_no_heading(page: BeautifulSoup) -> None:
    assert page.select("div.wide[tabindex='0'] > table")
    assert [cell.name for cell in page.select("table tr > *")] == ["td", "th"]


def test_a_page_is_described_by_its_first_sentences(page: BeautifulSoup) -> None:
    (description,) = page.select("meta[name=description]")
    assert str(description["content"]).startswith("A pole stands on a cart")
    assert [tag["content"] for tag in page.select('meta[property="og:title"]')] == ["Poles"]


def test_made_again_from_the_same_pages_the_site_is_the_same(made: Path, tmp_path: Path) -> None:
    again = light_site(tmp_path)
    first, second = (
        {path.relative_to(site): path.read_bytes() for path in site.glob("**/*") if path.is_file()}
        for site in (made, again)
    )
    assert first == second
