"""The labs' solutions and common mistakes as code that can be handed in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(?:---\n(?P<options>.*?)\n---\n|(?P<short>(?::[^\n]*\n)*))(?P<code>.*?)^```$",
    re.M | re.S,
)


@cache
def solution(lab: str) -> str:
    """The code of a lab's cells that are graded, with their solutions: what a perfect student hands in."""
    text = (ROOT / "solutions" / f"{lab}.md").read_text(encoding="utf-8")
    found = CELL.finditer(text)
    cells = [match["code"] for match in found if "demo" not in (match["options"] or "") + (match["short"] or "")]
    assert any("BEGIN SOLUTION" in cell for cell in cells), f"no solution in {lab}"
    return "\n\n".join(cells)
