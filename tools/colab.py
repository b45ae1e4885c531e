"""Run the published notebooks as Colab would: its Python, its versions, and what the first cell installs, no more.

    python -m tools.colab [--json FILE [--again]] [NAME ...]    default: every chapter and every lab with its solution

Builds an environment with the versions of tools/colab_facts.json (packages that matter to the course; not all that
Colab has), serves the built site, and runs each notebook from top to bottom in a fresh copy of that environment, with
a stand-in for `google.colab`. Checks: no error; no restart needed, which means that no package changes its version
after a module of it was imported; and no conflict of versions that was not there before, but for those of packages that
are known to change; and no other package of Colab's changes.

Colab's Python is found as python3.13 on PATH, or UPRIGHT_COLAB_PYTHON names it. What passed is not run again until the
notebook, what the wheel brings for it, or the facts change, or --again is given. Exit code 1 when a notebook fails, 2
when the environment cannot be built or a NAME is not known.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from extensions.repository import site_url
from tools import book, canary, colab_environment, labs, serve
from tools.chapters import BUILD, ROOT, chapters
from upright.recording import cpu_name

NOTEBOOKS = BUILD / "notebooks"
TIMEOUT = 900  # seconds for one cell
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# In the notebook's own kernel, before and after the cell that installs.
LOADED = """
import json as _json, sys as _sys, importlib.metadata as _metadata
_names = _metadata.packages_distributions()
_loaded = sorted({d for m in list(_sys.modules) if "." not in m for d in _names.get(m, [])})
print(_json.dumps({d: _metadata.version(d) for d in _loaded}))
"""
VERSIONS = """
print(_json.dumps({d: _metadata.version(d) for d in _loaded}))
del _json, _sys, _metadata, _names, _loaded
"""


def published(page: str, address: str) -> nbformat.NotebookNode:
    """The notebook of a page as a student opens it; a lab, with its solution. Its site is the one at `address`."""
    if page.startswith("labs/"):
        notebook = labs.instructor_notebook(labs.SOLUTIONS / f"{Path(page).name}.md")
    else:
        notebook = nbformat.read(NOTEBOOKS / f"{page}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(site_url(), address)
    return notebook


def fingerprint(page: str) -> str:
    """A hash of what the outcome depends on: the notebook, what the wheel brings for it, and Colab's facts."""
    digest = hashlib.sha256(nbformat.writes(published(page, "site")).encode())
    parts = sorted(path for path in (ROOT / "upright").rglob("*.*") if path.suffix in (".py", ".js", ".css"))
    for path in [*parts, ROOT / "pyproject.toml", canary.FACTS]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def run(page: str, address: str, base: Path) -> dict[str, Any]:
    """Run one notebook in a fresh copy of the environment, and tell how it went."""
    notebook = published(page, address)
    install = notebook.cells[0]
    probes = [nbformat.v4.new_code_cell(source) for source in (LOADED, VERSIONS)]
    notebook.cells[0:1] = [probes[0], install, probes[1]]
    outcome, error, began = "passed", "", time.perf_counter()
    with colab_environment.copy(base) as environment:
        report = environment.root / "pip.json"
        before, colabs = environment.conflicts(), environment.versions(tuple(canary.facts()["packages"]))
        try:
            client = NotebookClient(
                notebook,
                timeout=TIMEOUT,
                kernel_name=environment.kernel({"PIP_REPORT": str(report)}),
                record_timing=True,
            )
            client.execute(cwd=str(environment.root))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as reason:
            outcome, error = "failed", COLOUR.sub("", str(reason))[-2000:]
        seconds = time.perf_counter() - began
        conflicts = [line for line in environment.conflicts() if line not in before]
        downloaded = megabytes(json.loads(report.read_text(encoding="utf-8"))) if report.exists() else 0.0
        versions = environment.versions(("gymnasium", "ray", "numpy", "ipywidgets", "torch"))
        there = environment.versions(tuple(colabs))
    restart = changed(*(printed(probe) for probe in probes))
    known = canary.facts()["changed"]
    strange = [line for line in conflicts if not any(name in line for name in known)]
    strange += [f"Colab's {line}" for line in changed(colabs, there) if line.split()[0] not in known]
    if outcome == "passed" and (restart or strange):
        outcome, error = "failed", "; ".join([*(f"restart needed: {each}" for each in restart), *strange])
    return {
        "outcome": outcome,
        "error": error,
        "seconds": round(seconds, 1),
        "install_seconds": round(took(install), 1),
        "download_megabytes": round(downloaded, 1),
        "conflicts": conflicts,
        "versions": versions,
    }


