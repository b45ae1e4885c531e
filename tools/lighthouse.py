"""Lighthouse's scores of pages, with its mobile preset, against the server that `make serve` uses.

    python -m tools.lighthouse [--only CATEGORY,...] [--json FILE] [PAGE ...]       PAGE as in _toc.yml; default: all

Prints a table. Exit code 1 when a score is below 95.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
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
        found = json.loads(report.read_text(encoding="utf-8"))
    return {name: round(100 * (found["categories"][name]["score"] or 0)) for name in categories}


def provenance(arguments: list[str]) -> dict[str, Any]:
    package = json.loads((PROGRAM.parents[1] / "package.json").read_text(encoding="utf-8"))
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": " ".join(["python -m tools.lighthouse", *arguments]),
        "lighthouse": package["version"],
        "hardware": f"{cpu_name()}, {os.cpu_count()} cores",
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.lighthouse")
    parser.add_argument("--only", default=",".join(CATEGORIES))
    parser.add_argument("--json", type=Path)
    parser.add_argument("pages", nargs="*", default=None)
    asked = parser.parse_args(arguments)
    categories = tuple(asked.only.split(","))
    server = serve.listen(book.SITE, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows = {}
    print(f"{'page':24}" + "".join(f"{name:>16}" for name in categories))
    for page in asked.pages or pages():
        rows[page] = scores(f"http://{serve.HOST}:{server.server_port}/{page}.html", categories)
        print(f"{page:24}" + "".join(f"{rows[page][name]:16}" for name in categories), flush=True)
    server.shutdown()
    if asked.json:
        record = {"provenance": provenance(arguments), "rows": rows}
        asked.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return int(any(score < ENOUGH for row in rows.values() for score in row.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
