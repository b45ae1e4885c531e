"""Code that runs in the page: every live cell gives what its kernel gave, and can be edited, stopped and reset."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import WIDTHS, Visit, visit
from tools.chapters import chapters
from tools.execute import executed

NUMBER = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?")
LIVE_PAGES = [
    page for page in chapters() if any("live" in cell.metadata.get("tags", []) for cell in executed(page).cells)
]
PYODIDE = "pyodide"


def test_chapters_two_to_five_have_live_cells() -> None:
    assert chapters()[1:5] == LIVE_PAGES


def recorded(page: str) -> list[str]:
    """What each live cell printed in the kernel."""
    return [
        "".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)
        for cell in executed(page).cells
        if "live" in cell.metadata.get("tags", [])
    ]


def same(first: str, second: str) -> bool:
    """Whether two texts are alike, their numbers within 1e-3 (they print three digits) or one part in a million."""
    numbers = zip(NUMBER.findall(first), NUMBER.findall(second), strict=False)
    words = NUMBER.sub("#", first).split() == NUMBER.sub("#", second).split()
    return words and all(float(a) == pytest.approx(float(b), rel=1e-6, abs=1.1e-3) for a, b in numbers)


def cell(page: Page, number: int) -> Locator:
    return page.locator(".cell.tag_live").nth(number - 1)


def do(place: Locator, name: str) -> None:
    place.get_by_role("button", name=name).click()


def ended(place: Locator, timeout: int = 60_000) -> str:
    """Wait until the cell has run, and give what the page says of it."""
    place.locator("[role=status]", has_text=re.compile("^(Done|Ended|Stopped)")).wait_for(timeout=timeout)
    return place.locator("[role=status]").inner_text()


def printed(place: Locator) -> str:
    return "".join(place.locator(".live-output pre").all_inner_texts())


def write(place: Locator, code: str) -> None:
    """Open the editor and put this code in it."""
    do(place, "Edit")
    place.locator("textarea").fill(code)


@pytest.mark.parametrize("page", LIVE_PAGES)
def test_every_live_cell_gives_in_the_page_what_it_gave_in_the_kernel(desk: Visit, site: str, page: str) -> None:
    opened = desk.open(f"{site}/{page}.html")
    expected = recorded(page)
    cells = opened.locator(".cell.tag_live")
    assert cells.count() == len(expected) >= 3
    do(cells.last, "Run")
    assert ended(cells.last).startswith("Done")
    assert "above ran first" in cells.last.locator("[role=status]").inner_text()
    for place, wanted in zip(cells.all(), expected, strict=True):
        assert same(printed(place), wanted), f"{printed(place)}\nin the kernel:\n{wanted}"
        assert "stand-in" in place.locator(".live-note").inner_text()
    assert desk.errors == []
    assert desk.foreign == []


@pytest.fixture(scope="module")
def bench(chromium: Browser, site: str) -> Iterator[Visit]:
    """Chapter 2 with its first cell run: for tests that bring their own code."""
    context = chromium.new_context(viewport={"width": WIDTHS["desktop"][0], "height": WIDTHS["desktop"][1]})
    found = visit(context, site)
    asked: list[str] = []
    found.page.on("request", lambda request: asked.append(request.url))
    page = found.open(f"{site}/book/environments.html")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if PYODIDE in url], "Python is loaded before anybody asked for it"
    do(cell(page, 1), "Run")
    ended(cell(page, 1))
    assert [url for url in asked if PYODIDE in url]
    yield found
    context.close()


@pytest.fixture
def place(bench: Visit) -> Iterator[Locator]:
    """The first live cell, as published before and after each test."""
    found = cell(bench.page, 1)
    yield found
    if found.get_by_role("button", name="Reset").is_enabled():
        do(found, "Reset")


def test_shift_and_enter_run_what_the_reader_wrote(place: Locator) -> None:
    write(place, "print(6 * 7)")
    place.locator("textarea").press("Shift+Enter")
    ended(place)
    assert printed(place) == "42\n"


def test_the_last_expression_is_shown_and_a_semicolon_hides_it(place: Locator) -> None:
    write(place, "[1, 'two']")
    do(place, "Run")
    ended(place)
    assert printed(place) == "[1, 'two']\n"
    place.locator("textarea").fill("7;")
    do(place, "Run")
    ended(place)
    assert printed(place) == ""


def test_cells_share_their_names(bench: Visit, place: Locator) -> None:
    write(place, "import gymnasium as gym\nenv = gym.make('CartPole-v1')\nshared = 'from above'")
    do(place, "Run")
    ended(place)
    below = cell(bench.page, 2)
    write(below, "print(shared, env.spec.max_episode_steps)")
    do(below, "Run")
    ended(below)
    assert printed(below) == "from above 500\n"
    do(below, "Reset")


def test_an_endless_loop_is_stopped_and_the_page_runs_on(place: Locator) -> None:
    write(place, "while True: pass")
    do(place, "Run")
    place.locator("[role=status]", has_text="Running").wait_for()
    do(place, "Stop")
    assert "Stopped" in ended(place)
    place.locator("textarea").fill("print('again')")
    do(place, "Run")
    place.locator("[role=status]", has_text="Done").wait_for(timeout=60_000)
    assert printed(place) == "again\n"


def test_an_endless_flood_of_output_neither_freezes_nor_fills_the_page(place: Locator) -> None:
    write(place, "while True: print('flood', end=' ')")
    do(place, "Run")
    place.locator(".live-output pre").first.wait_for()
    do(place, "Stop")
    ended(place)
    assert len(printed(place)) < 25_000


def test_output_is_there_before_the_cell_has_ended(place: Locator) -> None:
    write(place, "import time\nprint('early')\nbegun = time.time()\nwhile time.time() - begun < 20: print(end='.')")
    do(place, "Run")
    place.locator(".live-output pre", has_text="early").wait_for(timeout=15_000)
    assert place.get_by_role("button", name="Stop").is_enabled()
    do(place, "Stop")
    ended(place)


def test_an_error_tells_its_line_and_the_readers_own_calls(place: Locator) -> None:
    write(place, "def half(x):\n    return 1 / x\n\nprint('before')\nhalf(0)")
    do(place, "Run")
    assert "error" in ended(place)
    assert printed(place) == "before\nline 5: half(0)\nline 2: return 1 / x\nZeroDivisionError: division by zero\n"


def test_a_mistake_in_the_grammar_tells_its_line(place: Locator) -> None:
    write(place, "x = 1\nif x\n    print(x)")
    do(place, "Run")
    ended(place)
    assert printed(place).startswith("line 2: if x\nSyntaxError")


def test_what_is_not_in_the_page_is_said_with_the_way_out(place: Locator) -> None:
    write(place, "import numpy")
    do(place, "Run")
    ended(place)
    assert "No module named 'numpy'" in printed(place)
    assert "Colab" in printed(place)


def test_an_error_above_stops_the_cells_below_it(bench: Visit, place: Locator) -> None:
    write(place, "1 / 0")
    below = cell(bench.page, 2)
    do(below, "Run")
    below.locator("[role=status]", has_text="Not run: cell 1 above").wait_for()
    assert "ZeroDivisionError" in printed(place)


def test_what_a_cell_prints_stays_text(place: Locator) -> None:
    write(place, "print('<img src=x onerror=alert(1)><b>bold</b>')")
    do(place, "Run")
    ended(place)
    assert "<b>bold</b>" in printed(place)
    assert place.locator(".live-output b, .live-output img").count() == 0


def test_reset_brings_back_the_published_code_and_output(place: Locator) -> None:
    before = place.locator(".cell_input pre").inner_text()
    write(place, "print('mine')")
    do(place, "Run")
    ended(place)
    assert not place.locator(".cell_output").first.is_visible()
    do(place, "Reset")
    assert place.locator(".cell_input pre").inner_text() == before
    assert place.locator(".cell_output").first.is_visible()
    assert place.locator("textarea").count() == 0


def test_tab_leaves_the_editor_and_enter_keeps_the_indentation(place: Locator) -> None:
    write(place, "for i in range(2):")
    editor = place.locator("textarea")
    editor.press("Control+End")
    editor.press("Enter")
    editor.press_sequentially("print(i)")
    assert editor.input_value() == "for i in range(2):\n    print(i)"
    editor.press("Tab")
    assert place.page.evaluate("document.activeElement.dataset.do") == "run"
    place.page.keyboard.press("Enter")
    ended(place)
    assert printed(place) == "0\n1\n"


def test_a_finger_runs_a_cell_on_a_phone(chromium: Browser, site: str) -> None:
    width, height = WIDTHS["phone"]
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True)
    seen = visit(context, site)
    page = seen.open(f"{site}/book/policies.html")
    first = cell(page, 1)
    first.get_by_role("button", name="Run").tap()
    ended(first)
    assert seen.errors == []
    context.close()


def test_without_scripts_the_code_and_its_output_stay_and_no_button_pretends_to_work(
    chromium: Browser, site: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/book/environments.html")
    assert "gym.make" in cell(page, 1).inner_text()
    assert "50 steps a second" in cell(page, 1).inner_text()
    assert not page.locator(".live-bar").first.is_visible()
    context.close()
