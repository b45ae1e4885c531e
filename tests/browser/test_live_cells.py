"""Whoever tries a live cell can edit, run, stop and reset it by mouse, keyboard and finger, and is never stuck."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WIDTHS, Visit, visit
from tests.browser.live import cell, output, run, status, wait
from tools import book, serve

PLAYGROUND = "book/environments"


@pytest.fixture(scope="module")
def shared(chromium: Browser, site: str) -> Iterator[Visit]:
    """One page for all the trying out: its Python is loaded once."""
    width, height = WIDTHS["desktop"]
    context = chromium.new_context(viewport={"width": width, "height": height})
    reader = visit(context, site)
    reader.open(f"{site}/{PLAYGROUND}.html")
    yield reader
    context.close()


@pytest.fixture
def page(shared: Visit) -> Iterator[Page]:
    """The shared page, its first three cells as they were."""
    yield shared.page
    for number in (1, 2, 3):
        # Without waiting for it to be enabled: a cell that is as it was has nothing to bring back.
        cell(shared.page, number).get_by_role("button", name="Reset").evaluate("button => button.click()")
    assert shared.errors == []
    assert shared.foreign == []


def test_nothing_of_python_is_asked_for_before_the_first_run(desk: Visit, site: str) -> None:
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    page = desk.open(f"{site}/{PLAYGROUND}.html")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if re.search(r"pyodide|worker|\.py\b", url)]
    assert run(cell(page, 1)).startswith("Done")
    assert [url for url in asked if url.endswith("pyodide.asm.wasm")]


def test_an_edited_cell_runs_by_shift_enter_and_reset_brings_the_old_one_back(page: Page) -> None:
    one = cell(page, 1)
    code, before = one.locator("pre").first, one.locator(".cell_output:not(.live-output)")
    text = code.inner_text()
    one.get_by_role("button", name="Edit").click()
    assert one.locator("textarea").input_value() == text.strip()
    one.locator("textarea").fill("print(6 * 7)\n[1, 2]")
    page.keyboard.press("Shift+Enter")
    wait(one)
    assert output(one) == "42\n[1, 2]\n"
    assert not before.is_visible()
    one.get_by_role("button", name="Reset").click()
    assert one.locator("textarea").count() == 0
    assert code.is_visible()
    assert code.inner_text() == text
    assert before.is_visible()
    assert not one.locator(".live-output").is_visible()


def test_enter_keeps_the_indentation_and_goes_deeper_after_a_colon(page: Page) -> None:
    one = cell(page, 1)
    one.get_by_role("button", name="Edit").click()
    one.locator("textarea").fill("")
    page.keyboard.type("for i in range(2):\nprint(i)\nprint(i)")
    assert one.locator("textarea").input_value() == "for i in range(2):\n    print(i)\n    print(i)"


def test_everything_works_by_keyboard_and_tab_is_never_trapped(page: Page) -> None:
    one = cell(page, 1)
    one.get_by_role("button", name="Edit").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.press("Control+A")
    page.keyboard.type("'typed'")
    for label in ("Run", "Stop", "Edit", "Reset"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == label
    for _ in range(4):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    wait(one)
    assert output(one) == "'typed'\n"
    assert page.evaluate("document.activeElement.textContent") == "Run"


def test_cells_share_what_they_define(page: Page) -> None:
    run(cell(page, 1), "pole = 'upright'")
    run(cell(page, 2), "pole.upper()")
    assert output(cell(page, 2)) == "'UPRIGHT'\n"


def test_a_cell_above_that_was_edited_since_runs_again(page: Page) -> None:
    run(cell(page, 1), "pole = 1")
    run(cell(page, 2), "pole")
    cell(page, 1).locator("textarea").fill("pole = 2")
    assert run(cell(page, 2)).endswith(", after the cell above.")
    assert output(cell(page, 2)) == "2\n"


def test_an_error_shows_its_line_and_marks_it_in_the_code(page: Page) -> None:
    one = cell(page, 1)
    assert run(one, "x = 1\n\nx / 0") == "Error in line 3."
    assert "Cell 1, line 3" in output(one)
    assert "ZeroDivisionError" in output(one)
    assert one.locator(".live-error-line").evaluate("box => box.style.getPropertyValue('--live-line')") == "2"
    one.locator("textarea").fill("x = 2")
    assert one.locator(".live-error-line").count() == 0


def test_an_error_above_keeps_the_cells_below_from_running(page: Page) -> None:
    run(cell(page, 1), "1 / 0")
    assert run(cell(page, 2), "print('must not run')") == "Cell 1 above ended in an error, so this one did not run."
    assert "must not run" not in output(cell(page, 2))


@pytest.mark.parametrize("package", ["numpy", "torch", "upright", "ray", "gymnasium.wrappers"])
def test_a_package_that_is_missing_leads_to_colab(page: Page, package: str) -> None:
    run(cell(page, 1), f"import {package}")
    assert "ModuleNotFoundError" in output(cell(page, 1))
    assert f"{package} is not part of the Python in this page." in output(cell(page, 1))
    assert "open this chapter in Colab" in output(cell(page, 1))


def test_output_comes_while_the_cell_still_runs(page: Page) -> None:
    one = cell(page, 1)
    one.get_by_role("button", name="Edit").click()
    one.locator("textarea").fill("import time\nprint('first')\ntime.sleep(2)\nprint('second')")
    page.keyboard.press("Control+Enter")
    one.locator(".live-output pre", has_text="first").wait_for()
    assert status(one) == "Running…"
    assert output(one) == "first\n"
    wait(one)
    assert output(one) == "first\nsecond\n"


def test_printed_markup_stays_text(page: Page) -> None:
    run(cell(page, 1), "print('<img src=x onerror=alert(1)>')")
    assert output(cell(page, 1)) == "<img src=x onerror=alert(1)>\n"
    assert page.locator(".live-output img").count() == 0


def test_an_endless_loop_is_stopped_and_the_next_run_begins_above(page: Page) -> None:
    one, two = cell(page, 1), cell(page, 2)
    run(one, "start = 40")
    two.get_by_role("button", name="Edit").click()
    two.locator("textarea").fill("while True:\n    print('round and round')")
    two.get_by_role("button", name="Run").click()
    two.locator(".live-output", has_text="first 20,000 characters").wait_for()
    cell(page, 3).get_by_role("button", name="Run").evaluate("button => button.click()")
    assert status(two) == "Running…"
    two.get_by_role("button", name="Stop").click()
    assert status(two) == "Stopped. The next Run begins again with the cells above."
    assert re.fullmatch(r"Done in [\d.]+ s, after the cell above\.", run(two, "start + 2"))
    assert output(two) == "42\n"


def test_the_controls_take_the_room_that_was_kept_for_them(reader: Visit, site: str) -> None:
    tops = "[...document.querySelectorAll('div.cell.live')].map(cell => cell.getBoundingClientRect().top)"
    reader.page.route("**/live/cells.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    before = reader.open(f"{site}/{PLAYGROUND}.html").evaluate(tops)
    reader.page.unroute("**/live/cells.js*")
    page = reader.open(f"{site}/{PLAYGROUND}.html")
    assert page.get_by_role("button", name="Run").count() == len(before)
    assert page.evaluate(tops) == before


def test_without_a_script_and_on_paper_a_cell_is_code_and_output(chromium: Browser, site: str, desk: Visit) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{site}/{PLAYGROUND}.html")
    printed = desk.open(f"{site}/{PLAYGROUND}.html")
    printed.emulate_media(media="print")
    for page in (plain, printed):
        assert cell(page, 1).locator(".cell_input pre").is_visible()
        assert cell(page, 1).locator(".cell_output pre").is_visible()
        assert not cell(page, 1).locator(".live-bar").is_visible()
    context.close()


def test_a_finger_does_it_all_on_a_phone_where_the_site_lies_in_a_folder(chromium: Browser) -> None:
    server = serve.listen(book.SITE.parent, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://{serve.HOST}:{server.server_port}"
    width, height = WIDTHS["phone"]
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    reader = visit(context, address)
    page = reader.open(f"{address}/{book.SITE.name}/{PLAYGROUND}.html")
    one = cell(page, 1)
    for button in one.locator(".live-bar button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
    one.get_by_role("button", name="Edit").tap()
    one.locator("textarea").fill("print('x' * 300)")
    one.get_by_role("button", name="Run").tap()
    assert wait(one).startswith("Done")
    assert output(one) == "x" * 300 + "\n"
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    one.get_by_role("button", name="Reset").tap()
    assert one.locator("textarea").count() == 0
    assert (reader.errors, reader.foreign) == ([], [])
    context.close()
    server.shutdown()
    server.server_close()
