"""Every page of the built site in a real browser, on a desktop and on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from extensions.repository import colab_url
from tests.browser.conftest import WIDTHS, Visit, visit
from tools.chapters import BUILD, chapters, pages

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SCREENSHOTS = BUILD / "screenshots"
WITH_VIDEO = ("book/episodes", "book/ppo")

# Most time goes into loading pages, so the tests of a page share one load of each size: pytest runs those with the same
# values of module scope one after another. It compares places in the lists; so each list begins as this one does.
PAGES = [*chapters(), *(page for page in pages() if page not in chapters())]
every_page = pytest.mark.parametrize("page", PAGES, scope="module")
both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"], scope="module")
at_a_desk = pytest.mark.parametrize("size", ["desktop"], scope="module")


# How high the page is before and after a reader has come by all of it; then back to its top.
SCROLLED_THROUGH = """
async () => {
  const root = document.documentElement, before = root.scrollHeight;
  for (let top = 0; top < before; top += innerHeight) {
    scrollTo(0, top);
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  }
  const images = [...document.querySelectorAll("article img")];
  await Promise.all(images.map((image) => image.decode().catch(() => {})));
  const after = root.scrollHeight;
  scrollTo(0, 0);
  return [before, after];
}
"""


def of_chapters(count: int) -> pytest.MarkDecorator:
    """The first chapters."""
    return pytest.mark.parametrize("page", PAGES[:count], scope="module")


@pytest.fixture(scope="module")
def seen(chromium: Browser, site: str, page: str, size: str) -> Iterator[Visit]:
    """A page, loaded at a desk or on a phone. Its tests share it: they leave it such that the others still find it."""
    width, height = WIDTHS[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=size == "phone")
    found = visit(context, site)
    found.open(f"{site}/{page}.html")
    yield found
    context.close()


@every_page
@both_sizes
def test_a_page_loads_without_an_error_and_asks_no_other_host(seen: Visit) -> None:
    assert seen.errors == []
    assert seen.foreign == []


@every_page
@both_sizes
def test_nothing_moves_while_a_page_is_scrolled_through(seen: Visit) -> None:
    before, after = seen.page.evaluate(SCROLLED_THROUGH)
    assert after == before, "what comes late needs its room from the beginning"


@every_page
@both_sizes
def test_a_page_never_scrolls_sideways_in_the_light_or_in_the_dark(seen: Visit) -> None:
    for scheme in SCHEMES:
        put_on(seen, scheme)
        wide = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, scheme


@pytest.mark.slow
@every_page
@both_sizes
def test_a_page_has_its_pictures_taken_for_people_to_look_at(seen: Visit, page: str, size: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    seen.page.evaluate(SCROLLED_THROUGH)
    for scheme in SCHEMES:
        put_on(seen, scheme)
        picture = SCREENSHOTS / f"{Path(page).name}-{size}-{scheme}.png"
        seen.page.screenshot(path=picture, full_page=True)
        assert picture.stat().st_size > 20_000, picture


def put_on(seen: Visit, scheme: Scheme) -> None:
    """What a reader's system prefers, once the page shows it."""
    seen.page.emulate_media(color_scheme=scheme)
    seen.page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)


@every_page
@at_a_desk
def test_a_page_has_one_title_and_a_text_for_every_picture(seen: Visit) -> None:
    opened = seen.page
    assert opened.locator("article h1").count() == 1
    article = opened.locator("article img")
    texts = article.evaluate_all("images => images.map(image => image.alt.trim())")
    assert all(len(text) > 20 for text in texts), texts


@every_page
@at_a_desk
def test_every_picture_of_a_page_is_there(seen: Visit) -> None:
    opened = seen.page
    opened.evaluate("document.querySelectorAll('article img').forEach(image => image.loading = 'eager')")
    opened.wait_for_function("[...document.querySelectorAll('article img')].every(image => image.complete)")
    broken = opened.locator("article img").evaluate_all(
        "images => images.filter(image => !image.naturalWidth).map(image => image.src)"
    )
    assert broken == []


