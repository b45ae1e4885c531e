"""A figure in a live notebook, with a real kernel: traits go both ways, in JupyterLab and with Colab's versions."""

from __future__ import annotations

import contextlib
import json
import os
import socket
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

from tests.browser.conftest import Visit, visit
from tools import canary
from tools.chapters import BUILD, ROOT
from upright import widgets

START_SECONDS = 60
# Colab's page is Google's own; Notebook 6 is what runs widgets of its versions elsewhere.
FROZEN = canary.facts()["packages"]
COLAB = [f"{name}=={FROZEN[name]}" for name in ("ipywidgets", "anywidget", "traitlets", "ipykernel", "ipython")]
NOTEBOOK = ("notebook==6.5.7", "jupyter_client==7.4.9", "setuptools<80")
CELLS = (
    "from upright import widgets\nfigure = widgets.Discount(gamma=0.5, steps=40)\nfigure",
    'figure.gamma = 0.25\nprint("set to", figure.gamma)',
    'print("Python sees", figure.gamma)',
)

IMPORT = "import upright\nfrom upright import widgets\nupright.quiet()\n"
REPLAY = f"{IMPORT}widgets.Replay(upright.record_episode(lambda observation: 1, seed=1))"
EVERY = {name: f"{IMPORT}widgets.{name}()" for name in widgets.__all__} | {
    "Replay": REPLAY,
    "Curves": f'{IMPORT}widgets.Curves("atlas", width=16)',
}


# The figures of the course need no more of `upright` than the last three.
WANTED = "\n".join((*COLAB, *NOTEBOOK, "numpy", "pydantic", "gymnasium"))


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Notebook 6 with Colab's versions, in an environment that is made once, and again when the versions change."""
    made = BUILD / "notebook6"
    python = made / "bin" / "python"
    if not is_made(made):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(made)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *WANTED.splitlines()], check=True)
        (made / "complete").write_text(WANTED, encoding="utf-8")
    folder = tmp_path_factory.mktemp("colab")
    write_notebook(folder)
    yield from start(str(python), ["notebook"], folder)


def is_made(environment: Path) -> bool:
    """Whether the environment was made to its end, with the packages that are wanted now."""
    complete = environment / "complete"
    return complete.is_file() and complete.read_text(encoding="utf-8") == WANTED


def test_an_environment_with_other_versions_than_the_facts_name_is_made_again(tmp_path: Path) -> None:
    assert not is_made(tmp_path)
    (tmp_path / "complete").write_text(WANTED.replace(COLAB[0], "ipywidgets==0"), encoding="utf-8")
    assert not is_made(tmp_path)
    (tmp_path / "complete").write_text(WANTED, encoding="utf-8")
    assert is_made(tmp_path)


def write_notebook(folder: Path) -> None:
    (folder / "data").symlink_to(ROOT / "book" / "data")  # as beside a chapter
    for name, cells in (("figure", CELLS), ("every", EVERY.values())):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / f"{name}.ipynb")


def start(python: str, module: list[str], folder: Path) -> Iterator[str]:
    """Run a Jupyter server on loopback and give its address; its settings and its kernel, `python`, lie in `folder`."""
    kernels = {"argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "language": "python"}
    spec = folder / "jupyter-data" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps({**kernels, "display_name": "Python 3"}), encoding="utf-8")
    places = {f"JUPYTER_{kind}_DIR": str(folder / f"jupyter-{kind.lower()}") for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **places, "IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(ROOT)}
    log = (folder / "server.log").open("w")
    # Notebook 6 has the same options under another name, and takes no port 0.
    app = "NotebookApp" if module == ["notebook"] else "ServerApp"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--{app}.token=", f"--{app}.ip=127.0.0.1", f"--{app}.port={port}"]
    options += [f"--{app}.disable_check_xsrf=True"]
    server = subprocess.Popen([python, "-m", *module, *options], cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        address = _address(folder / "jupyter-runtime", folder / "server.log", server)
        _start_kernel(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _address(runtime: Path, log: Path, server: subprocess.Popen[bytes]) -> str:
    """Where the server answers, as soon as it does."""
    for _ in range(START_SECONDS * 10):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        for found in [*runtime.glob("jpserver-*.json"), *runtime.glob("nbserver-*.json")]:
            url = str(json.loads(found.read_text(encoding="utf-8"))["url"]).rstrip("/")
            # The file is there a moment before the server listens.
            with contextlib.suppress(URLError), urllib.request.urlopen(f"{url}/api"):
                return url
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def _start_kernel(address: str) -> None:
    """Start the notebook's kernel before the page asks for one: on a busy machine JupyterLab starts a second one."""
    wanted = {"path": "figure.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(f"{address}/api/sessions", json.dumps(wanted).encode(), headers)
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 201


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("lab")
    write_notebook(folder)
    options = ["--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    yield from start(sys.executable, ["jupyterlab", *options], folder)


@pytest.fixture
def notebook(chromium: Browser, lab: str) -> Iterator[Visit]:
    """The notebook, opened, with its first cell run."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    found = visit(context, lab)
    page = found.open(f"{lab}/lab/tree/figure.ipynb")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
    run(page, 0)
    page.wait_for_selector(".upright-picture .bar:visible", timeout=60_000)
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
    assert page.locator(".bar:visible").count() == 40

    run(page, 1)
    page.wait_for_selector(".jp-OutputArea-output >> text=set to 0.25")
    page.wait_for_function("document.querySelector('[data-trait=gamma]').value === '0.25'")
    assert "Return: 1.3" in page.locator(".upright-reading").inner_text()

    slider.press("ArrowRight")
    run(page, 2)
    page.wait_for_selector(".jp-OutputArea-output >> text=Python sees 0.26")
    assert notebook.foreign == []


@pytest.mark.slow
def test_a_figure_follows_python_and_python_follows_it_with_colabs_versions(chromium: Browser, colab: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    found = visit(context, colab)
    page = found.open(f"{colab}/notebooks/figure.ipynb")
    page.wait_for_selector(".kernel_idle_icon", timeout=60_000)
    page.locator(".code_cell .CodeMirror").first.click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".upright-picture .bar:visible", timeout=60_000)
    slider = page.get_by_role("slider", name="gamma")

    page.keyboard.press("Shift+Enter")
    page.wait_for_function("document.querySelector('[data-trait=gamma]').value === '0.25'")
    slider.press("ArrowRight")
    page.locator(".code_cell .CodeMirror").nth(2).click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".output_text >> text=Python sees 0.26")
    assert found.foreign == []
    context.close()


@pytest.mark.slow
def test_every_figure_is_drawn_with_colabs_versions(chromium: Browser, colab: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    found = visit(context, colab)
    page = found.open(f"{colab}/notebooks/every.ipynb")
    page.wait_for_selector(".kernel_idle_icon", timeout=60_000)
    page.locator(".code_cell .CodeMirror").first.click()
    for number, name in enumerate(EVERY):
        page.keyboard.press("Shift+Enter")
        drawn = page.locator(".code_cell").nth(number).locator(".upright")
        drawn.wait_for(timeout=60_000)
        assert drawn.locator("svg:visible, canvas:visible").count() >= 1, name
        assert drawn.get_attribute("aria-label"), name
    assert page.locator(".output_stderr, .output_error").count() == 0
    assert found.foreign == []
    context.close()
