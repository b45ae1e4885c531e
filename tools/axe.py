"""What axe-core finds on every page of the built site, light and dark.

    python -m tools.axe [--json FILE]

Prints a table. Exit code 1 when a rule fails on a page. What this does not show: whether a page can be understood; a
program finds a part of what a person would.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tools import book, serve
from tools.chapters import ROOT, pages

SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark")
FLAGS = ["--no-sandbox", "--disable-gpu"]


def violations(page: Page, *rules: str) -> list[str]:
    """What axe-core finds on an open page: a line for each rule that fails, with its first places.

    rules: names of axe-core's, such as color-contrast; without one it asks about all that its defaults have.
    """
    page.add_script_tag(content=SCRIPT.read_text(encoding="utf-8"))
    asked = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    run = "asked => axe.run(document, asked).then(result => result.violations)"
    found: list[dict[str, Any]] = page.evaluate(run, asked)
    return [
        f"{rule['id']}: {rule['help']}: " + "; ".join(str(node["html"])[:160] for node in rule["nodes"][:4])
        for rule in found
    ]


def measure(address: str, names: list[str]) -> dict[str, dict[str, list[str]]]:
    """The violations of each page, by page and theme; prints a line for each page."""
    rows: dict[str, dict[str, list[str]]] = {}
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for name in names:
            rows[name] = {}
            for theme in THEMES:
                page = browser.new_page(color_scheme="dark" if theme == "dark" else "light")
                page.goto(f"{address}/{name}.html", wait_until="networkidle")
                rows[name][theme] = violations(page)
                page.close()
            print(f"{name:24}" + "".join(f"{len(rows[name][theme]):8}" for theme in THEMES), flush=True)
        browser.close()
    return rows


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.axe")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    server = serve.listen(book.SITE, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{'page':24}" + "".join(f"{theme:>8}" for theme in THEMES))
    rows = measure(f"http://{serve.HOST}:{server.server_port}", [*pages(), "search", "genindex", "404"])
    server.shutdown()
    if asked.json:
        package = json.loads((SCRIPT.parent / "package.json").read_text(encoding="utf-8"))
        provenance = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "command": " ".join(["python -m tools.axe", *arguments]),
            "axe-core": package["version"],
        }
        asked.json.write_text(json.dumps({"provenance": provenance, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    failed = [line for row in rows.values() for theme in THEMES for line in row[theme]]
    print("\n".join(failed) if failed else "No rule of axe-core fails.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
