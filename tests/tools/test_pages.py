"""A site is published only when every page is there, its Colab button works, and nothing comes from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.repository import colab_url
from tests.tools.conftest import TinyBook, cell
from tools import pages

PAGE = '<html><head>{head}</head><body><h1>Title</h1>{body}<a href="https://example.org">a link</a></body></html>'


LAB = "labs/lab1_episodes"
COLAB = f'<a href="{colab_url(LAB)}">Colab</a>'
DOWNLOAD = """<a class="download" download="" href="../_downloads/0/lab1_episodes.ipynb">notebook</a>"""


class Site:
    """A built site of three pages, one of them a chapter, that a test can spoil."""

    def __init__(self, tiny: TinyBook) -> None:
        self.tiny = tiny
        tiny.chapter("ppo", cell("1"))
        tiny.page("book/words", "# Words")
        tiny.contents("book/ppo", "book/words")
        self.folder = tiny.root / "site"
        self.notebook = tiny.root / "_build" / "notebooks" / "book" / "ppo.ipynb"
        (self.folder / "book").mkdir(parents=True)
        self.notebook.parent.mkdir(parents=True)
        self.notebook.write_text("{}")
        self.write("index")
        self.write("book/words")
        self.write("book/ppo", body=f'<a href="{colab_url("book/ppo")}">Colab</a>')

    def write(self, page: str, head: str = "", body: str = "") -> Path:
        path = self.folder / f"{page}.html"
        path.parent.mkdir(exist_ok=True)
        path.write_text(PAGE.format(head=head, body=body), encoding="utf-8")
        return path

    def lab(self, body: str) -> None:
        """Add the page of a lab, whose notebook is written."""
        self.tiny.contents("book/ppo", "book/words", LAB)
        notebook = self.tiny.root / "_build" / "notebooks" / f"{LAB}.ipynb"
        notebook.parent.mkdir(exist_ok=True)
        notebook.write_text("{}")
        self.write(LAB, body=body)

    def problems(self) -> list[str]:
        return pages.problems(self.folder)


@pytest.fixture
def site(tiny: TinyBook) -> Site:
    return Site(tiny)


def test_a_site_with_all_its_pages_has_no_problem(site: Site) -> None:
    assert site.problems() == []


def test_a_lab_with_its_colab_button_and_its_download_has_no_problem(site: Site) -> None:
    site.lab(COLAB + DOWNLOAD)
    assert site.problems() == []
    (site.tiny.root / "_build" / "notebooks" / f"{LAB}.ipynb").unlink()
    assert site.problems() == [f"{LAB}.html: its Colab notebook was not written."]


def test_a_lab_without_its_colab_button_or_its_download_is_named(site: Site) -> None:
    site.lab(DOWNLOAD)
    assert site.problems() == [f"{LAB}.html: its Colab button should point at {colab_url(LAB)}, but the page has []."]
    site.write(LAB, body=COLAB + DOWNLOAD.replace(' download=""', ""))
    assert site.problems() == [f"{LAB}.html: has no link that downloads its notebook."]


def test_an_empty_site_misses_every_page(site: Site, tmp_path: Path) -> None:
    told = pages.problems(tmp_path / "nowhere")
    assert told[0] == "index.html is missing: the site has no front page."
    assert "book/ppo.html is missing, although _toc.yml lists book/ppo." in told
    assert len(told) == 4


def test_a_page_that_is_missing_is_named(site: Site) -> None:
    (site.folder / "book" / "words.html").unlink()
    assert site.problems() == ["book/words.html is missing, although _toc.yml lists book/words."]


def test_a_chapter_without_a_colab_button_is_named(site: Site) -> None:
    site.write("book/ppo")
    assert site.problems() == [
        f"book/ppo.html: its Colab button should point at {colab_url('book/ppo')}, but the page has []."
    ]


@pytest.mark.parametrize("url", [colab_url("book/ppo").replace(".ipynb", ".md"), colab_url("book/gpu")])
def test_a_colab_button_that_points_elsewhere_is_named(site: Site, url: str) -> None:
    site.write("book/ppo", body=f"<a href='{url}'>Colab</a>")
    (told,) = site.problems()
    assert url in told


def test_a_colab_button_whose_notebook_was_not_written_is_named(site: Site) -> None:
    site.notebook.unlink()
    assert site.problems() == ["book/ppo.html: its Colab notebook was not written."]


def test_a_colab_button_on_a_page_without_cells_is_named(site: Site) -> None:
    site.write("book/words", body=f'<a href="{colab_url("book/words")}">Colab</a>')
    assert site.problems() == ["book/words.html: has a Colab button, but no notebook."]


@pytest.mark.parametrize(
    "dead",
    [
        '<script type="application/vnd.jupyter.widget-view+json">{}</script>',
        '<div class="jupyter-widgets">',
        '<script src="require.min.js"></script>',
    ],
)
def test_a_control_that_would_be_dead_is_named(site: Site, dead: str) -> None:
    site.write("book/words", body=dead)
    assert site.problems() == ["book/words.html: holds a widget that needs a kernel; tag its cell kernel-only."]


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<script async src="//cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="https://cdn.example/x.css">',
        '<link rel="preconnect" href="HTTPS://cdn.example">',
        '<img src="https://cdn.example/x.png" alt="x">',
        '<iframe src="http://cdn.example/"></iframe>',
        '<video><source src="https://cdn.example/x.mp4"></video>',
    ],
)
def test_what_a_page_loads_from_another_host_is_named(site: Site, tag: str) -> None:
    site.write("book/words", head=tag)
    (told,) = site.problems()
    assert told.startswith("book/words.html: loads ")
    assert "cdn.example" in told.lower()
    assert told.endswith("from another host.")


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="../_static/x.js"></script>',
        '<script>let x = "https://example.org"</script>',
        '<link rel="canonical" href="https://example.org/ppo.html">',
        '<img src="data:image/png;base64,AAAA" alt="x">',
        '<a href="https://example.org/x.js">further reading</a>',
        '<form action="https://example.org"></form>',
    ],
)
def test_what_a_page_only_mentions_is_no_problem(site: Site, tag: str) -> None:
    site.write("book/words", body=tag)
    assert site.problems() == []


def test_every_problem_is_told_at_once(site: Site) -> None:
    site.write("index", body='<img src="https://a.example/b.png"><img src="https://a.example/a.png">')
    (site.folder / "book" / "words.html").unlink()
    site.notebook.unlink()
    assert [told.split(" ")[0] for told in site.problems()] == [
        "book/words.html",
        "index.html:",
        "index.html:",
        "book/ppo.html:",
    ]
