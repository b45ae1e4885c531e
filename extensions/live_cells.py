"""Cells tagged `live` run and can be edited in the page, in Python that the build vendors (Pyodide).

The build puts a bar of buttons below the code; `book/assets/live/cells.js` brings it to life. Pages without such a cell
load nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

TAG = "tag_live"
BUTTONS = (("run", "Run", ""), ("edit", "Edit", ""), ("stop", "Stop", " disabled"), ("reset", "Reset", " disabled"))


class LiveCells(SphinxPostTransform):
    """Put the bar of buttons after the code of each such cell."""

    default_priority = 400

    def run(self, **_kwargs: object) -> None:
        for number, cell in enumerate(_live(self.document), start=1):
            (code,) = [child for child in cell.children if "cell_input" in child.get("classes", [])]
            cell.insert(cell.index(code) + 1, nodes.raw("", bar(number), format="html"))


def _live(document: nodes.document) -> list[nodes.container]:
    return [cell for cell in document.findall(nodes.container) if TAG in cell.get("classes", [])]


def bar(number: int) -> str:
    """The buttons of the page's live cell of this number, counted from 1, and the line that tells what is going on."""
    buttons = "".join(
        f'<button type="button" data-do="{deed}" aria-label="{text} live cell {number}"{state}>{text}</button>'
        for deed, text, state in BUTTONS
    )
    return (
        f'<div class="live-bar" role="group" aria-label="Live cell {number}">{buttons}<span role="status"></span></div>'
    )


def _add_files(app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: Any) -> None:
    if doctree is not None and _live(doctree):
        app.add_js_file("live/cells.js", type="module")
        app.add_css_file("live/cells.css")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(LiveCells)
    app.connect("html-page-context", _add_files, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
