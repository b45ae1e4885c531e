"""Every live cell gives in the page what it gave in the kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visit, visit
from tests.browser.live import cell, output, run, status
from tools.execute import executed

CHAPTERS = ("book/environments", "book/episodes", "book/policies", "book/policy_gradients")
NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?)")
ANSI = re.compile(r"\x1b\[[\d;]*m")


def recorded(page: str) -> list[str]:
    """What the kernel gave for each live cell, in the same order."""
    found = []
    for one in executed(page).cells:
        if "live" in one.metadata.get("tags", []):
            parts = sorted(one.outputs, key=lambda part: part.get("name") == "stderr")
            texts = [part.get("text") or part["data"]["text/plain"] for part in parts]
            found.append(ANSI.sub("", "".join(texts)))
    return found


def differences(text: str, other: str) -> list[tuple[str, str]]:
    """Where the texts differ by more than one unit in the last printed decimal of a number."""
    here, there = NUMBER.split(text.strip()), NUMBER.split(other.strip())
    if len(here) != len(there):
        return [(text, other)]
    return [(a, b) for a, b in zip(here, there, strict=True) if a != b and not nearly(a, b)]


def nearly(a: str, b: str) -> bool:
    if not (NUMBER.fullmatch(a) and NUMBER.fullmatch(b)):
        return False
    decimals = min(len(number.partition(".")[2]) for number in (a, b))
    return decimals > 0 and abs(float(a) - float(b)) < 1.5 * 10.0**-decimals


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[tuple[str, Visit]]:
    """A chapter whose reader pressed Run once, on its last live cell."""
    context = chromium.new_context()
    reader = visit(context, site)
    page = reader.open(f"{site}/{request.param}.html")
    last = cell(page, page.locator("div.cell.live").count())
    run(last)
    yield request.param, reader
    context.close()


def test_every_live_cell_gives_in_the_page_what_it_gave_in_the_kernel(chapter: tuple[str, Visit]) -> None:
    name, reader = chapter
    kernel = recorded(name)
    assert len(kernel) >= 3
    assert reader.page.locator("div.cell.live").count() == len(kernel)
    found = {}
    for number, expected in enumerate(kernel, start=1):
        given = differences(output(cell(reader.page, number)), expected)
        if given:
            found[number] = given
    assert found == {}
    assert reader.errors == []
    assert reader.foreign == []


def test_run_brings_in_the_cells_above_and_says_so(chapter: tuple[str, Visit]) -> None:
    name, reader = chapter
    above = len(recorded(name)) - 1
    assert re.fullmatch(rf"Done in [\d.]+ s, after the {above} cells above\.", status(cell(reader.page, above + 1)))
    again = run(cell(reader.page, above + 1))
    assert re.fullmatch(r"Done in [\d.]+ s\.", again)


def test_the_stand_in_is_named_beside_the_output_of_the_cell_that_imports_it(chapter: tuple[str, Visit]) -> None:
    _, reader = chapter
    for one in reader.page.locator("div.cell.live").all():
        imports = "import gymnasium" in one.locator("pre").first.inner_text()
        note = one.locator(".live-output .live-note")
        assert note.count() == imports
        if imports:
            assert "stand-in for Gymnasium" in note.inner_text()
