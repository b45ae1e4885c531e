"""Follow every link of the book to other sites, with Sphinx's linkcheck.

    python -m tools.links [--json FILE]

Prints the links that lead nowhere, each with its page, and writes them into _build/links.md, as text for an issue.
Exit code 0: all lead somewhere; 1: some do not, or the book cannot be built; 2: no other site was reached, so nothing
is known. The text for an issue then says so.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools import book
from tools.chapters import BUILD, ROOT

OUTPUT = BUILD / "linkcheck"
REPORT = BUILD / "links.md"
FINE = ("working", "redirected")
NOT_ASKED = ("unchecked", "ignored", "local")


def follow() -> list[dict[str, Any]]:
    """What linkcheck says of each link: filename, lineno, status, code, uri and info."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    program = str(Path(sys.executable).with_name("jupyter-book"))
    command = [program, "build", str(ROOT), "--path-output", str(OUTPUT), "--builder", "linkcheck", "--quiet"]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = next(OUTPUT.rglob("output.json"), None)
    lines = found.read_text(encoding="utf-8").splitlines() if found else []
    return [json.loads(line) for line in lines]


def split(links: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The links that were asked, and those of them that lead nowhere, each address once."""
    asked = {link["uri"]: link for link in links if link["status"] not in NOT_ASKED}
    broken = {uri: link for uri, link in asked.items() if link["status"] not in FINE}
    return list(asked.values()), list(broken.values())


def line(link: dict[str, Any]) -> str:
    reason = " ".join(str(link["info"]).split())[:200] or link["status"]
    return f"- {link['uri']} in `{link['filename']}`, line {link['lineno']}: {reason}"


def write(text: str) -> None:
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.links")
    parser.add_argument("--json", type=Path, help="record how many links were followed, for the status page")
    chosen = parser.parse_args(arguments)
    REPORT.unlink(missing_ok=True)
    if book.main() != 0:
        write("The book cannot be built, so no link of it was followed.")
        return 1
    asked, broken = split(follow())
    if len(broken) == len(asked):
        print("upright: no other site was reached, so nothing is known of the links.", file=sys.stderr)
        write("No other site was reached, so nothing is known of the links.")
        return 2
    if broken:
        text = "\n".join(map(line, broken))
        print(text)
        write(f"These links of the book lead nowhere:\n\n{text}")
    if chosen.json:
        date = datetime.now(UTC).strftime("%Y-%m-%d")
        record = {"date": date, "followed": len(asked), "broken": [link["uri"] for link in broken]}
        chosen.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"{len(asked)} links were followed, {len(broken)} lead nowhere")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
