"""The course's figures (upright.widgets) on a page without a kernel.

The build leaves three things in the page: the figure as HTML, drawn by the figure's own `markup(state)`, so that it is
there before any script runs and where none does; its state, as ipywidgets embeds it; and the address of its ES module.
`book/assets/widgets.js`, which `nb_ipywidgets_js` names, brings it to life in place, so nothing moves on the page.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from upright.widgets.figure import module, style

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
VIEW = re.compile(r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*)</script>', re.DOTALL)
STYLE = "widgets/figure.css"


class WidgetError(Exception):
    """A figure that cannot be put on the page; the message says what to do."""


class Widgets(SphinxPostTransform):
    """Put each figure in the place of its output."""

    default_priority = 900  # after MyST-NB has chosen which of an output's forms is shown

    def run(self, **_kwargs: object) -> None:
        views = [(node, json.loads(found[1])) for node in self.document.findall(nodes.raw) if (found := _view(node))]
        if not views:
            return
        models = _models(self.env, self.env.docname)
        figures = [_figure(models, view["model_id"], self.env.docname) for _, view in views]
        for (node, view), (name, _), html in zip(views, figures, drawn(figures), strict=True):
            node.replace_self(nodes.raw("", placed(name, view["model_id"], html), format="html"))


def _view(node: nodes.raw) -> re.Match[str] | None:
    return VIEW.fullmatch(node.astext().strip())


def _models(env: Any, page: str) -> dict[str, Any]:
    """The state of the page's widgets, as MyST-NB is about to embed it."""
    found = env.nb_metadata.get(page, {}).get("js_files", {}).get("ipywidgets_state")
    return json.loads(found[1]["body"])["state"] if found else {}


def _figure(models: dict[str, Any], model: str, page: str) -> tuple[str, dict[str, Any]]:
    state = models.get(model, {}).get("state", {})
    family, _, rest = state.get("_anywidget_id", "").rpartition("upright.widgets.")
    if family or not rest:
        raise WidgetError(
            f"{page}: an output shows a widget that the page cannot bring to life. Use one of upright.widgets, or tag "
            "the cell kernel-only"
        )
    return rest.split(".")[0], state


def drawn(figures: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """The figures, (name, state) each, as HTML text."""
    node = Path(sys.executable).with_name("node")
    asked = json.dumps([{"name": name, "state": state} for name, state in figures])
    command = [str(node), str(Path(__file__).with_name("markup.js"))]
    result = subprocess.run(command, input=asked, capture_output=True, text=True, encoding="utf-8")
    if result.returncode != 0:
        names = ", ".join(sorted({name for name, _ in figures}))
        raise WidgetError(f"one of the figures {names} could not be drawn:\n{result.stderr.strip()}")
    answer: list[str] = json.loads(result.stdout)
    return answer


def placed(name: str, model: str, html: str) -> str:
    """The figure as the page holds it, for `book/assets/widgets.js`."""
    return f'<div class="upright-widget" data-module="{address(name)}" data-model="{escape(model)}">{html}</div>'


@cache
def address(name: str) -> str:
    """Where the figure's module is, seen from the loader. The name changes with the text, so that it may be kept."""
    return f"widgets/{name}.{hashlib.sha256(module(name).encode()).hexdigest()[:8]}.js"


def _write(app: Sphinx, error: Exception | None) -> None:
    """Leave the modules and the style sheet in the site."""
    if error is None and app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        (folder / "widgets").mkdir(parents=True, exist_ok=True)
        (folder / STYLE).write_text(style(), encoding="utf-8")
        for source in sorted((ROOT / "upright" / "widgets").glob("*.py")):
            if source.with_suffix(".js").is_file():
                (folder / address(source.stem)).write_text(module(source.stem), encoding="utf-8")


def _add_style(app: Sphinx, page: str, _template: str, _context: dict[str, Any], _doctree: Any) -> None:
    if _models(app.env, page):
        app.add_css_file(STYLE)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(Widgets)
    app.connect("html-page-context", _add_style, priority=600)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
