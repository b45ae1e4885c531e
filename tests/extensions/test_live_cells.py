"""A live cell is an ordinary cell with room for its controls, and only pages that have one load the script."""

from __future__ import annotations

import pytest

from tests.conftest import CHAPTER_HEAD
from tests.extensions.conftest import Built, Element

CELL = "```{{code-cell}} ipython3\n{options}{source}\n```\n\n"
LIVE = ":tags: [live]\n\n"
CHAPTER = CHAPTER_HEAD.format(more="") + "# Page\n\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    sources = [(LIVE, 'print("one")'), ("", 'print("plain")'), (LIVE, "if 1 < 2:\n    print('<b>')")]
    cells = "".join(CELL.format(options=options, source=source) for options, source in sources)
    pages = {"page": CHAPTER + cells, "other": CHAPTER + CELL.format(options="", source="1")}
    return Built(tmp_path_factory.mktemp("live"), pages, ["extensions.live_cells"])


def children(cell: Element) -> list[str]:
    return [child.classes[0] for child in cell.children if isinstance(child, Element)]


def test_the_page_builds_without_a_warning(built: Built) -> None:
    assert built.warnings == []


def test_each_live_cell_has_a_numbered_empty_bar_after_its_code(built: Built) -> None:
    cells = built.tree("page").all("div", "live")
    assert [children(cell) for cell in cells] == [["cell_input", "live-bar"]] * 2
    bars = [cell.all("div", "live-bar")[0] for cell in cells]
    assert [bar.attributes["data-number"] for bar in bars] == ["1", "2"]
    assert [bar.text for bar in bars] == ["", ""]


def test_the_code_is_there_without_a_script_letter_for_letter(built: Built) -> None:
    cell = built.tree("page").all("div", "live")[1]
    assert cell.all("pre")[0].text.strip() == "if 1 < 2:\n    print('<b>')"


def test_a_cell_without_the_tag_has_no_bar(built: Built) -> None:
    assert len(built.tree("page").all("div", "cell")) == 3
    assert len(built.tree("page").all("div", "live-bar")) == 2


def test_only_a_page_with_live_cells_loads_their_script_and_style(built: Built) -> None:
    def loaded(page: str) -> list[Element]:
        tree = built.tree(page)
        asked = [*tree.all("script"), *tree.all("link")]
        return [one for one in asked if "live/cells" in str(one.attributes.get("src") or one.attributes.get("href"))]

    script, style = loaded("page")
    assert (script.attributes["type"], style.attributes["rel"]) == ("module", "stylesheet")
    assert loaded("other") == []
