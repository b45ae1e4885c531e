"""A book of its own for each test: the project's own tools, extensions and settings, with very small chapters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from extensions import repository
from tests.conftest import CHAPTER_HEAD
from tools import book, chapters, environment, execute, labs, live, lock, notebooks, pages, publish, serve, wheel

ROOT = chapters.ROOT
FOLDERS = ("autograder", "extensions", "tools", "upright")
PINS = ("package.json", "package-lock.json", "requirements.lock", "requirements.txt")
FILES = ("_config.yml", "pyproject.toml", "README.md", *PINS)
MODULES = (repository, book, chapters, environment, execute, labs, live, lock, notebooks, pages, publish, serve, wheel)
# Every path that the tools know: (module, name, path).
PATHS = [
    (module, name, value)
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, Path) and value.is_relative_to(ROOT)
]


class TinyBook:
    """A copy of the project in `root` that has the chapters a test writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in FOLDERS:
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for file in FILES:
            shutil.copy(ROOT / file, root / file)
        (root / "node_modules").symlink_to(ROOT / "node_modules")
        (root / "book" / "data").mkdir(parents=True)
        shutil.copytree(ROOT / "book" / "assets", root / "book" / "assets")
        (root / "book" / "references.bib").write_text("", encoding="utf-8")
        self.page("index", "# A tiny book\n\nText.\n")
        self.contents()

    def contents(self, *pages: str) -> None:
        """Write `_toc.yml`: index, then these pages."""
        toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in pages]}
        (self.root / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")

    def page(self, name: str, text: str) -> Path:
        path = self.root / f"{name}.md"
        path.write_text(text, encoding="utf-8")
        return path

    def chapter(self, name: str, text: str, more: str = "") -> Path:
        """Write the chapter `book/NAME`; `more` are further lines of its front matter. `cell` makes its cells."""
        return self.page(f"book/{name}", CHAPTER_HEAD.format(more=more) + f"# {name}\n\n{text}\n")

    def run(self, module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """What `python -m MODULE` says in this copy."""
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
        )


def cell(source: str, *tags: str) -> str:
    """A code cell as a chapter's source has it."""
    options = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{options}{source}\n```\n"


def move(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point every path that the tools know at the same place in the copy."""
    for module, name, value in PATHS:
        monkeypatch.setattr(module, name, root / value.relative_to(ROOT))


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyBook:
    """A book without chapters yet; the tools work on it."""
    for name in ("UPRIGHT_SITE", "UPRIGHT_REPOSITORY", "PORT"):
        monkeypatch.delenv(name, raising=False)
    move(tmp_path, monkeypatch)
    return TinyBook(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyBook]:
    """A book that the tests of one module share, for what takes long to make."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        root = tmp_path_factory.mktemp("book")
        for name in ("UPRIGHT_SITE", "UPRIGHT_REPOSITORY", "PORT"):
            monkeypatch.delenv(name, raising=False)
        move(root, monkeypatch)
        yield TinyBook(root)
