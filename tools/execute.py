"""Execute the book's chapters, each in a fresh kernel, and keep the executed notebooks.

    python -m tools.execute [NAME ...]      all chapters, or those named (ppo, or book/ppo)

An executed chapter lies in `_build/executed/NAME.ipynb`; its metadata say what it depends on, how long it took and how
much memory it needed. A chapter whose dependencies did not change is not run again. Outputs are checked at once (see
tools/outputs.py). Exit code 1 when a chapter fails, with a sentence that names the chapter, the cell and the line.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools import outputs
from tools.chapters import BUILD, ROOT, chapters, fingerprint, read_chapter, source_path

EXECUTED = BUILD / "executed"
CELL_TIMEOUT = 600
STARTUP_TIMEOUT = 300
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_SETTINGS = ("layout", "tabbable", "tooltip")


class ChapterError(Exception):
    """A chapter that cannot be published as it is; the message says where and what to do."""


def executed_path(page: str) -> Path:
    return EXECUTED / f"{Path(page).name}.ipynb"


def executed(page: str) -> nbformat.NotebookNode:
    """The executed chapter. Raises FileNotFoundError when it was not executed yet."""
    return nbformat.read(executed_path(page), as_version=4)


def is_current(page: str) -> bool:
    """Whether the executed chapter is there and still depends on what it depended on."""
    try:
        found = executed(page).metadata.upright
    except (OSError, ValueError, AttributeError, nbformat.ValidationError):
        return False
    return found.fingerprint == fingerprint(page, read_chapter(page))


def execute_all(pages: list[str]) -> None:
    """Bring the pages' executed notebooks up to date, telling on stdout what is going on. Raises ChapterError."""
    total = len(pages)
    for number, page in enumerate(pages, start=1):
        name = f"[{number:2}/{total}] {Path(page).name}"
        if not source_path(page).is_file():
            raise ChapterError(f"{page}.md: no such chapter; the chapters are {', '.join(chapters())}.")
        if is_current(page):
            notebook = executed(page)
            print(f"{name}: unchanged, {notebook.metadata.upright.seconds:.1f} s when it last ran", flush=True)
        else:
            notebook = execute(page, announce=name)
            record = notebook.metadata.upright
            print(f"{name}: done in {record.seconds:.1f} s, {record.peak_memory / 1e6:.0f} MB at most", flush=True)
        problems = outputs.problems(page, notebook, read_chapter(page).metadata.get("claims", []))
        if problems:
            # The next run tries it again instead of trusting what was found wanting.
            executed_path(page).rename(executed_path(page).with_suffix(".refused.ipynb"))
            raise ChapterError("\n".join(problems))


