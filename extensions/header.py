"""The buttons above a page are plain links: a menu with a single entry hides it, and needs a script to open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def _flatten(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    flat: list[dict[str, Any]] = []
    for button in context.get("header_buttons", []):
        flat += button["buttons"] if button.get("type") == "group" else [button]
    context["header_buttons"] = flat


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", _flatten, priority=950)  # after extensions/repository.py, which needs the groups
    return {"parallel_read_safe": True, "parallel_write_safe": True}
