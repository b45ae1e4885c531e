"""Leave out what Jupyter Book adds to every page and the book does not use.

Thebe would load a kernel from other hosts, and added twice it raises a JavaScript error. Boxes fold as `<details>`
elements do (tools/markup.py), there are no tabs or cards, and the search answers on its own page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

UNUSED = ("thebe", "toggle", "design-tabs", "sphinx-design", "documentation_options.pagename", "search_as_you_type")


def _drop(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if not _is_unused(asset)]


def _is_unused(asset: Any) -> bool:
    return any(name in _description(asset) for name in UNUSED)


def _description(asset: Any) -> str:
    """Where a script or style sheet comes from and, for a script within the page, what it says."""
    return f"{getattr(asset, 'filename', asset)} {getattr(asset, 'attributes', '')}".lower()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", _drop, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