def printed(cell: nbformat.NotebookNode) -> dict[str, str]:
    text = "".join(output.get("text", "") for output in cell.get("outputs", []))
    found: dict[str, str] = json.loads(text) if text else {}
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Packages that were imported in one version and now have another: Colab would ask for a restart."""
    return [
        f"{name} {before[name]} -> {after[name]}" for name in before if name in after and before[name] != after[name]
    ]


def took(cell: nbformat.NotebookNode) -> float:
    """How long a cell ran, in seconds."""
    times = cell.metadata.get("execution", {})
    if "shell.execute_reply" not in times or "iopub.status.busy" not in times:
        return 0.0
    begin, end = (datetime.fromisoformat(times[key]) for key in ("iopub.status.busy", "shell.execute_reply"))
    return (end - begin).total_seconds()


def megabytes(report: dict[str, Any]) -> float:
    """The size of all files that pip installed, by its report: from the network, its cache or a folder."""
    total = 0
    for item in report["install"]:
        with urllib.request.urlopen(item["download_info"]["url"], timeout=60) as answer:
            total += int(answer.headers["Content-Length"] or len(answer.read()))
    return total / 1e6


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.colab")
    parser.add_argument("--json", type=Path, help="keep the outcomes here, and do not run again what passed")
    parser.add_argument("--again", action="store_true", help="run again what passed: what pip finds may have changed")
    parser.add_argument("names", nargs="*", metavar="NAME")
    chosen = parser.parse_args(arguments)
    every = [*chapters(), *(f"labs/{source.stem}" for source in labs.sources())]
    unknown = sorted(set(chosen.names) - {Path(page).name for page in every})
    if unknown:
        told = ", ".join(Path(page).name for page in every)
        print(f"upright: no chapter or lab is called {', '.join(unknown)}; there are {told}.", file=sys.stderr)
        return 2
    pages = [page for page in every if not chosen.names or Path(page).name in chosen.names]
    if book.main() != 0:
        return 1
    try:
        base = colab_environment.build(canary.facts())
    except colab_environment.CannotBuild as reason:
        print(f"upright: {reason}", file=sys.stderr)
        return 2
    server = serve.listen(book.SITE, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows = run_all(pages, f"http://{serve.HOST}:{server.server_port}", base, chosen.json, chosen.again)
    server.shutdown()
    failed = [page for page in pages if rows[page]["outcome"] != "passed"]
    print(f"{len(pages) - len(failed)} of {len(pages)} notebooks run on Colab as it was on {canary.facts()['date']}")
    return 1 if failed else 0


def run_all(pages: list[str], address: str, base: Path, record: Path | None, again: bool) -> dict[str, Any]:
    """The outcome of each page; kept in `record` as soon as it is known."""
    kept = json.loads(record.read_text(encoding="utf-8")) if record and record.exists() else {}
    rows: dict[str, Any] = kept.get("rows", {})
    for number, page in enumerate(pages, 1):
        name, key = f"[{number:2}/{len(pages)}] {Path(page).name}", fingerprint(page)
        before = rows.get(page, {})
        if not again and before.get("fingerprint") == key and before["outcome"] == "passed":
            print(f"{name}: passed on {before['date']}, nothing changed since", flush=True)
            continue
        print(f"{name}: running", flush=True)
        row = run(page, address, base)
        rows[page] = {**row, "date": datetime.now(UTC).strftime("%Y-%m-%d"), "fingerprint": key}
        told = f"{row['seconds']} s, {row['install_seconds']} s of it to install {row['download_megabytes']} MB"
        print(f"{name}: {row['outcome']} in {told}. {row['error']}", flush=True)
        if record:
            data = {"provenance": provenance(base), "rows": rows}
            record.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return rows


def provenance(base: Path) -> dict[str, Any]:
    python = subprocess.check_output([base / "bin" / "python", "--version"], text=True).split()[1]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": "python -m tools.colab --json tests/colab.json",
        "hardware": f"{cpu_name()}, {os.cpu_count()} cores",
        "colab": canary.facts()["date"],
        "python": python,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
