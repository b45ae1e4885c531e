"""The `build-status` directive: versions, hardware, run times and what was measured on the pages, from the records.

What was not recorded is shown as missing.
"""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tools import check

if TYPE_CHECKING:
    from sphinx.application import Sphinx

RECORD = "_build/status.json"
CHECKS = "tests/check.json"
LIGHTHOUSE = "benchmarks/lighthouse.json"
AXE = "benchmarks/axe.json"
LINKS = "tests/links.json"
COLAB = "tests/colab.json"
SCORES = {
    "performance": "Performance",
    "accessibility": "Accessibility",
    "best-practices": "Practices",
    "seo": "SEO",
}
MISSING = "missing"
CHAPTERS = ["Chapter", "Seconds", "Peak memory", "Executed (UTC)", "Cache key"]
KEYS = "A chapter is executed again when its key changes: a hash of all that its outputs depend on."


class BuildStatus(SphinxDirective):
    """Tables; a sentence in the place of each that has no record."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.app.srcdir)
        names = (RECORD, CHECKS, LIGHTHOUSE, AXE, LINKS, COLAB)
        record, checks, lighthouse, axe, links, colab = (self.record(root / name) for name in names)
        if not record:
            return [nodes.paragraph("", "This copy was not built by make book, so nothing was recorded.")]
        return [
            _table("Machine and versions", ["What", "Value"], record["machine"]),
            _table("Chapters", CHAPTERS, record["chapters"]),
            nodes.paragraph("", KEYS),
            *_checks(checks, _fingerprints()),
            *_pages(lighthouse, axe),
            *_colab(colab),
            nodes.paragraph("", _links(links)),
        ]

    def record(self, path: Path) -> dict[str, Any]:
        """What a recording holds; empty if there is none. The page is made anew when it changes."""
        self.env.note_dependency(str(path))
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return found


def _fingerprints() -> dict[str, str]:
    """What each long check depends on, as it is today; empty outside of a git checkout."""
    try:
        return {name: check.fingerprint(each) for name, each in check.CHECKS.items()}
    except (OSError, CalledProcessError):
        return {}


def _checks(checks: dict[str, Any], today: dict[str, str]) -> list[nodes.Node]:
    """The last outcome of each long check, and whether its files are still those of that day."""
    if not checks:
        return [nodes.paragraph("", "The long checks (make check) have not been recorded yet.")]
    rows = []
    for name in check.CHECKS:
        result = checks.get(name, {"outcome": MISSING, "date": MISSING, "detail": ""})
        changed = name in today and result.get("fingerprint", today[name]) != today[name]
        outcome = f"{result['outcome']}; files changed since" if changed else result["outcome"]
        rows.append([name, outcome, result["date"], result["detail"]])
    return [_table("Last long checks (make check)", ["Check", "Outcome", "Date", "Detail"], rows)]


def _links(links: dict[str, Any]) -> str:
    if not links:
        return f"Links to other sites: {MISSING}. They have not been followed yet (make links)."
    return f"Of {links['followed']} links to other sites {len(links['broken'])} led nowhere on {links['date']}."


def _pages(lighthouse: dict[str, Any], axe: dict[str, Any]) -> list[nodes.Node]:
    """Lighthouse's scores, and how many rules of axe-core fail, for each page."""
    scores, failed = lighthouse.get("rows", {}), axe.get("rows", {})
    if not scores and not failed:
        return [nodes.paragraph("", "Lighthouse and axe-core have not been recorded yet (make check).")]
    rows = []
    for page in {**scores, **failed}:
        found = failed.get(page, {})
        rules = sum(map(len, found.values())) if {"light", "dark"} <= found.keys() else MISSING
        rows.append([Path(page).name, *(scores.get(page, {}).get(each, MISSING) for each in SCORES), rules])
    header = ["Page", *SCORES.values(), "Axe"]
    told = [
        f"{name} {found['provenance'][key]} of {found['provenance']['date']}" if found else f"{name}: {MISSING}"
        for name, key, found in (("Lighthouse", "lighthouse", lighthouse), ("axe-core", "axe-core", axe))
    ]
    sentence = f"{'; '.join(told)}. Scores go from 0 to 100; Axe is how many rules fail, light and dark."
    return [_table("Pages", header, rows), nodes.paragraph("", sentence)]


def _colab(record: dict[str, Any]) -> list[nodes.Node]:
    """How each chapter and lab ran as on Colab, and what its first cell took."""
    if not record:
        return [nodes.paragraph("", "Nothing has been run as on Colab yet (make colab).")]
    header = ["Page", "Outcome", "Date", "Seconds", "First cell", "Download"]
    rows = [
        [
            Path(page).name,
            *(row[name] for name in ("outcome", "date", "seconds")),
            f"{row['install_seconds']} s",
            f"{row['download_megabytes']} MB",
        ]
        for page, row in record["rows"].items()
    ]
    known = record["provenance"]
    told = f"Colab of {known['colab']}, simulated with Python {known['python']} on {known['hardware']}."
    return [_table("As on Colab (make colab)", header, rows), nodes.paragraph("", told)]


def _table(title: str, header: list[str], rows: list[list[Any]]) -> nodes.table:
    table = nodes.table("", nodes.title("", title), classes=["status"])
    group = nodes.tgroup(cols=len(header))
    group += [nodes.colspec(colwidth=1) for _ in header]
    group += nodes.thead("", _row(header))
    group += nodes.tbody("", *[_row(row) for row in rows])
    table += group
    return table


def _row(cells: list[Any]) -> nodes.row:
    return nodes.row("", *[nodes.entry("", nodes.paragraph("", str(cell))) for cell in cells])


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("build-status", BuildStatus)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
