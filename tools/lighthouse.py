"""Lighthouse's scores of pages, with its mobile preset, against the server that `make serve` uses.

    python -m tools.lighthouse [--build] [--only CATEGORY,...] [--json FILE] [PAGE ...]

PAGE as in _toc.yml; default: all. --build makes the book first.

Prints a table. A page below 95 is measured twice more, and the median counts. Exit code 1 when a score is below 95.

What this does not show: a real phone and network. Lighthouse computes their effect from what it saw here, and
a machine that does other work beside makes every page look slower.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools import book, serve
from tools.chapters import ROOT, pages
from upright.recording import cpu_name

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
ENOUGH = 95
PROGRAM = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
CHROME_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-component-update"


def scores(address: str, categories: tuple[str, ...] = CATEGORIES) -> dict[str, int]:
    """Lighthouse's scores of one page, 0 to 100. Raises RuntimeError with its message when it does not run."""
    found = _report(address, categories)["categories"]
    return {name: round(100 * (found[name]["score"] or 0)) for name in categories}


def _report(address: str, categories: tuple[str, ...]) -> dict[str, Any]:
    browser = shutil.which("chromium") or shutil.which("google-chrome") or ""
    node = Path(sys.executable).with_name("node")
    with tempfile.TemporaryDirectory(prefix="upright-lighthouse-") as folder:
        report = Path(folder) / "report.json"
        command = [str(node), str(PROGRAM), address, "--quiet", "--output=json", f"--output-path={report}"]
        command += [f"--only-categories={','.join(categories)}", f"--chrome-flags={CHROME_FLAGS}"]
        environment = {**os.environ, "CHROME_PATH": browser}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0 or not report.is_file():
            raise RuntimeError(f"{address}: Lighthouse did not run: {done.stderr.strip()[-500:]}")
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def provenance(arguments: list[str]) -> dict[str, Any]:
    package = json.loads((PROGRAM.parents[1] / "package.json").read_text(encoding="utf-8"))
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": " ".join(["python -m tools.lighthouse", *arguments]),
        "lighthouse": package["version"],
        "hardware": f"{cpu_name()}, {os.cpu_count()} cores",
    }


def failures(address: str) -> list[str]:
    """What costs a page points in the categories without a clock, one line each. Raises RuntimeError."""
    categories = CATEGORIES[1:]
    report = _report(address, categories)
    weighed = {ref["id"] for name in categories for ref in report["categories"][name]["auditRefs"] if ref["weight"]}
    audits = [report["audits"][name] for name in sorted(weighed)]
    return [f"{audit['id']}: {audit['title']}" for audit in audits if audit["score"] not in (None, 1)]


def median_scores(address: str, categories: tuple[str, ...]) -> dict[str, int]:
    """Scores of one run, or the medians of three where that one is not enough: another program may have been busy."""
    runs = [scores(address, categories)]
    if min(runs[0].values()) < ENOUGH:
        runs += [scores(address, categories) for _ in range(2)]
    return {name: round(statistics.median(run[name] for run in runs)) for name in categories}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.lighthouse")
    parser.add_argument("--only", default=",".join(CATEGORIES))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("pages", nargs="*", default=None)
    asked = parser.parse_args(arguments)
    categories = tuple(asked.only.split(","))
    if asked.build and book.main() != 0:
        return 1
    server = serve.listen(book.SITE, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows = {}
    print(f"{'page':24}" + "".join(f"{name:>16}" for name in categories))
    for page in asked.pages or pages():
        rows[page] = median_scores(f"http://{serve.HOST}:{server.server_port}/{page}.html", categories)
        print(f"{page:24}" + "".join(f"{rows[page][name]:16}" for name in categories), flush=True)
    server.shutdown()
    if asked.json:
        record = {"provenance": provenance(arguments), "rows": rows}
        asked.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return int(any(score < ENOUGH for row in rows.values() for score in row.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
