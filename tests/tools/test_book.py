"""The book is built whole or not at all: what fails is told, and the site that was there stays byte for byte."""

from __future__ import annotations

import errno
import re
import shutil
from pathlib import Path

import pytest

from extensions.repository import colab_url
from tests.tools.conftest import TinyBook, cell
from tools import book, wheel

CHAPTER = f"""\
Words, and a link to [the other page](words.md).

{cell("print(6 * 7)")}

{cell("import ipywidgets" + chr(10) + "ipywidgets.interact(lambda x: x, x=(0, 3))", "kernel-only")}

{cell("from upright import widgets" + chr(10) + "widgets.Discount(gamma=0.5)")}
"""


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("**/*") if path.is_file()}


@pytest.fixture(scope="module")
def site(shared: TinyBook) -> Path:
    """The site of a real build of two pages, one of them a chapter."""
    shared.chapter("runs", CHAPTER)
    shared.page("book/words", "# Words\n\nOnly words.\n")
    shared.contents("book/runs", "book/words")
    (shared.root / "book" / "data" / "searches.json").write_text('{"trials": 20}', encoding="utf-8")
    assert book.main() == 0
    return shared.root / "_build" / "site"


def test_every_page_is_there_with_what_its_cells_gave(site: Path) -> None:
    assert {"index.html", "book/runs.html", "book/words.html"} <= content(site).keys()
    assert ">42\n" in (site / "book" / "runs.html").read_text(encoding="utf-8")


def test_the_chapters_colab_button_points_at_a_notebook_that_was_written(site: Path, shared: TinyBook) -> None:
    assert colab_url("book/runs") in (site / "book" / "runs.html").read_text(encoding="utf-8")
    assert (shared.root / "_build" / "notebooks" / "book" / "runs.ipynb").is_file()


def test_the_control_has_become_a_sentence(site: Path) -> None:
    text = (site / "book" / "runs.html").read_text(encoding="utf-8")
    assert "needs Python running behind it" in text
    assert "interactive(children" not in text


def test_a_figure_is_drawn_in_the_page_with_its_state_its_module_and_its_style(site: Path) -> None:
    text = (site / "book" / "runs.html").read_text(encoding="utf-8")
    module = re.search(r'data-model="(\w+)" data-module="(widgets/discount\.\w{8}\.js)"', text)
    assert module
    assert (site / "_static" / module[2]).read_text(encoding="utf-8").count("export default") == 1
    assert f'"{module[1]}":' in text
    assert 'class="upright-picture wide" role="img"' in text
    assert ".upright-picture" in (site / "_static" / "site.css").read_text(encoding="utf-8")
    assert "widgets.js" in text


def test_a_page_without_a_figure_loads_nothing_for_figures(site: Path) -> None:
    text = (site / "book" / "words.html").read_text(encoding="utf-8")
    assert "widgets.js" not in text


def test_the_recorded_data_and_the_wheel_are_published_with_the_pages(site: Path) -> None:
    assert (site / "data" / "searches.json").read_text(encoding="utf-8") == '{"trials": 20}'
    assert (site / wheel.name()).stat().st_size > 1000


def test_nothing_is_left_beside_the_site(site: Path) -> None:
    assert not [path for path in site.parent.iterdir() if path.name.startswith("site.")]


