"""Leave out Thebe, which Jupyter Book adds to every page: the book does not use it, it would load a kernel from other
hosts, and added twice it raises a JavaScript error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

UNUSED = "thebe"


def _drop(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if UNUSED not in _description(asset)]


def _description(asset: Any) -> str:
    """Where a script or style sheet comes from and, for a script within the page, what it says."""
    return f"{getattr(asset, 'filename', asset)} {getattr(asset, 'attributes', '')}".lower()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", _drop, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
