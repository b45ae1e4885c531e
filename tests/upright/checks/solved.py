"""The solution of a lab whose answer is data, run in this process with its real libraries."""

from __future__ import annotations

from types import CodeType
from typing import Any

from IPython.utils.capture import capture_output

from tests.late_ray import started
from tools import labs
from upright.checks.exports import Outputs


def run_solution(lab: str, changes: dict[str, str], last: str = "ray.shutdown()") -> tuple[dict[str, Any], Outputs]:
    """Run a solution's cells down to the one that has `last` in it. `changes`: text of them, and what to put there.

    Returns the names that they define, and their outputs as a notebook's file holds them.
    """
    cells = labs.instructor_notebook(labs.SOLUTIONS / f"{lab}.md").cells
    source = "\n\n".join(cell.source for cell in cells if cell.cell_type == "code" and cell.id != "install")
    source = source[: source.index(last)]
    for old, new in changes.items():
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return started(lambda: _run(compile(source, f"solutions/{lab}.md", "exec")))


def _run(code: CodeType) -> tuple[dict[str, Any], Outputs]:
    names: dict[str, Any] = {"__name__": "__main__"}
    with capture_output() as captured:
        exec(code, names)
    return names, [(number, output.data) for number, output in enumerate(captured.outputs, 1)]