def test_a_build_of_nothing_new_gives_the_same_pages(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(site)
    assert book.main() == 0
    assert "runs: unchanged" in capsys.readouterr().out
    assert content(site) == before


def test_a_changed_style_of_the_book_reaches_the_site_without_a_changed_page(site: Path, shared: TinyBook) -> None:
    style = shared.root / "book" / "assets" / "upright.css"
    style.write_text(style.read_text(encoding="utf-8") + "\np { --changed: 1 }\n", encoding="utf-8")
    assert book.main() == 0
    assert "--changed" in (site / "_static" / "site.css").read_text(encoding="utf-8")


def test_a_chapter_that_raises_leaves_the_old_site(
    site: Path, shared: TinyBook, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(site)
    shared.chapter("runs", cell("1 / 0"))
    assert book.main() == 1
    shared.chapter("runs", CHAPTER)
    said = capsys.readouterr().err
    assert said.startswith("upright: book/runs.md, line ")
    assert "Traceback" not in said
    assert content(site) == before


def test_a_page_that_sphinx_refuses_leaves_the_old_site_each_time(
    site: Path, shared: TinyBook, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(site)
    good = (shared.root / "book" / "words.md").read_text(encoding="utf-8")
    shared.page("book/words", good + "\nA link to [nowhere](nowhere.md).\n")
    for _ in range(2):
        assert book.main() == 1
        said = capsys.readouterr().err
        assert said.startswith("upright: Sphinx refused these pages:\n")
        assert "words.md:5: WARNING: " in said
        assert "nowhere" in said
        assert "the whole log is in _build/sphinx.log" in said
        assert content(site) == before
    shared.page("book/words", good)


def test_an_icon_that_does_not_exist_is_told_and_leaves_the_old_site(
    site: Path, shared: TinyBook, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(site)
    words = shared.root / "book" / "words.md"
    good = words.read_text(encoding="utf-8")
    shared.page("book/words", good + '\n<i class="fas fa-nonesuch"></i>\n')
    assert book.main() == 1
    shared.page("book/words", good)
    assert "upright: the icon fa-nonesuch is not in" in capsys.readouterr().err
    assert content(site) == before


def test_too_little_space_is_told_before_anything_is_done(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(book, "SPACE_NEEDED", 1e18)
    assert book.main() == 1
    assert "GB free, and the course needs 1000000000 GB. Free some space" in capsys.readouterr().err
    assert not (tiny.root / "_build").exists()


def test_a_disk_that_fills_up_is_told_and_leaves_the_old_site(
    tiny: TinyBook, capsys: pytest.CaptureFixture[str]
) -> None:
    build = tiny.root / "_build"
    (build / "site").mkdir(parents=True)
    (build / "site" / "index.html").write_text("old")
    # Whatever is written to this device, it is full.
    (build / "status.json").symlink_to("/dev/full")
    assert book.main() == 1
    assert capsys.readouterr().err == ("upright: the disk is full. Free some space and run the command again.\n")
    assert content(build / "site") == {"index.html": b"old"}


def test_a_disk_that_fills_up_while_many_files_are_copied_is_told_too(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def copy(source: str, _: str) -> None:
        shutil.copyfile(source, "/dev/full")

    # What shutil raises then has no number, only text.
    with pytest.raises(shutil.Error) as caught:
        shutil.copytree(tiny.root / "upright", tiny.root / "copy", copy_function=copy)
    assert caught.value.errno != errno.ENOSPC

    def fails() -> None:
        raise caught.value

    monkeypatch.setattr(book, "build", fails)
    assert book.main() == 1
    assert capsys.readouterr().err.startswith("upright: the disk is full.")


def test_another_error_of_the_system_is_not_called_a_full_disk(tiny: TinyBook) -> None:
    (tiny.root / "_toc.yml").unlink()
    with pytest.raises(FileNotFoundError, match=r"_toc\.yml"):
        book.main()


def test_pages_that_cannot_be_published_leave_the_old_site(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = tiny.root / "_build"
    (build / "site").mkdir(parents=True)
    (build / "site" / "index.html").write_text("old")
    # As a green build of an empty book would: pages without what the book needs.
    monkeypatch.setattr(book, "run_sphinx", lambda: book.HTML.mkdir(parents=True))
    monkeypatch.setattr(wheel, "build", lambda: tiny.root / "README.md")
    assert book.main() == 1
    assert capsys.readouterr().err.startswith(
        "upright: the pages were built, but cannot be published:\nindex.html is missing"
    )
    assert content(build / "site") == {"index.html": b"old"}


def test_a_new_site_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    old, new = tmp_path / "site", tmp_path / "site.new"
    for round_ in ("first", "second"):
        (new / "book").mkdir(parents=True)
        (new / "book" / f"{round_}.html").write_text(round_)
        book.replace(old, new)
        assert content(tmp_path) == {f"site/book/{round_}.html": round_.encode()}


def test_what_an_interrupted_build_left_behind_is_cleared_away(tmp_path: Path) -> None:
    for name in ("site", "site.old", "site.new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
    book.replace(tmp_path / "site", tmp_path / "site.new")
    assert content(tmp_path) == {"site/index.html": b"site.new"}


def test_a_widget_that_needs_a_kernel_is_refused_with_its_chapter_and_line(
    shared: TinyBook, capsys: pytest.CaptureFixture[str]
) -> None:
    shared.chapter("dead", cell("import ipywidgets\nipywidgets.IntSlider()"))
    shared.contents("book/dead")
    assert book.main() == 1
    shared.contents("book/runs", "book/words")
    told = capsys.readouterr().err
    assert "book/dead.md, line" in told
    assert "tag the cell kernel-only" in told
    assert "Traceback" not in told
