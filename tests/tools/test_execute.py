"""A chapter runs in a kernel of its own when, and only when, something that its outputs depend on has changed."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.tools.conftest import TinyBook, cell
from tools import execute
from tools.chapters import read_chapter
from tools.execute import ChapterError

COUNTS = 'with open("../runs", "a") as file:\n    file.write("x")'


def runs(tiny: TinyBook) -> int:
    """How often the cell COUNTS was executed."""
    path = tiny.root / "runs"
    return len(path.read_text()) if path.exists() else 0


def line_of(path: Path, text: str) -> int:
    """The number of the line of a file that is this text."""
    return path.read_text(encoding="utf-8").splitlines().index(text) + 1


@pytest.fixture(scope="module")
def done(shared: TinyBook) -> nbformat.NotebookNode:
    """An executed chapter with something of everything, as it was stored."""
    shared.chapter(
        "everything",
        "\n".join(
            [
                cell("import os, sys, ipywidgets, warnings\nfrom IPython.display import display"),
                cell('print("one")\nprint("two", flush=True)\nimport time; time.sleep(0.2)\nprint("three")'),
                cell("ipywidgets.interact(lambda angle: print(angle), angle=(0.0, 12.0))", "kernel-only"),
                cell('warnings.warn("after the end")', "expects-warning"),
                cell('print(os.getcwd(), os.environ["PYTHONHASHSEED"], os.environ["RAY_ADDRESS"])'),
                cell("from upright import widgets\nwidgets.Discount(gamma=0.5)"),
                cell("2 ** 10"),
            ]
        ),
        more="claims:\n  - prints: one\n",
    )
    execute.execute_all(["book/everything"])
    return execute.executed("book/everything")


def text(notebook: nbformat.NotebookNode, position: int) -> str:
    """What the code cell at this position wrote to stdout."""
    found = [found for found in notebook.cells if found.cell_type == "code"][position]
    return "".join(output.text for output in found.outputs if output.get("name") == "stdout")


def test_outputs_are_what_the_cells_gave(done: nbformat.NotebookNode) -> None:
    assert text(done, 1) == "one\ntwo\nthree\n"
    assert done.cells[-1].outputs[0].data["text/plain"] == "1024"


def test_what_a_cell_prints_in_pieces_is_one_output(done: nbformat.NotebookNode) -> None:
    assert [len(found.outputs) for found in done.cells if 'print("two"' in found.source] == [1]


def test_a_chapter_runs_in_its_own_folder_hashes_alike_each_time_and_joins_no_cluster(
    done: nbformat.NotebookNode, shared: TinyBook
) -> None:
    assert text(done, 4) == f"{(shared.root / 'book').resolve()} 0 local\n"


def test_no_output_of_a_kernel_only_cell_is_kept_and_no_state_of_its_widgets(done: nbformat.NotebookNode) -> None:
    (control,) = [found for found in done.cells if "kernel-only" in found.metadata.get("tags", [])]
    assert "interact" in control.source
    assert control.outputs == []
    assert "FloatSlider" not in str(done)


def test_of_a_figure_its_own_traits_are_kept_and_nothing_else(done: nbformat.NotebookNode) -> None:
    (view,) = [
        output.data[execute.WIDGET_VIEW]
        for found in done.cells
        for output in found.get("outputs", [])
        if execute.WIDGET_VIEW in output.get("data", {})
    ]
    models = done.metadata.widgets[execute.WIDGET_STATE]["state"]
    assert list(models) == [view["model_id"]]
    kept = models[view["model_id"]]["state"]
    assert {"gamma": 0.5, "_anywidget_id": "upright.widgets.discount.Discount"}.items() <= kept.items()
    assert {"_esm", "_css", "layout"}.isdisjoint(kept)


def test_the_notebook_tells_how_long_it_took_and_how_much_memory(done: nbformat.NotebookNode) -> None:
    record = done.metadata.upright
    assert record.seconds > 0
    assert record.peak_memory > 10e6
    assert record.executed.endswith("+00:00")


def test_an_executed_chapter_is_current_until_something_it_depends_on_changes(
    done: nbformat.NotebookNode, shared: TinyBook
) -> None:
    root, page = shared.root, "book/everything"
    source = shared.root / "book" / "everything.md"
    assert execute.is_current(page)
    for path, old, new in [
        (source, "2 ** 10", "2 ** 11"),
        (source, ":tags: [expects-warning]", ":tags: [expects-warning, hide-input]"),
        (root / "upright" / "policy.py", "argmax", "argmin"),
        (root / "requirements.lock", "numpy==", "numpy==1"),
    ]:
        before = path.read_text(encoding="utf-8")
        assert old in before
        path.write_text(before.replace(old, new), encoding="utf-8")
        assert not execute.is_current(page), f"{path.name}: {new}"
        path.write_text(before, encoding="utf-8")
    assert execute.is_current(page)


def test_prose_and_claims_are_no_reason_to_run_a_chapter_again(
    done: nbformat.NotebookNode, shared: TinyBook, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shared.root / "book" / "everything.md"
    before = source.read_text(encoding="utf-8")
    source.write_text(before.replace("# everything", "# Everything\n\nMore words."), encoding="utf-8")
    execute.execute_all(["book/everything"])
    source.write_text(before, encoding="utf-8")
    assert f"[ 1/1] everything: unchanged, {done.metadata.upright.seconds:.1f} s when it last ran" in (
        capsys.readouterr().out
    )


def test_claims_are_checked_even_when_nothing_runs_again(done: nbformat.NotebookNode, shared: TinyBook) -> None:
    source = shared.root / "book" / "everything.md"
    before = source.read_text(encoding="utf-8")
    stored = execute.executed_path("book/everything")
    content = stored.read_bytes()
    source.write_text(before.replace("prints: one", "prints: four"), encoding="utf-8")
    with pytest.raises(ChapterError, match=r"book/everything\.md, claims: nothing printed matches four"):
        execute.execute_all(["book/everything"])
    source.write_text(before, encoding="utf-8")
    stored.write_bytes(content)


def test_a_damaged_executed_chapter_is_not_trusted(done: nbformat.NotebookNode, shared: TinyBook) -> None:
    path = execute.executed_path("book/everything")
    content = path.read_bytes()
    for damaged in (b"", b"{}", b"[]", content[: len(content) // 2], b"\xff\xfe"):
        path.write_bytes(damaged)
        assert not execute.is_current("book/everything")
    path.write_bytes(content)
    assert execute.is_current("book/everything")


def test_a_chapter_runs_again_after_its_code_and_not_after_its_prose_changed(tiny: TinyBook) -> None:
    execute_counting(tiny, "First words.", COUNTS)
    assert runs(tiny) == 1
    execute_counting(tiny, "First words.", COUNTS)
    execute_counting(tiny, "Other words.", COUNTS)
    assert runs(tiny) == 1
    execute_counting(tiny, "Other words.", COUNTS + "  # once more")
    assert runs(tiny) == 2


def execute_counting(tiny: TinyBook, prose: str, code: str) -> None:
    tiny.chapter("counts", f"{prose}\n\n{cell(code)}")
    execute.execute_all(["book/counts"])


@pytest.mark.parametrize("name", ["recorded", "Curves"])
def test_only_the_recorded_data_that_a_chapter_names_counts(tiny: TinyBook, name: str) -> None:
    data = tiny.root / "book" / "data"
    (data / "searches.json").write_text("[1]", encoding="utf-8")
    (data / "other.json").write_text("[1]", encoding="utf-8")
    tiny.chapter("reads", cell(f'{name} = len\n{name}("searches")'))
    execute.execute_all(["book/reads"])
    (data / "other.json").write_text("[2]", encoding="utf-8")
    assert execute.is_current("book/reads")
    (data / "searches.json").write_text("[2]", encoding="utf-8")
    assert not execute.is_current("book/reads")


def test_a_chapter_that_raises_is_one_sentence_with_page_line_and_cell(tiny: TinyBook) -> None:
    path = tiny.chapter("breaks", f"{cell('x = 1')}\nText.\n\n{cell('y = 2' + chr(10) + 'x / 0')}\n{cell('z = 3')}")
    run = tiny.run("tools.execute", "breaks")
    assert run.returncode == 1
    assert run.stderr == (
        f"upright: book/breaks.md, line {line_of(path, 'y = 2')} (cell 4): "
        "the code raised ZeroDivisionError: division by zero. "
        "Mend the cell and run the command again; all outputs: _build/executed/breaks.failed.ipynb\n"
    )
    executed = tiny.root / "_build" / "executed"
    assert not (executed / "breaks.ipynb").exists()
    failed = nbformat.read(executed / "breaks.failed.ipynb", as_version=4)
    assert [len(found.outputs) for found in failed.cells if found.cell_type == "code"] == [0, 1, 0]


def test_an_error_of_many_lines_is_told_in_one(tiny: TinyBook) -> None:
    tiny.chapter("breaks", cell(r'raise ValueError("first line\nsecond line")'))
    with pytest.raises(ChapterError, match=r"the code raised ValueError: first line\. Mend") as caught:
        execute.execute_all(["book/breaks"])
    assert "\n" not in str(caught.value)


def test_a_kernel_that_dies_is_one_sentence_with_the_cell_that_killed_it(tiny: TinyBook) -> None:
    path = tiny.chapter("dies", f"{cell('x = 1')}\n{cell('import os' + chr(10) + 'os._exit(1)')}\n{cell('x = 2')}")
    with pytest.raises(
        ChapterError, match=rf"book/dies\.md, line {line_of(path, 'import os')} \(cell 3\): the code lost its kernel"
    ):
        execute.execute_all(["book/dies"])
    assert not execute.executed_path("book/dies").exists()


def test_a_cell_that_runs_for_ever_is_one_sentence(tiny: TinyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "CELL_TIMEOUT", 1)
    tiny.chapter("hangs", cell("import time\nwhile True:\n    time.sleep(0.1)"))
    with pytest.raises(ChapterError, match=r"line \d+ \(cell 2\): the code ran for more than 1 s\. Mend the cell"):
        execute.execute_all(["book/hangs"])


def test_a_chapter_that_is_refused_runs_again_next_time(tiny: TinyBook) -> None:
    loud = COUNTS + '\nimport sys; print("a line of a log", file=sys.stderr)'
    tiny.chapter("loud", cell(loud))
    for times in (1, 2):
        with pytest.raises(ChapterError, match=r"book/loud\.md, line \d+ \(cell 2\): wrote to stderr: a line of a log"):
            execute.execute_all(["book/loud"])
        assert runs(tiny) == times
        assert not execute.is_current("book/loud")


def test_one_chapter_that_fails_leaves_the_others_as_they_are(tiny: TinyBook) -> None:
    tiny.chapter("good", cell("1 + 1"))
    tiny.chapter("bad", cell("1 / 0"))
    with pytest.raises(ChapterError, match="ZeroDivisionError"):
        execute.execute_all(["book/good", "book/bad"])
    assert execute.is_current("book/good")


def test_a_chapter_that_does_not_exist_is_named_beside_those_that_do(tiny: TinyBook) -> None:
    tiny.chapter("there", cell("1 + 1"))
    tiny.contents("book/there")
    run = tiny.run("tools.execute", "elsewhere")
    assert run.returncode == 1
    assert run.stderr == "upright: book/elsewhere.md: no such chapter; the chapters are book/there.\n"


def test_a_readers_own_ipython_start_up_files_do_not_reach_the_book(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_up = tiny.root / "ipython" / "profile_default" / "startup"
    start_up.mkdir(parents=True)
    (start_up / "00-mine.py").write_text("print('mine')\nmine = 1\n")
    monkeypatch.setenv("IPYTHONDIR", str(tiny.root / "ipython"))
    tiny.chapter("plain", cell('print("mine" in globals())'))
    execute.execute_all(["book/plain"])
    assert text(execute.executed("book/plain"), 0) == "False\n"


def test_a_chapter_read_without_executing_it_has_no_outputs(tiny: TinyBook) -> None:
    tiny.chapter("plain", cell("1 + 1"))
    notebook = read_chapter("book/plain")
    assert [found.outputs for found in notebook.cells if found.cell_type == "code"] == [[]]
    assert not Path(execute.executed_path("book/plain")).exists()
