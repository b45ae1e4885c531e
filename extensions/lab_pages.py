"""A lab's page shows the students' notebook, `labs/NAME.ipynb`, without executing it.

The notebook's prose is flattened for Colab (tools/notebooks.py). The page takes the prose of `solutions/NAME.md`
instead, with its boxes, terms and checked links; every line of code comes from the students' notebook.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from myst_nb.core.read import read_myst_markdown_notebook

from extensions.repository import colab_url

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "labs/"
ACCESS = """\
:::{{admonition}} This page is for reading
:class: lab-access
To work on the lab, [open it in Colab]({colab}) or download {{download}}`{name}.ipynb <{name}.ipynb>`.
:::"""


def _as_page(app: Sphinx, page: str, content: list[str]) -> None:
    if page.startswith(FOLDER):
        source = Path(app.srcdir) / "solutions" / f"{Path(page).name}.md"
        app.env.note_dependency(str(source))
        content[0] = json.dumps(lab_page(page, json.loads(content[0]), source))


def lab_page(page: str, notebook: dict[str, Any], source: Path) -> dict[str, Any]:
    """The notebook with the prose of its source, and how to get it below the title in place of the install cell.

    Raises ValueError when the notebook was not made from this source.
    """
    found = read_myst_markdown_notebook(source.read_text(encoding="utf-8"), path=source)
    _, *cells = notebook["cells"]
    if [cell["cell_type"] for cell in cells] != [cell.cell_type for cell in found.cells]:
        raise ValueError(f"{page}.ipynb has other cells than {source.name}; run make labs")
    for cell, original in zip(cells, found.cells, strict=True):
        if cell["cell_type"] == "markdown":
            cell["source"] = original.source
    title, _, rest = cells[0]["source"].partition("\n")
    cells[0]["source"] = "\n\n".join([title, ACCESS.format(colab=colab_url(page), name=Path(page).name), rest])
    return {**notebook, "cells": cells, "metadata": {"kernelspec": notebook["metadata"]["kernelspec"]}}


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("source-read", _as_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
