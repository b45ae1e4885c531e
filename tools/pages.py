"""What the built pages must and must not hold. Green builds have shipped empty books; this looks at the files."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from extensions.repository import NOTEBOOK_BRANCH, colab_url
from tools.chapters import BUILD, chapters, is_lab, pages

COLAB = re.compile(r"https://colab\.research\.google\.com/[^\"'\s]*")
DEAD_CONTROL = re.compile(r"application/vnd\.jupyter\.widget-view|jupyter-widgets|require\.min\.js|html-manager")
DOWNLOAD = re.compile(r'<a [^>]*\bdownload="[^>]*\.ipynb"')
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "video": "src", "source": "src"}
LINKS_ONLY = ("canonical", "next", "prev", "author", "search", "index")


def missing(site: Path) -> list[str]:
    """Sentences that name the pages which the site should have and has not."""
    found = []
    if not (site / "index.html").is_file():
        found.append("index.html is missing: the site has no front page.")
    absent = [page for page in pages() if not (site / f"{page}.html").is_file()]
    return found + [f"{page}.html is missing, although _toc.yml lists {page}." for page in absent]


def problems(site: Path) -> list[str]:
    """Sentences that name what is wrong with the site; an empty list when nothing is."""
    found = missing(site)
    for page in pages():
        path = site / f"{page}.html"
        if path.is_file():
            found += [f"{page}.html: {problem}" for problem in _page_problems(page, path.read_text(encoding="utf-8"))]
    return found


def _page_problems(page: str, text: str) -> list[str]:
    found = []
    links = set(COLAB.findall(text))
    if page not in chapters() and not is_lab(page):
        if links:
            found.append("has a Colab button, but no notebook.")
    elif links != {colab_url(page)}:
        found.append(f"its Colab button should point at {colab_url(page)}, but the page has {sorted(links)}.")
    if (page in chapters() or is_lab(page)) and not (BUILD / NOTEBOOK_BRANCH / f"{page}.ipynb").is_file():
        found.append("its Colab notebook was not written.")
    if is_lab(page) and not DOWNLOAD.search(text):
        found.append("has no link that downloads its notebook.")
    if DEAD_CONTROL.search(text):
        found.append("holds a widget that needs a kernel; tag its cell kernel-only.")
    loaded = Loaded()
    loaded.feed(text)
    found += [f"loads {url} from another host." for url in sorted(loaded.foreign)]
    return found


class Loaded(HTMLParser):
    """What a page loads by itself from other hosts, as addresses in `foreign`."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        url = found.get(LOADING.get(tag, "")) or ""
        if tag == "link" and (found.get("rel") or "") in LINKS_ONLY:
            return
        if re.match(r"\s*(https?:)?//", url, re.IGNORECASE):
            self.foreign.add(url)