@of_chapters(len(chapters()))
@at_a_desk
def test_a_chapters_colab_button_opens_its_notebook(seen: Visit, page: str) -> None:
    links = seen.page.locator(".article-header-buttons a[href*='colab']").evaluate_all(
        "links => links.map(link => link.href)"
    )
    assert links == [colab_url(page)]
    assert (BUILD / "notebooks" / f"{page}.ipynb").is_file()


@of_chapters(9)
@at_a_desk
def test_where_a_control_needs_a_kernel_the_page_says_so_and_links_to_colab(seen: Visit, page: str) -> None:
    opened = seen.page
    notes = opened.locator("div.kernel-only")
    assert notes.count() >= 1
    assert notes.first.locator("a").get_attribute("href") == colab_url(page)
    dead = "article input[type=range]:not(.upright-widget *), article .jupyter-widgets"  # a figure answers by itself
    assert opened.locator(dead).count() == 0


@of_chapters(11)
@both_sizes
def test_a_question_explains_the_chosen_answer_with_mouse_and_keyboard(seen: Visit) -> None:
    opened = seen.page
    questions = opened.locator("div.question")
    assert 2 <= questions.count() <= 4
    for question in questions.all():
        right, wrong = question.locator("details.right"), question.locator("details.wrong")
        assert right.count() >= 1
        first = right.first
        assert not first.locator(".explanation").is_visible()
        first.locator("summary").click()
        assert first.locator(".explanation").is_visible()
        for other in wrong.all()[:1]:
            other.locator("summary").focus()
            opened.keyboard.press("Enter")
            assert other.locator(".explanation").is_visible()


@pytest.mark.parametrize("page", WITH_VIDEO)
def test_a_video_plays_in_the_page(desk: Visit, site: str, page: str) -> None:
    opened = desk.open(f"{site}/{page}.html")
    videos = opened.locator("video")
    assert videos.count() >= 1
    for video in videos.all():
        assert video.get_attribute("aria-label")
        video.evaluate("video => video.play()")
        opened.wait_for_function("video => video.currentTime > 0", arg=video.element_handle())
        assert video.evaluate("video => video.videoWidth") > 0


def test_a_term_leads_to_its_definition(desk: Visit, site: str) -> None:
    opened = desk.open(f"{site}/book/episodes.html")
    opened.locator("article a[href*='glossary.html#term-']").first.click()
    opened.wait_for_load_state()
    anchor = opened.evaluate("decodeURIComponent(location.hash.slice(1))")
    assert opened.locator(f"[id='{anchor}']").is_visible()


def test_a_search_finds_the_chapter_that_explains_a_word(desk: Visit, site: str) -> None:
    opened = desk.open(f"{site}/search.html?q=truncated")
    opened.wait_for_selector("ul.search li a", timeout=20_000)
    found = opened.locator("ul.search li a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert any("book/episodes.html" in link for link in found), found
    assert desk.foreign == []


def test_the_front_page_leads_through_the_book(desk: Visit, site: str) -> None:
    opened = desk.open(f"{site}/")
    links = opened.locator(".bd-sidebar-primary nav a").evaluate_all("links => links.map(link => link.href)")
    assert [link for link in links if link.startswith((f"{site}/book", f"{site}/labs"))] == [
        f"{site}/{page}.html" for page in pages()[1:]
    ]
    opened.locator("article a[href='book/what_is_rl.html']").last.click()
    opened.wait_for_url(f"{site}/book/what_is_rl.html")
    assert desk.errors == []


def test_the_status_page_names_versions_and_every_chapters_time(desk: Visit, site: str) -> None:
    text = desk.open(f"{site}/book/status.html").locator("article").inner_text()
    assert "gymnasium" in text
    for page in chapters():
        assert Path(page).name in text


@pytest.mark.parametrize("page", ["book/episodes", "book/policy_gradients"])
def test_formulas_are_drawn_by_the_browser_itself(desk: Visit, site: str, page: str) -> None:
    opened = desk.open(f"{site}/{page}.html")
    boxes = opened.locator("article math").evaluate_all("all => all.map(math => math.getBoundingClientRect().width)")
    assert boxes
    assert all(width > 0 for width in boxes)
    assert opened.locator("article script[src*=mathjax]").count() == 0
