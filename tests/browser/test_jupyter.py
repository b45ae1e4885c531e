"""A figure in a live notebook, in a real JupyterLab with a real kernel: traits go both ways."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import nbformat
import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.conftest import Visit, visit

START_SECONDS = 60
ATTEMPTS = 6
CELLS = (
    "from upright import widgets\nfigure = widgets.Discount(gamma=0.5, steps=40)\nfigure",
    'figure.gamma = 0.25\nprint("set to", figure.gamma)',
    'print("Python sees", figure.gamma)',
)


def write_notebook(folder: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "figure.ipynb")


def start(command: list[str], folder: Path) -> Iterator[str]:
    """Run a Jupyter server on loopback and give its address; its settings and its kernels lie in `folder`."""
    kernels = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "language": "python"}
    spec = folder / "data" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps({**kernels, "display_name": "Python 3"}), encoding="utf-8")
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **places, "IPYTHONDIR": str(folder / "ipython")}
    log = (folder / "server.log").open("w")
    options = ["--no-browser", "--allow-root", "--ServerApp.token=", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
    server = subprocess.Popen([*command, *options], cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield _address(folder / "runtime", folder / "server.log", server)
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _address(runtime: Path, log: Path, server: subprocess.Popen[bytes]) -> str:
    """Where the server answers, as soon as it does."""
    for _ in range(START_SECONDS * 10):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        for found in runtime.glob("*server-*.json"):
            url = str(json.loads(found.read_text(encoding="utf-8"))["url"]).rstrip("/")
            # The file is there a moment before the server listens.
            with contextlib.suppress(URLError), urllib.request.urlopen(f"{url}/api"):
                return url
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("lab")
    write_notebook(folder)
    options = ["--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    yield from start([sys.executable, "-m", "jupyterlab", *options], folder)


@pytest.fixture
def notebook(chromium: Browser, lab: str) -> Iterator[Visit]:
    """The notebook, opened, with its first cell run."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    found = visit(context, lab)
    page = found.open(f"{lab}/lab/tree/figure.ipynb")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
    for _ in range(ATTEMPTS):
        run(page, 0)
        # On a busy machine JupyterLab may exchange the kernel just after it was idle, and what ran is lost.
        with contextlib.suppress(PlaywrightTimeout):
            page.wait_for_selector(".upright-picture .bar", timeout=10_000)
            break
    yield found
    context.close()


def run(page: Page, cell: int) -> None:
    """Run the code cell at this position."""
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(cell).click()
    page.keyboard.press("Shift+Enter")


def test_a_figure_in_jupyterlab_follows_python_and_python_follows_it(notebook: Visit) -> None:
    page = notebook.page
    slider = page.get_by_role("slider", name="gamma")
    assert slider.input_value() == "0.5"
    assert page.locator(".bar").count() == 40

    run(page, 1)
    page.wait_for_selector(".jp-OutputArea-output >> text=set to 0.25")
    page.wait_for_function("document.querySelector('[data-trait=gamma]').value === '0.25'")
    assert "Return: 1.3" in page.locator(".upright-reading").inner_text()

    slider.press("ArrowRight")
    run(page, 2)
    page.wait_for_selector(".jp-OutputArea-output >> text=Python sees 0.26")
    assert notebook.foreign == []
