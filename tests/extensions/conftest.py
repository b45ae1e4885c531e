"""A Sphinx project as small as can be, built for real."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.console import strip_colors
from sphinx.util.docutils import docutils_namespace, patch_docutils

INDEX = "# Index\n\n```{toctree}\n:glob:\n\n*\n```\n"


class Built:
    """The pages of a built project as HTML, and what Sphinx had to say."""

    def __init__(self, folder: Path, pages: dict[str, str], extensions: list[str]) -> None:
        source, self.output = folder / "source", folder / "html"
        source.mkdir(parents=True, exist_ok=True)
        for name, text in {"index": INDEX, **pages}.items():
            (source / f"{name}.md").write_text(text, encoding="utf-8")
        settings = {
            "extensions": ["myst_nb", *extensions],
            "html_theme": "basic",
            "myst_enable_extensions": ["colon_fence", "dollarmath"],
            "nb_execution_mode": "off",
            "nb_ipywidgets_js": {},
        }
        said = io.StringIO()
        with patch_docutils(), docutils_namespace():
            trees = str(folder / "trees")
            Sphinx(str(source), None, str(self.output), trees, "html", settings, status=None, warning=said).build()
        self.warnings = [line for line in strip_colors(said.getvalue()).splitlines() if line]

    def html(self, page: str) -> str:
        return (self.output / f"{page}.html").read_text(encoding="utf-8")

    def tree(self, page: str) -> Element:
        reader = Reader()
        reader.feed(self.html(page))
        return reader.root


class Element:
    """An element of a page: its tag, attributes, children and text."""

    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element | str] = []

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    def all(self, tag: str = "", of_class: str = "") -> list[Element]:
        """Every element below with this tag and this class, in the order of the page."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if tag in ("", child.tag) and (not of_class or of_class in child.classes):
                    found.append(child)
                found += child.all(tag, of_class)
        return found


class Reader(HTMLParser):
    """HTML as a tree of elements."""

    VOID = ("area", "br", "col", "hr", "img", "input", "link", "meta", "source")

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attributes))
        self._open[-1].children.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        closed = self._open.pop()
        assert closed.tag == tag, f"<{closed.tag}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
