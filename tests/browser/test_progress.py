"""What a reader has read and answered is kept in the browser, shown, and cleared at will."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.conftest import Visit


def told(page: Page) -> str:
    return page.locator(".progress-told").inner_text()


def test_reading_and_answering_are_kept_shown_and_cleared(desk: Visit, site: str) -> None:
    page = desk.open(f"{site}/index.html")
    assert told(page).startswith("Nothing yet")
    assert page.locator(".progress-clear").is_disabled()

    desk.open(f"{site}/book/environments.html")
    assert page.locator(".read-mark").count() == 0
    page.locator("details.answer summary").first.click()
    page.locator(".answered", has_text="1 of").wait_for()
    page.locator("details.answer summary").nth(1).click()
    assert page.locator(".answered").inner_text().startswith("1 of"), "two answers to one question"
    page.locator("#what-to-take-away").scroll_into_view_if_needed()
    page.locator(".bd-sidebar-primary .read-mark").first.wait_for(state="attached")

    desk.open(f"{site}/index.html")
    assert "1 of" in told(page)
    assert "1 questions answered" in told(page)
    marked = page.locator(".bd-sidebar-primary a:has(.read-mark)")
    assert marked.evaluate_all("links => links.map(link => link.getAttribute('href'))") == ["book/environments.html"]
    assert "(read)" in (marked.first.text_content() or "")
    page.locator(".progress-clear").click()
    assert told(page).startswith("Nothing yet")
    assert page.locator(".read-mark").count() == 0
    page.reload()
    assert told(page).startswith("Nothing yet")
    assert desk.errors == []


def test_a_browser_that_keeps_nothing_shows_the_page_all_the_same(chromium: Browser, site: str) -> None:
    context = chromium.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('refused'); }})"
    )
    page = context.new_page()
    page.goto(f"{site}/book/environments.html")
    page.locator("details.answer summary").first.click()
    assert page.locator("details.answer .explanation").first.is_visible()
    context.close()


def test_what_somebody_else_wrote_there_does_no_harm(chromium: Browser, site: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{site}/index.html")
    for kept in ("not json", '{"read": 7}', '{"read": ["<b>x</b>"], "answered": {"x": [1]}}'):
        page.evaluate("text => localStorage.setItem('upright-progress', text)", kept)
        page.reload()
        assert page.locator(".progress-told b").count() == 0
        assert page.locator(".progress-told").inner_text()
    context.close()
