"""What Colab would do is done with the published notebooks: here the parts, in `make colab` the whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tools import book, canary, colab, colab_environment, labs, serve
from tools.chapters import ROOT, chapters


def test_what_pip_installed_is_summed_from_its_report_wherever_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"x" * 3_000_000)
    (tmp_path / "b.whl").write_bytes(b"x" * 500_000)
    items = [{"download_info": {"url": (tmp_path / name).as_uri()}} for name in ("a.whl", "b.whl")]
    assert colab.megabytes({"install": items}) == pytest.approx(3.5)
    assert colab.megabytes({"install": []}) == 0.0


def test_a_package_that_changed_after_it_was_imported_needs_a_restart() -> None:
    before = {"numpy": "2.1.3", "gymnasium": "1.3.0", "gone": "1"}
    assert colab.changed(before, {"numpy": "2.1.3", "gymnasium": "1.2.2"}) == ["gymnasium 1.3.0 -> 1.2.2"]


def test_a_published_notebook_installs_from_the_site_as_served() -> None:
    notebook = colab.published("labs/lab1_episodes", "http://127.0.0.1:9")
    assert '"http://127.0.0.1:9/upright-' in notebook.cells[0].source
    assert "github.io" not in notebook.cells[0].source
    assert any("total += float(reward)" in cell.source for cell in notebook.cells), "a lab has its solution"


def test_the_probes_tell_the_versions_of_what_is_imported() -> None:
    code = f"import numpy\n{colab.LOADED}\n{colab.VERSIONS}"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    before, after = (json.loads(line) for line in said.splitlines())
    assert before == after
    assert before["numpy"]


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small environment of this Python, with the stand-in."""
    monkeypatch.setattr(colab_environment, "FOLDER", tmp_path)
    made = colab_environment.uv("venv", "--python", sys.executable, str(tmp_path / "base"))
    assert made.returncode == 0, made.stderr
    colab_environment.stand_in(tmp_path / "base")
    return tmp_path / "base"


def test_a_copy_is_an_environment_of_its_own_and_goes_away(base: Path) -> None:
    with colab_environment.copy(base) as environment:
        said = subprocess.check_output([environment.python, "-c", "import sys; print(sys.prefix)"], text=True)
        assert said.strip() == str(environment.root)
        (next(environment.root.glob("lib/python*/site-packages")) / "new.py").write_text("")
    assert not environment.root.exists()
    assert not list(base.rglob("new.py"))


def test_a_notebook_finds_the_stand_in_for_googles_package(base: Path) -> None:
    code = "import google.colab; google.colab.output.enable_custom_widget_manager(); print('on Colab')"
    said = subprocess.check_output([base / "bin" / "python", "-c", code], text=True, env=colab_environment.alone())
    assert said == "on Colab\n"


def test_the_kernel_imports_googles_package_first_and_none_of_our_packages(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "")
    (packages,) = base.glob("lib/python*/site-packages")
    (packages / "numpy").mkdir()
    with colab_environment.copy(base) as environment:
        name = environment.kernel({"PIP_REPORT": "log"})
        spec = json.loads((Path(os.environ["JUPYTER_PATH"]) / "kernels" / name / "kernel.json").read_text())
    assert spec["argv"][-1] == "--IPKernelApp.exec_lines=import google.colab, numpy"
    assert spec["env"] == {"PYTHONPATH": "", "PIP_REPORT": "log"}


def test_without_colabs_python_a_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colab_environment, "FOLDER", tmp_path / "colab")
    monkeypatch.setenv("UPRIGHT_COLAB_PYTHON", str(tmp_path / "no-python"))
    facts = {"date": "2026-08-19", "python": "3.13", "packages": {}}
    with pytest.raises(colab_environment.CannotBuild, match=r"no Python 3\.13 .*UPRIGHT_COLAB_PYTHON=/path/to/python"):
        colab_environment.build(facts)
    assert not (tmp_path / "colab" / "facts.json").exists(), "the next run tries again"


THING = "thing-2.0-py3-none-any.whl"
INSTALL = """import sys
if "google.colab" in sys.modules:
    %pip install --quiet --no-index "{site}/{thing}\""""


def write_thing(folder: Path, version: str) -> list[str]:
    """An installed package `thing` of this version, below `folder`. Returns its files."""
    texts = {
        "thing.py": f"version = {version}",
        f"thing-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: thing\nVersion: {version}\n",
        f"thing-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"thing-{version}.dist-info/top_level.txt": "thing\n",
    }
    record = f"thing-{version}.dist-info/RECORD"
    texts[record] = "".join(f"{name},,\n" for name in [*texts, record])
    (folder / f"thing-{version}.dist-info").mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(texts)


