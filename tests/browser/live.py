"""What tests of live cells do to one: write, run, read."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

OVER = "status => /Done|Error|above|Stopped|could not/.test(status.textContent)"


def cell(page: Page, number: int) -> Locator:
    return page.locator("div.cell.live").nth(number - 1)


def status(of: Locator) -> str:
    return of.locator(".live-status").inner_text()


def wait(of: Locator) -> str:
    """Wait until the cell's run is over; what its status line then says."""
    line = of.locator(".live-status")
    of.page.wait_for_function(OVER, arg=line.element_handle(), timeout=60_000)
    return line.inner_text()


def run(of: Locator, code: str | None = None) -> str:
    if code is not None:
        of.get_by_role("button", name="Edit").click()
        of.locator("textarea").fill(code)
    of.get_by_role("button", name="Run").click()
    return wait(of)


def output(of: Locator) -> str:
    """What the cell gave: what it printed, then what it said on stderr, since a kernel mixes the two by chance."""
    kinds = (".live-output .output:not(.stderr) pre", ".live-output .stderr pre")
    return "".join(text for kind in kinds for text in of.locator(kind).all_text_contents())
