"""The notebook that nbgrader's formgrader shows for a graded submission: the release, with the student's code in it.

formgrader renders a notebook in the instructor's browser, beside a Jupyter server, and lets its Markdown and HTML
through. So text and outputs are the release's, and of the submission there is code alone, as text.
"""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from autograder import notebook as submitted
from autograder.errors import UsageError
from autograder.grades import Grade
from autograder.submissions import Submission
from autograder.text import harmless
from upright.checks.verdict import Check, line

Cell = dict[str, Any]
UNREADABLE = "The file that was graded cannot be shown here: {}"
CHANGED = "This is not the file that the points are for: another one was handed in since, or an earlier one counts."
ABSENT = "The file that was graded was not handed in through nbgrader."


def release(path: Path) -> dict[str, Any]:
    """The notebook that students got. Raises UsageError."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for cell in found["cells"]:
            _text(cell)
            _field(cell)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(
            f"{path}: is not there or no notebook; run nbgrader generate_assignment {path.stem}."
        ) from None
    return found


def notebook(
    release: dict[str, Any], grade: Grade, cells: dict[str, str], submission: Submission | None
) -> tuple[str, bool]:
    """The notebook as a file's text, and whether the submission is another file than the last that was graded.

    cells: the name of the cell that gives the points of each check.
    """
    assert grade.row is not None
    source, note = _source(submission)
    if source and source.sha256 != grade.row.result.submission_sha256:
        note = CHANGED
    told: dict[str, list[Check]] = defaultdict(list)
    for check in grade.row.result.checks:
        told[cells[check.name]].append(check)
    built = _with_answers(copy.deepcopy(release["cells"]), source.cells if source else [])
    for cell in built:
        found = told.get(_name(cell))
        if found is not None:
            cell["outputs"] = [_printed("\n".join(line(check) for check in found))]
    above = [*([note] if note else []), *grade.row.result.notes]
    if above:
        built.insert(0, _code("note", "# The grader's notes are below.", [_printed("\n".join(above))]))
    book = {**release, "cells": built, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n", note == CHANGED


def _source(submission: Submission | None) -> tuple[submitted.Source | None, str]:
    """What a submission holds, or why that cannot be shown."""
    if submission is None:
        return None, ABSENT
    try:
        return submitted.read(submission.path), ""
    except submitted.InvalidSubmission as reason:
        return None, UNREADABLE.format(reason)


def _with_answers(cells: list[Cell], answers: list[submitted.Cell]) -> list[Cell]:
    """The release's cells with the student's code in the place of each answer. What the student added comes after the
    answer that it stood behind; cells that are unchanged come once."""
    places = {_name(cell): cell for cell in cells if _field(cell).get("solution")}
    given = {_text(cell).strip() for cell in cells if _name(cell) not in places}
    added: dict[str, list[Cell]] = defaultdict(list)
    behind = ""
    for answer in answers:
        place = places.pop(answer.grade_id, None)
        if place is not None:
            place["source"], behind = harmless(answer.source, len(answer.source)), answer.grade_id
        elif answer.source.strip() not in given:
            code = harmless(answer.source, len(answer.source))
            added[behind].append(_code(f"added-{answer.number}", code, []))
    for cell in places.values():
        cell["source"] = "# There is no cell of this name in the submission."
    built = added.pop("", [])
    for cell in cells:
        built += [cell, *added.pop(_name(cell), [])]
    return built


def _field(cell: Cell) -> dict[str, Any]:
    found = cell["metadata"].get("nbgrader", {})
    return found if isinstance(found, dict) else {}


def _name(cell: Cell) -> str:
    return str(_field(cell).get("grade_id", "-"))


def _text(cell: Cell) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _code(name: str, source: str, outputs: list[dict[str, Any]]) -> Cell:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "source": source,
        "outputs": outputs,
        "execution_count": None,
    }


def _printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": harmless(text, 20_000) + "\n"}
