"""The labs' solutions and common mistakes, as code that a test runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from tools import labs
from upright import checks
from upright.checks.answers import Local

MISTAKES = labs.SOLUTIONS / "mistakes"


@dataclass(frozen=True)
class Mistake:
    """A mistake, the check that it loses, words of the hint that it earns, and its code, to run after the solution."""

    lab: str
    name: str
    check: str
    hint: str
    source: str


def mistakes(lab: str) -> list[Mistake]:
    head, *cells = (MISTAKES / f"{lab}.py").read_text(encoding="utf-8").split("\n# %% ")
    found = []
    for cell in cells:
        title, _, source = cell.partition("\n")
        name, check, hint = title.split(" | ")
        found.append(Mistake(lab, name, check, hint, f"{head}\n{source}"))
    return found


def solution(lab: str) -> list[str]:
    """The cells of a lab's solution that are graded."""
    return _graded(labs.instructor_notebook(labs.SOLUTIONS / f"{lab}.md"))


def untouched(lab: str) -> list[str]:
    """The same cells as a student gets them."""
    return _graded(labs.student_notebook(labs.SOLUTIONS / f"{lab}.md"))


def _graded(notebook: NotebookNode) -> list[str]:
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "install"]
    return [cell.source for cell in code if "demo" not in cell.metadata.get("tags", [])]


def answers(lab: str, cells: list[str]) -> Local:
    """The functions that these cells define."""
    space: dict[str, Any] = {"__name__": "submission"}
    for number, source in enumerate(cells, 1):
        exec(compile(source, f"cell {number}", "exec"), space)
    functions: dict[str, Callable[..., Any]] = {
        name: space[name] for name in checks.lab(lab).functions if callable(space.get(name))
    }
    return Local(functions)
