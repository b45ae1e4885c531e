"""The book's pages as `_toc.yml` lists them: chapters, which the build executes, labs, which it does not, and text."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

import nbformat
import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"


def pages() -> list[str]:
    """Every page of `_toc.yml`, root first, in reading order: paths below the root of the repository, no suffix."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = [toc["root"]]

    def collect(node: dict) -> None:
        for entry in node.get("chapters", []) + node.get("sections", []):
            if "file" in entry:
                found.append(entry["file"])
            collect(entry)
        for part in node.get("parts", []):
            collect(part)

    collect(toc)
    return found


def chapters() -> list[str]:
    """The pages that are notebooks and are executed, in reading order."""
    return [page for page in pages() if not is_lab(page) and is_notebook(page)]


def labs() -> list[str]:
    """The pages that are labs: notebooks in `labs/`, shown without having been executed, in reading order."""
    return [page for page in pages() if is_lab(page)]


def is_lab(page: str) -> bool:
    return page.startswith("labs/")


def is_notebook(page: str) -> bool:
    path = source_path(page)
    return path.is_file() and is_myst_markdown_notebook(path.read_text(encoding="utf-8"))


def source_path(page: str) -> Path:
    """The file that Sphinx reads for the page."""
    return ROOT / f"{page}.ipynb" if is_lab(page) else ROOT / f"{page}.md"


def read_chapter(page: str) -> nbformat.NotebookNode:
    """The chapter as a notebook without outputs; `metadata.source_map` holds the line where each cell starts."""
    path = source_path(page)
    return read_myst_markdown_notebook(path.read_text(encoding="utf-8"), add_source_map=True, path=path)


def fingerprint(page: str, notebook: nbformat.NotebookNode) -> str:
    """A hash of what the outputs depend on: the cells, `upright`, the recorded data they name, the lock and Python.

    `upright.checks` is left out: it judges labs, and no chapter imports it. `upright.widgets` counts where it is named;
    its ES modules do not, since the pages take them as they are when they are made.
    """
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    sources = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            sources.append(cell.source)
            digest.update(repr((cell.source, sorted(cell.metadata.items()))).encode())
    named = sorted(set(re.findall(r"""(?:recorded|Curves)\(\s*["']([\w-]+)["']""", "\n".join(sources))))
    data = [source_path(page).parent / "data" / f"{name}.json" for name in named]
    settings = [ROOT / "requirements.lock", source_path(page).parent / "matplotlibrc"]
    unused = {"checks"} | ({"widgets"} if "widgets" not in "\n".join(sources) else set())
    found = [(path.relative_to(ROOT / "upright"), path) for path in sorted((ROOT / "upright").glob("**/*.py"))]
    modules = [path for name, path in found if name.parts[0] not in unused]
    for path in [*modules, *data, *settings]:
        digest.update(path.name.encode() + (path.read_bytes() if path.is_file() else b"absent"))
    return digest.hexdigest()
