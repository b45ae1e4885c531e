"""The Python of live cells comes into the site as it was pinned, or the build says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.conftest import TinyBook, cell
from tools import live
from tools.environment import Stop


@pytest.fixture
def installed(tiny: TinyBook) -> TinyBook:
    """A book with one live cell, and a Pyodide as npm would have installed it."""
    tiny.chapter("runs", cell("1 + 1", "live") + "\n" + cell("2"))
    tiny.contents("book/runs")
    lock = {"packages": {"node_modules/pyodide": {"version": "1.2.3"}}}
    (tiny.root / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    (tiny.root / "node_modules").unlink()
    live.PYODIDE.mkdir(parents=True)
    for name in (*live.FILES, "console.html"):
        (live.PYODIDE / name).write_text(name, encoding="utf-8")
    listed = {"info": {"python": "3"}, "packages": {"numpy": {}}}
    (live.PYODIDE / live.PACKAGES).write_text(json.dumps(listed), encoding="utf-8")
    (live.PYODIDE / "package.json").write_text('{"version": "1.2.3"}', encoding="utf-8")
    return tiny


def test_the_site_gets_what_the_page_needs_and_no_more(installed: TinyBook, tmp_path: Path) -> None:
    live.vendor(tmp_path / "site")
    folder = tmp_path / "site" / "_static" / "pyodide"
    assert {path.name for path in folder.iterdir()} == {*live.FILES, live.PACKAGES}
    assert json.loads((folder / live.PACKAGES).read_text(encoding="utf-8"))["packages"] == {}


def test_a_book_without_live_cells_gets_nothing(installed: TinyBook, tmp_path: Path) -> None:
    installed.chapter("runs", cell("1 + 1"))
    live.vendor(tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_missing_file_is_named_with_what_to_do(installed: TinyBook, tmp_path: Path) -> None:
    (live.PYODIDE / "pyodide.asm.wasm").unlink()
    with pytest.raises(Stop, match=r"lacks pyodide\.asm\.wasm\. Run make book"):
        live.vendor(tmp_path / "site")


def test_another_version_than_the_pinned_one_is_refused(installed: TinyBook, tmp_path: Path) -> None:
    (live.PYODIDE / "package.json").write_text('{"version": "1.2.4"}', encoding="utf-8")
    with pytest.raises(Stop, match=r"1\.2\.3, as package-lock.json says, but node_modules has 1\.2\.4"):
        live.vendor(tmp_path / "site")


def test_only_the_tagged_cells_of_a_chapter_are_live(installed: TinyBook) -> None:
    assert live.live_sources("book/runs") == ["1 + 1"]
