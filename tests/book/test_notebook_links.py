"""Every link of the built site that opens or downloads a notebook leads to one that is published with it."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from extensions.repository import NOTEBOOK_BRANCH, colab_url, slug
from tools import book
from tools.chapters import BUILD, chapters, labs

HREF = re.compile(r'href="([^"#]*(?:colab\.research\.google\.com|mybinder\.org|\.ipynb|\.whl|\.zip)[^"#]*)"')
COLAB = f"https://colab.research.google.com/github/{slug()}/blob/{NOTEBOOK_BRANCH}/"
NOTEBOOKS = BUILD / "notebooks"


def links() -> dict[str, set[str]]:
    """The links by page, both below the site's root."""
    assert (book.SITE / "index.html").is_file(), "build the book first: make book"
    pages = {path.relative_to(book.SITE).as_posix(): path for path in book.SITE.rglob("*.html")}
    return {page: set(HREF.findall(path.read_text(encoding="utf-8"))) for page, path in pages.items()}


def test_every_link_opens_a_file_that_is_published() -> None:
    lost = []
    for page, found in links().items():
        for link in found:
            if link.startswith(COLAB):
                path = NOTEBOOKS / link.removeprefix(COLAB)
            elif link.startswith(("http:", "https:")):
                lost.append(f"{page}: {link} opens something that is not ours to publish")
                continue
            else:
                path = book.SITE / urljoin(f"/{page}", link).lstrip("/")
            if not path.is_file():
                lost.append(f"{page}: {link}")
    assert lost == []


def test_every_chapter_and_lab_can_be_opened_in_colab() -> None:
    opened = set().union(*links().values())
    assert {colab_url(page) for page in [*chapters(), *labs()]} <= opened


def test_what_a_labs_page_downloads_is_the_notebook_that_colab_opens() -> None:
    for page in labs():
        (link,) = [link for link in links()[f"{page}.html"] if link.endswith(".ipynb") and not link.startswith("http")]
        downloaded = book.SITE / urljoin(f"/{page}.html", link).lstrip("/")
        assert downloaded.read_bytes() == (NOTEBOOKS / f"{page}.ipynb").read_bytes(), page
