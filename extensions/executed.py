"""Read a chapter again when it was executed again: its outputs changed although its source did not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

MICROSECONDS = 1_000_000


def _outdated(app: Sphinx, env: BuildEnvironment, _added: set, _changed: set, _removed: set) -> list[str]:
    folder = Path(app.srcdir) / "_build" / "executed"
    found = []
    for page, read in env.all_docs.items():
        notebook = folder / f"{Path(page).name}.ipynb"
        if notebook.is_file() and notebook.stat().st_mtime * MICROSECONDS > read:
            found.append(page)
    return found


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("env-get-outdated", _outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
