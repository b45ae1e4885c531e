"""The built site on loopback, and a real Chromium that is refused every other host."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, Route, sync_playwright

from tests.browser import figures
from tools import book, serve
from upright.widgets.figure import Figure

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the site that `make book` built."""
    assert (book.SITE / "index.html").is_file(), "build the book first: make book"
    server = serve.listen(book.SITE, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{serve.HOST}:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "Chromium is missing; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, and what went wrong on it or was asked of other hosts."""

    page: Page
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        self.page.goto(address, wait_until="load")
        return self.page


def visit(context: BrowserContext, site: str) -> Visit:
    found = Visit(context.new_page())

    def gate(route: Route) -> None:
        if route.request.url.startswith(site):
            route.continue_()
        else:
            found.foreign.append(route.request.url)
            route.abort()

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.errors.append(message.text)

    def look(answer: Response) -> None:
        if answer.status >= 400:
            found.errors.append(f"{answer.status} {answer.url}")

    context.route(lambda url: not url.startswith(("data:", "blob:")), gate)
    found.page.on("console", hear)
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
    found.page.on("response", look)
    return found


@pytest.fixture(params=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(chromium: Browser, site: str, size: str) -> Iterator[Visit]:
    """A reader at a desk and one with a phone."""
    width, height = WIDTHS[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=size == "phone")
    yield visit(context, site)
    context.close()


@pytest.fixture
def desk(chromium: Browser, site: str) -> Iterator[Visit]:
    """A reader at a desk."""
    width, height = WIDTHS["desktop"]
    context = chromium.new_context(viewport={"width": width, "height": height})
    yield visit(context, site)
    context.close()


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """`show(widget)` opens a figure on a page of its own and waits until it answers.

    width: of the window in pixels; the other keywords are those of Playwright's new_context, such as `has_touch`,
    `reduced_motion` or `java_script_enabled`.
    """
    server = serve.listen(tmp_path, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://{serve.HOST}:{server.server_port}"
    contexts = []

    def opened(widget: Figure, width: int = 800, theme: str = "light", **keywords: Any) -> Visit:
        figures.write(tmp_path, widget, theme)
        context = chromium.new_context(viewport={"width": width, "height": 800}, **keywords)
        contexts.append(context)
        found = visit(context, address)
        found.open(f"{address}/figure.html")
        if keywords.get("java_script_enabled", True):
            found.page.wait_for_selector("[data-mounted]")
        return found

    yield opened
    for context in contexts:
        context.close()
    server.shutdown()
    server.server_close()
