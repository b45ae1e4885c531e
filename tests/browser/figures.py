"""One figure on a page of its own, made as the book's build makes it: quick to open, with any state."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from extensions.widgets import address, drawn, placed
from upright.widgets.figure import Figure, module, style

LOADER = Path(__file__).resolve().parents[2] / "book" / "assets" / "widgets.js"
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8"><title>figure</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 16px sans-serif; margin: 12px }}
html {{
  --pst-color-background: #fff; --pst-color-text-base: #222832;
  --pst-color-text-muted: #48566b; --pst-color-border: #d1d5da;
}}
html[data-theme=dark] {{
  --pst-color-background: #14181e; --pst-color-text-base: #ced6dd;
  --pst-color-text-muted: #9ca4af; --pst-color-border: #48566b; color-scheme: dark;
}}
body {{ background: var(--pst-color-background); color: var(--pst-color-text-base) }}
</style>
<link rel="stylesheet" href="_static/figure.css"><link rel="icon" href="data:,">
<script type="application/vnd.jupyter.widget-state+json">{state}</script>
<script type="module" src="_static/widgets.js"></script><body>{figure}"""


def traits(widget: Figure) -> dict[str, Any]:
    """What a page keeps of the widget's state."""
    return {name: value for name, value in widget.get_state().items() if not name.startswith("_")}


def write(folder: Path, widget: Figure, theme: str = "light") -> Path:
    """Write the page with everything it needs into `folder`, and return its path."""
    static = folder / "_static"
    (static / "widgets").mkdir(parents=True, exist_ok=True)
    shutil.copy(LOADER, static)
    (static / "figure.css").write_text(style(), encoding="utf-8")
    name = type(widget).__module__.rpartition(".")[2]
    (static / address(name)).write_text(module(name), encoding="utf-8")
    state = {"state": {"model": {"state": traits(widget)}}}
    figure = placed(name, "model", drawn([(name, traits(widget))])[0])
    page = folder / "figure.html"
    page.write_text(PAGE.format(theme=theme, state=json.dumps(state), figure=figure), encoding="utf-8")
    return page
