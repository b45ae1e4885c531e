"""The last line of each chapter and lab: when it last ran on Colab as `make colab` simulates it, and with what.

What was not run is said to be so, and what changed since it ran too: when its page is read, as in every fresh build.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from docutils import nodes

from tools.chapters import is_lab

if TYPE_CHECKING:
    from sphinx.application import Sphinx

RECORD = "tests/colab.json"
SHOWN = ("gymnasium", "ray", "numpy", "ipywidgets")


def sentence(page: str, record: dict[str, Any], today: str) -> str:
    """What the record says of a page such as `book/ppo`; `today` is its fingerprint as it is now."""
    row = record.get("rows", {}).get(page)
    if row is None:
        return "Not yet verified on a simulated Colab."
    if row["outcome"] != "passed":
        return f"Did not run on a simulated Colab when it was last tried, on {row['date']}."
    versions = [f"{name} {row['versions'][name]}" for name in SHOWN if name in row["versions"]]
    told = ", ".join([f"Python {record['provenance']['python']}", *versions])
    changed = " The page, or what it runs with, has changed since." if row.get("fingerprint", today) != today else ""
    return f"Last verified on a simulated Colab: {row['date']}, with {told}.{changed}"


def fingerprint(page: str) -> str:
    """What decides whether the page must run again: a hash of its notebook, made anew here, and what it runs with."""
    from tools import colab, notebooks  # takes seconds, and pages that have no record need it not

    if not is_lab(page):
        path = colab.NOTEBOOKS / f"{page}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebooks.notebook(page), path)
    return colab.fingerprint(page)


def _add(app: Sphinx, doctree: nodes.document) -> None:
    page = app.env.docname
    if "kernelspec" not in app.env.metadata.get(page, {}):
        return
    path = Path(app.srcdir) / RECORD
    app.env.note_dependency(str(path))
    record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    today = fingerprint(page) if page in record.get("rows", {}) else ""
    last = list(doctree.findall(nodes.section))[0:1] or [doctree]
    last[0] += nodes.paragraph("", sentence(page, record, today), classes=["verified"])


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", _add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
