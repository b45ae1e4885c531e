"""What a chapter's outputs must hold, its claims and alt texts, and what not: tracebacks, warnings, log noise."""

from __future__ import annotations

import re
from typing import Any

import nbformat

NOISE = {
    "a traceback": re.compile(r"Traceback \(most recent call last\)"),
    "a warning": re.compile(r"\b[A-Z]\w*Warning: |^WARNING\b", re.MULTILINE),
    "a line of a log": re.compile(
        r"^\x1b?\S*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*\s.*(INFO|WARNING|ERROR)"
        r"|\((raylet|autoscaler|[\w.()]* ?pid=\d)|^ALSA |^\[W ",
        re.MULTILINE,
    ),
}


def problems(page: str, notebook: nbformat.NotebookNode, claims: list[dict[str, Any]]) -> list[str]:
    """Sentences that name what is wrong with an executed chapter; an empty list when nothing is."""
    lines = notebook.metadata.get("source_map", [])
    found: list[str] = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            where = f"{page}.md, line {lines[index] + 1 if lines else '?'} (cell {index + 1})"
            found += [f"{where}: {problem}" for problem in _cell_problems(cell)]
    for claim in claims:
        problem = _claim_problem(claim, notebook)
        if problem:
            found.append(f"{page}.md, claims: {problem}")
    return found


def text_of(notebook: nbformat.NotebookNode) -> str:
    """All that the chapter's cells print or show as text."""
    return "\n".join(_cell_text(cell) for cell in notebook.cells if cell.cell_type == "code")


def _cell_problems(cell: nbformat.NotebookNode) -> list[str]:
    tags = cell.metadata.get("tags", [])
    errors = [output for output in cell.outputs if output.output_type == "error"]
    stderr = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    found = [f"raised {error.ename}: {error.evalue}" for error in errors]
    if "expects-warning" in tags:
        if not NOISE["a warning"].search(stderr):
            found.append("is tagged expects-warning, but gave none")
    elif stderr.strip():
        found.append(f"wrote to stderr: {_first_line(stderr)}")
    else:
        text = _cell_text(cell)
        for name, pattern in NOISE.items():
            match = pattern.search(text)
            if match:
                found.append(f"its output holds {name}: {_first_line(text[match.start() :])}")
    if any("widget-view" in kind for output in cell.outputs for kind in output.get("data", {})) and not _is_figure(
        cell
    ):
        found.append("shows a widget that needs a kernel; use a figure of upright.widgets, or tag the cell kernel-only")
    if _shows_image(cell) and not _alt_text(cell):
        found.append("shows an image without a text for those who cannot see it; add mystnb: image: alt: to the cell")
    return found


def _is_figure(cell: nbformat.NotebookNode) -> bool:
    return any("upright.widgets." in output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def _claim_problem(claim: dict[str, Any], notebook: nbformat.NotebookNode) -> str | None:
    match claim:
        case {"prints": pattern, **bounds}:
            return _printed_problem(pattern, bounds, text_of(notebook))
        case {"figure": text}:
            cells = [cell for cell in notebook.cells if cell.cell_type == "code" and _shows_image(cell)]
            if not any(str(text) in _alt_text(cell) for cell in cells):
                return f"no figure whose alt text contains “{text}”"
        case {"video": True}:
            if '<source src="data:video/mp4' not in str(notebook.cells):
                return "no video"
        case _:
            return f"{claim!r} is not a claim; write prints (with at_least, at_most), figure, or video: true"
    return None


def _printed_problem(pattern: str, bounds: dict[str, float], text: str) -> str | None:
    unknown = set(bounds) - {"at_least", "at_most"}
    if unknown:
        return f"unknown field {', '.join(sorted(unknown))}; use at_least or at_most"
    try:
        matches = list(re.finditer(str(pattern), text))
    except re.error as error:
        return f"{pattern} is no regular expression ({error})"
    if not matches:
        return f"nothing printed matches {pattern}"
    for match in matches if bounds else []:
        try:
            value = float(match[1].replace(",", "").rstrip("."))
        except (IndexError, AttributeError, ValueError):
            return f"{pattern} found “{_first_line(match[0])}”, but its first group there is no number"
        if not bounds.get("at_least", value) <= value <= bounds.get("at_most", value):
            return f"{pattern} printed {value:g}, outside of {bounds}"
    return None


def _cell_text(cell: nbformat.NotebookNode) -> str:
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        else:
            data = output.get("data", {})
            parts += [data[kind] for kind in ("text/plain", "text/markdown") if kind in data]
    return "\n".join(parts)


def _shows_image(cell: nbformat.NotebookNode) -> bool:
    return any(kind.startswith("image/") for output in cell.outputs for kind in output.get("data", {}))


def _alt_text(cell: nbformat.NotebookNode) -> str:
    return str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")[:160]