@pytest.fixture
def address(base: Path, tmp_path: Path) -> Iterator[str]:
    """A site that serves thing 2.0; the environment has thing 1.0, and for the rest what these tests run with."""
    (packages,) = base.glob("lib/python*/site-packages")
    write_thing(packages, "1.0")
    (packages / "rest.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    site = tmp_path / "site"
    files = write_thing(site, "2.0")
    with zipfile.ZipFile(site / THING, "w") as archive:
        for name in files:
            archive.write(site / name, name)
    server = serve.listen(site, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{serve.HOST}:{server.server_port}"
    server.shutdown()
    server.server_close()


def ran(base: Path, address: str, monkeypatch: pytest.MonkeyPatch, known: list[str], *cells: str) -> dict[str, Any]:
    """Run a notebook whose first cell installs thing 2.0; thing is Colab's, and `known` are those that change."""
    sources = [INSTALL.format(site=address, thing=THING), *cells]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    monkeypatch.setattr(colab, "published", lambda page, address: notebook)
    monkeypatch.setattr(canary, "facts", lambda: {"packages": {"thing": "1.0"}, "changed": known})
    monkeypatch.setenv("JUPYTER_PATH", "")
    return colab.run("book/thing", address, base)


def test_a_notebook_runs_with_what_its_first_cell_installed_on_a_machine_of_its_own(
    base: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ran(base, address, monkeypatch, ["thing"], "import thing\nassert thing.version == 2")
    assert (row["outcome"], row["error"]) == ("passed", "")
    assert row["seconds"] >= row["install_seconds"] > 0
    assert row["download_megabytes"] == 0.0, "a kilobyte"
    assert (next(base.glob("lib/python*/site-packages")) / "thing.py").read_text() == "version = 1.0"


def test_a_package_of_colabs_that_nobody_expects_to_change_is_a_failure(
    base: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ran(base, address, monkeypatch, [], "x = 1")
    assert (row["outcome"], row["error"]) == ("failed", "Colab's thing 1.0 -> 2.0")


@pytest.mark.slow
def test_a_cell_that_raises_is_a_failure_with_its_error_in_plain_text(
    base: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ran(base, address, monkeypatch, ["thing"], "raise ValueError('not here')")
    assert row["outcome"] == "failed"
    assert "ValueError: not here" in row["error"]
    assert "\x1b" not in row["error"]


def test_a_page_that_passed_is_skipped_until_it_changes_or_all_are_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    row = {"outcome": "passed", "error": "", "seconds": 1.0, "install_seconds": 1.0, "download_megabytes": 1.0}

    def run(page: str, address: str, base: Path) -> dict[str, Any]:
        ran.append(page)
        return dict(row)

    monkeypatch.setattr(colab, "run", run)
    monkeypatch.setattr(colab, "provenance", lambda base: {})
    keys = {"book/a": "1", "book/b": "1"}
    monkeypatch.setattr(colab, "fingerprint", keys.__getitem__)

    def run_all(again: bool = False) -> list[str]:
        ran.clear()
        colab.run_all(list(keys), "http://site", tmp_path, tmp_path / "record.json", again)
        return list(ran)

    assert run_all() == ["book/a", "book/b"]
    keys["book/b"] = "2"
    assert run_all() == ["book/b"]
    assert run_all() == []
    assert run_all(again=True) == ["book/a", "book/b"]


def test_the_command_hands_on_what_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def run_all(pages: list[str], address: str, base: Path, record: Path | None, again: bool) -> dict[str, Any]:
        asked.append(again)
        return {page: {"outcome": "passed"} for page in pages}

    monkeypatch.setattr(book, "main", lambda: 0)
    monkeypatch.setattr(colab_environment, "build", lambda facts: tmp_path)
    monkeypatch.setattr(colab, "run_all", run_all)
    assert colab.main(["--again", "ppo"]) == 0
    assert colab.main(["ppo"]) == 0
    assert asked == [True, False]


def test_a_name_that_is_no_page_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert colab.main(["ppoo"]) == 2
    assert "no chapter or lab is called ppoo; there are what_is_rl" in capsys.readouterr().err


def test_the_record_is_of_pages_that_there_are_and_none_of_them_failed() -> None:
    record = json.loads((ROOT / "tests" / "colab.json").read_text(encoding="utf-8"))
    every = {*chapters(), *(f"labs/{source.stem}" for source in labs.sources())}
    assert record["rows"].keys() <= every  # who adds a page has not run it on Colab yet, and it says so
    assert {page: row["error"] for page, row in record["rows"].items() if row["outcome"] != "passed"} == {}
