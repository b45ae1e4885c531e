"""The site as one zip works from any folder of any host: pages, figures, search, and the page for lost readers."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import visit
from tools import archive, book, serve

DEEP = "some/deep/folder"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the unpacked zip in a folder of another host."""
    root = tmp_path_factory.mktemp("host")
    with zipfile.ZipFile(book.BUILD / "upright-site.zip") as packed:
        packed.extractall(root / DEEP)
    server = serve.listen(root, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{serve.HOST}:{server.server_port}/{DEEP}/upright"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("page", ["index", "book/episodes", "book/tune", "labs/lab1_episodes", "404"])
def test_a_page_of_the_unpacked_zip_works(chromium: Browser, elsewhere: str, page: str) -> None:
    context = chromium.new_context()
    seen = visit(context, elsewhere)
    opened = seen.open(f"{elsewhere}/{page}.html")
    opened.wait_for_load_state("networkidle")
    figures = opened.locator(".upright-widget")
    assert figures.count() == opened.locator("[data-mounted]").count()
    assert seen.errors == []
    assert seen.foreign == []
    context.close()


def test_the_search_of_the_unpacked_zip_finds_and_leads_to_the_page(chromium: Browser, elsewhere: str) -> None:
    context = chromium.new_context()
    page = visit(context, elsewhere).open(f"{elsewhere}/search.html?q=baseline")
    page.wait_for_selector("ul.search li a", timeout=20_000)
    page.locator("ul.search li a", has_text="How does a policy learn").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text().startswith("How does a policy learn")
    assert page.url.startswith(elsewhere)
    context.close()


def test_the_same_site_gives_the_same_zip(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "b").mkdir(parents=True)
    (site / "b" / "page.html").write_text("page")
    (site / "a.js").write_text("script")
    first = archive.write(site, tmp_path / "one.zip").read_bytes()
    (site / "a.js").touch()
    assert archive.write(site, tmp_path / "two.zip").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        assert packed.namelist() == ["upright/a.js", "upright/b/page.html"]
