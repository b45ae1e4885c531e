"""Bring the Python of live cells into the site: Pyodide as npm installed it, pinned by package-lock.json."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tools.chapters import ROOT, chapters, read_chapter
from tools.environment import Stop

PYODIDE = ROOT / "node_modules" / "pyodide"
LOCK = ROOT / "package-lock.json"
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
PACKAGES = "pyodide-lock.json"
TAG = "live"


def vendor(site: Path) -> None:
    """Copy what the page's Python needs into `site`, if any chapter has a live cell. Raises Stop."""
    if not any(live_sources(page) for page in chapters()):
        return
    pinned = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]["node_modules/pyodide"]["version"]
    check(pinned)
    folder = site / "_static" / "pyodide"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(PYODIDE / name, folder / name)
    # Its list of 300 packages would be downloaded by every reader, and the site has none of them.
    listed = json.loads((PYODIDE / PACKAGES).read_text(encoding="utf-8"))
    (folder / PACKAGES).write_text(json.dumps({"info": listed["info"], "packages": {}}), encoding="utf-8")


def live_sources(page: str) -> list[str]:
    """The code of a chapter's live cells, in the order of the page."""
    cells = [cell for cell in read_chapter(page).cells if cell.cell_type == "code"]
    return [cell.source for cell in cells if TAG in cell.metadata.get("tags", [])]


def check(pinned: str) -> None:
    missing = [name for name in (*FILES, PACKAGES, "package.json") if not (PYODIDE / name).is_file()]
    if missing:
        raise Stop(
            f"live cells need Pyodide {pinned}, and node_modules/pyodide lacks {', '.join(missing)}. "
            "Run make book, which installs it."
        )
    found = json.loads((PYODIDE / "package.json").read_text(encoding="utf-8"))["version"]
    if found != pinned:
        raise Stop(
            f"live cells need Pyodide {pinned}, as package-lock.json says, but node_modules has {found}. "
            "Delete node_modules and run make book, which installs it."
        )
