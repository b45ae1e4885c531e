"""`_toc.yml` says which pages there are and in which order; a page with code cells is a chapter."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.tools.conftest import TinyBook, cell
from tools import chapters


def test_the_books_pages_come_in_reading_order_and_each_has_a_source() -> None:
    found = chapters.pages()
    assert found[0] == "index"
    assert found.index("book/what_is_rl") < found.index("book/policies") < found.index("book/glossary")
    assert len(found) == len(set(found))


def test_sections_and_parts_are_read_at_any_depth(tiny: TinyBook) -> None:
    (tiny.root / "_toc.yml").write_text(
        """
        format: jb-book
        root: index
        parts:
          - caption: One
            chapters:
              - file: book/a
                sections:
                  - file: book/a1
                  - file: book/a2
                    sections: [{file: book/a21}]
              - url: https://example.org
          - caption: Two
            chapters: [{file: book/b}]
        """,
        encoding="utf-8",
    )
    assert chapters.pages() == ["index", "book/a", "book/a1", "book/a2", "book/a21", "book/b"]


def test_a_page_is_a_chapter_when_its_front_matter_makes_it_a_notebook(tiny: TinyBook) -> None:
    tiny.chapter("runs", cell("1 + 1"))
    tiny.page("book/words", "# Words\n\nOnly words.\n")
    tiny.contents("book/words", "book/runs", "book/absent")
    assert chapters.chapters() == ["book/runs"]


def test_a_chapter_reads_as_cells_with_their_tags_claims_and_lines(tiny: TinyBook) -> None:
    path = tiny.chapter("runs", "Words.\n\n" + cell("a = 1", "hide-input"), more="claims:\n  - video: true\n")
    notebook = chapters.read_chapter("book/runs")
    assert [found.cell_type for found in notebook.cells] == ["markdown", "code"]
    assert notebook.cells[1].source == "a = 1"
    assert notebook.cells[1].metadata.tags == ["hide-input"]
    assert notebook.metadata.claims == [{"video": True}]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[notebook.metadata.source_map[1]] == ":tags: [hide-input]"


def test_a_page_below_labs_is_a_lab_and_no_chapter_that_would_be_executed(tiny: TinyBook) -> None:
    tiny.chapter("runs", cell("1 + 1"))
    tiny.contents("book/runs", "labs/lab1_episodes")
    assert chapters.labs() == ["labs/lab1_episodes"]
    assert chapters.chapters() == ["book/runs"]
    assert chapters.source_path("labs/lab1_episodes") == tiny.root / "labs" / "lab1_episodes.ipynb"


def key(tiny: TinyBook) -> str:
    return chapters.fingerprint("book/runs", chapters.read_chapter("book/runs"))


@pytest.fixture
def runs(tiny: TinyBook) -> TinyBook:
    """A book whose chapter reads the recorded result `searches`."""
    for name in ("searches", "other"):
        (tiny.root / "book" / "data" / f"{name}.json").write_text("[1]", encoding="utf-8")
    (tiny.root / "book" / "matplotlibrc").write_text("figure.dpi: 100\n", encoding="utf-8")
    tiny.chapter("runs", cell("found = upright.recorded('searches')"))
    return tiny


def test_the_same_chapter_has_the_same_fingerprint(runs: TinyBook) -> None:
    assert key(runs) == key(runs)


@pytest.mark.parametrize(
    "path", ["upright/policy.py", "requirements.lock", "book/data/searches.json", "book/matplotlibrc"]
)
def test_what_outputs_depend_on_changes_the_fingerprint(runs: TinyBook, path: str) -> None:
    before = key(runs)
    content = (runs.root / path).read_bytes()
    (runs.root / path).write_bytes(content + b"\n")
    assert key(runs) != before
    (runs.root / path).unlink()
    assert key(runs) != before
    (runs.root / path).write_bytes(content)
    assert key(runs) == before


def test_a_new_module_of_upright_changes_the_fingerprint(runs: TinyBook) -> None:
    before = key(runs)
    (runs.root / "upright" / "pole.py").write_text("")
    assert key(runs) != before


def test_a_figures_traits_count_where_a_figure_is_used_and_its_script_nowhere(runs: TinyBook) -> None:
    def keys() -> list[str]:
        return [
            chapters.fingerprint("book/runs", nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]))
            for source in ("print(1)", "from upright import widgets")
        ]

    plain, figure = keys()
    with (runs.root / "upright" / "widgets" / "discount.js").open("a") as file:
        file.write("\n")
    assert keys() == [plain, figure]
    with (runs.root / "upright" / "widgets" / "discount.py").open("a") as file:
        file.write("\n")
    assert keys()[0] == plain
    assert keys()[1] != figure


@pytest.mark.parametrize(
    "path", ["book/data/other.json", "tools/book.py", "_config.yml", "README.md", "upright/checks/verdict.py"]
)
def test_what_outputs_do_not_depend_on_leaves_the_fingerprint(runs: TinyBook, path: str) -> None:
    before = key(runs)
    with (runs.root / path).open("a") as file:
        file.write("\n")
    assert key(runs) == before


def test_every_page_that_the_table_of_contents_lists_exists_in_the_book() -> None:
    missing = [page for page in chapters.pages() if not chapters.source_path(page).is_file()]
    assert not missing


def test_no_chapter_imports_the_judge_of_the_labs_which_its_fingerprint_leaves_out() -> None:
    for page in chapters.chapters():
        cells = [cell.source for cell in chapters.read_chapter(page).cells if cell.cell_type == "code"]
        assert not any(re.search(r"upright\.checks|from upright import .*\bchecks\b", source) for source in cells), page
