"""Cells tagged `live` run in the page itself, in a Python that the site brings along (book/assets/live/cells.js).

In the HTML such a cell stays what it is, highlighted code and recorded output, so that it reads well without a script.
Between the two comes an empty bar, numbered, that the script fills with its buttons; its room is reserved in the style
sheet, so that nothing moves. Only pages that have such cells load the script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

TAG = "tag_live"
SCRIPT, STYLE = "live/cells.js", "live/cells.css"


class LiveBar(nodes.General, nodes.Element):
    """Where the controls of live cell `number` of its page will be."""


class LiveCells(SphinxPostTransform):
    """Put a bar after the code of each live cell."""

    default_priority = 400
    formats = ("html",)

    def run(self, **_kwargs: object) -> None:
        for number, cell in enumerate(live_cells(self.document), start=1):
            cell["classes"].append("live")
            code = next(child for child in cell.children if "cell_input" in child.get("classes", []))
            cell.insert(cell.index(code) + 1, LiveBar("", number=number))


def live_cells(document: nodes.Node) -> list[nodes.container]:
    return [cell for cell in document.findall(nodes.container) if TAG in cell.get("classes", [])]


def _visit(self: Any, node: LiveBar) -> None:
    self.body.append(f'<div class="live-bar" data-number="{node["number"]}"></div>\n')
    raise nodes.SkipNode


def _load(app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is not None and live_cells(doctree):
        app.add_css_file(STYLE)
        app.add_js_file(SCRIPT, type="module")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(LiveBar, html=(_visit, None))
    app.add_post_transform(LiveCells)
    app.connect("html-page-context", _load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
