"""The `build-status` directive: versions, hardware and each chapter's run time, as the build recorded them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

RECORD = "_build/status.json"
CHECKS = "tests/check.json"


class BuildStatus(SphinxDirective):
    """Two tables; a sentence instead where the book was built without `make book`."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.app.srcdir)
        record = root / RECORD
        self.env.note_dependency(str(record))
        self.env.note_dependency(str(root / CHECKS))
        if not record.is_file():
            return [nodes.paragraph("", "This copy was not built by make book, so nothing was recorded.")]
        status = json.loads(record.read_text(encoding="utf-8"))
        found: list[nodes.Node] = [
            _table("Machine and versions", ["What", "Value"], status["machine"]),
            _table("Chapters", ["Chapter", "Seconds", "Peak memory", "Executed (UTC)"], status["chapters"]),
        ]
        if (root / CHECKS).is_file():
            checks = json.loads((root / CHECKS).read_text(encoding="utf-8"))
            rows = [[name, result["outcome"], result["date"], result["detail"]] for name, result in checks.items()]
            found.append(_table("Last long checks (make check)", ["Check", "Outcome", "Date", "Detail"], rows))
        else:
            found.append(nodes.paragraph("", "The long checks (make check) have not been recorded yet."))
        return found


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