def execute(page: str, announce: str = "") -> nbformat.NotebookNode:
    """Run one chapter in a fresh kernel in its own folder, and store it. Raises ChapterError."""
    notebook = read_chapter(page)
    source_map = notebook.metadata.pop("source_map")
    claims = notebook.metadata.pop("claims", None)
    key = fingerprint(page, notebook)
    started: list[int] = []
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        startup_timeout=STARTUP_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(source_path(page).parent)}},
        on_cell_start=_announcer(announce, notebook),
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),
    )
    # nbclient answers Output widgets on the channel of replies and then misses the reply to the cell: it would wait for
    # CELL_TIMEOUT. No page shows a widget's output, so none needs an answer.
    client.comm_open_handlers["jupyter.widget"] = lambda _: None
    EXECUTED.mkdir(parents=True, exist_ok=True)
    start, memory, log = time.perf_counter(), PeakMemory(), executed_path(page).with_suffix(".log")
    print(f"{announce}: executing", flush=True)
    try:
        with memory, tempfile.TemporaryDirectory(prefix="upright-ipython-") as folder, log.open("w") as stderr:
            # A reader's own IPython start-up files must not change what the book shows. What the kernel says outside of
            # its cells, such as Ray's farewell when it is stopped, goes into a file.
            # A chapter starts a Ray of its own, whatever cluster runs on this machine already.
            settings = {"IPYTHONDIR": folder, "PYTHONHASHSEED": "0", "RAY_ADDRESS": "local"}
            client.execute(env={**os.environ, **settings}, stderr=stderr)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        failed = executed_path(page).with_suffix(".failed.ipynb")
        nbformat.write(notebook, failed)
        raise ChapterError(_failure(page, source_map[started[-1]] + 1, started[-1], error, failed)) from error
    except RuntimeError as error:
        if started:
            raise
        reason = f"its kernel did not start ({error})"
        rest = f"Close what keeps the machine busy and run the command again; the kernel's log: {log.relative_to(ROOT)}"
        raise ChapterError(f"{page}.md: {reason}. {rest}") from error
    notebook.metadata.source_map = source_map
    if claims:
        notebook.metadata.claims = claims
    notebook.metadata.upright = {
        "fingerprint": key,
        "seconds": round(time.perf_counter() - start, 2),
        "peak_memory": memory.peak,
        "executed": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _prepare_for_the_page(notebook)
    temporary = executed_path(page).with_suffix(".tmp")
    nbformat.write(notebook, temporary)
    temporary.rename(executed_path(page))
    return notebook


def _prepare_for_the_page(notebook: nbformat.NotebookNode) -> None:
    """Drop the outputs of `kernel-only` cells, dead controls on a page, and what of a widget no figure needs."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            if "kernel-only" in cell.metadata.get("tags", []):
                cell.outputs = []
            cell.outputs = _joined(cell.outputs)
    models = notebook.metadata.pop("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    kept = {model: _of_the_figure(models[model]) for model in _shown(notebook) if model in models}
    if kept:
        notebook.metadata.widgets = {WIDGET_STATE: {"version_major": 2, "version_minor": 0, "state": kept}}


def _shown(notebook: nbformat.NotebookNode) -> list[str]:
    """The models of the widgets that the outputs show."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    views = [output.get("data", {}).get(WIDGET_VIEW) for output in outputs]
    return [view["model_id"] for view in views if view]


def _of_the_figure(model: dict) -> dict:
    """A figure's own traits: its module, its style and ipywidgets' settings are no part of what a page draws."""
    own = {name: value for name, value in model["state"].items() if name not in WIDGET_SETTINGS and name[0] != "_"}
    return {**model, "state": {**own, "_anywidget_id": model["state"].get("_anywidget_id", "")}}


def _joined(found: list) -> list:
    """Neighbouring pieces of one stream as one output: how a stream was cut up is an accident of timing."""
    joined: list = []
    for output in found:
        last = joined[-1] if joined else None
        if output.output_type == "stream" and last and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _announcer(announce: str, notebook: nbformat.NotebookNode):  # type: ignore[no-untyped-def]
    """On a terminal, show which cell is running."""
    if not (announce and sys.stdout.isatty()):
        return None
    total = len(notebook.cells)

    def show(cell: nbformat.NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "code":
            print(f"\r{announce}: cell {cell_index + 1} of {total}\033[K\r", end="", flush=True)

    return show


def _failure(page: str, line: int, index: int, error: Exception, failed: Path) -> str:
    if isinstance(error, CellExecutionError):
        first = next(iter(error.evalue.splitlines()), "")
        reason = f"raised {error.ename}: {first.rstrip('.')}"
    elif isinstance(error, CellTimeoutError):
        reason = f"ran for more than {CELL_TIMEOUT} s"
    else:
        reason = "lost its kernel (often: out of memory)"
    where = f"{page}.md, line {line} (cell {index + 1})"
    return (
        f"{where}: the code {reason}. Mend the cell and run the command again; all outputs: {failed.relative_to(ROOT)}"
    )


class PeakMemory:
    """Within a `with` block, the largest memory in bytes of this process's descendants together, read every 0.5 s.

    On Linux a page that processes share counts once (PSS); elsewhere shared pages count in each (RSS).
    """

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.5):
            self.peak = max(self.peak, sum(map(_memory, psutil.Process().children(recursive=True))))


def _memory(process: psutil.Process) -> int:
    try:
        info = process.memory_full_info()
        return int(getattr(info, "pss", info.rss))
    except psutil.Error:
        return 0


def main(arguments: list[str]) -> int:
    names = [name if "/" in name else f"book/{name}" for name in arguments]
    try:
        execute_all([name.removesuffix(".md") for name in names] or chapters())
    except ChapterError as error:
        print(f"upright: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
