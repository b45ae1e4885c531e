"""Make every lab from its one source, `solutions/NAME.md`, with nbgrader's own preprocessors.

    python -m tools.labs [FOLDER]     default: labs/

Writes the student's notebook `FOLDER/NAME.ipynb`, without solutions and outputs; and `_build/nbgrader`, a folder that
nbgrader takes as a course: the same notebooks with their solutions, and the settings that give the same student's
notebooks. Exit code 1 with a sentence when a source cannot become a lab.
"""

from __future__ import annotations

import copy
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbgrader import preprocessors
from nbgrader.nbgraderformat import ValidationError
from traitlets.config import Config

from tools import notebooks
from tools.chapters import BUILD, ROOT

SOLUTIONS = ROOT / "solutions"
LABS = ROOT / "labs"
COURSE = BUILD / "nbgrader"
POINTS = 10
KEPT_METADATA = ("tags", "nbgrader")
STUB = 'raise NotImplementedError("write your code here, in place of this line")'
# nbgrader's own order in `nbgrader generate_assignment`, without what needs its database.
STEPS = (
    preprocessors.LockCells,
    preprocessors.ClearSolutions,
    preprocessors.ClearOutput,
    preprocessors.CheckCellMetadata,
    preprocessors.ClearHiddenTests,
    preprocessors.ClearMarkScheme,
    preprocessors.ComputeChecksums,
    preprocessors.CheckCellMetadata,
)
COURSE_SETTINGS = f"""\
# Written by `make labs`, which writes it anew each time. Copy this file and `source` into your nbgrader course.
c = get_config()
c.ClearSolutions.code_stub = {{"python": {STUB!r}}}
"""


class LabError(Exception):
    """A source that cannot become a lab; the message names the file and says what to do."""


def sources() -> list[Path]:
    return sorted(SOLUTIONS.glob("lab*.md"))


def instructor_notebook(source: Path) -> nbformat.NotebookNode:
    """The lab with its solutions, as nbgrader takes it."""
    page = str(source.relative_to(ROOT).with_suffix(""))
    notebook = notebooks.notebook(page, folder="labs", kept_metadata=KEPT_METADATA)
    notebook.metadata.upright = {"lab": source.stem, "generated": f"by make labs from {page}.md; do not edit"}
    points = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in notebook.cells)
    if points != POINTS:
        raise LabError(f"{page}.md: the points of its cells sum to {points}; make them sum to {POINTS}.")
    return notebook


def student_notebook(source: Path) -> nbformat.NotebookNode:
    """The lab as students get it: nbgrader has put a stub in the place of each solution and locked what it grades."""
    notebook = copy.deepcopy(instructor_notebook(source))
    settings = Config({"ClearSolutions": {"code_stub": {"python": STUB}}})
    # What nbgrader logs stands in the exception too.
    log = logging.Logger("nbgrader", level=logging.CRITICAL)
    try:
        for step in STEPS:
            notebook, _ = step(config=settings, log=log).preprocess(notebook, {})
    except (RuntimeError, ValidationError) as error:
        told = str(error).rstrip(".")
        raise LabError(f"solutions/{source.name}: nbgrader refuses it: {told}. Mend the named cell.") from error
    return notebook


def write(folder: Path) -> list[Path]:
    """Write the student's notebook of every lab into `folder`, in place of those that were there. Returns the files."""
    written = {folder / f"{source.stem}.ipynb": student_notebook(source) for source in sources()}
    folder.mkdir(parents=True, exist_ok=True)
    for old in set(folder.glob("*.ipynb")) - set(written):
        old.unlink()
    for path, notebook in written.items():
        nbformat.write(notebook, path)
    return list(written)


def refresh() -> list[Path]:
    """Write anew the notebooks in labs/ that git has and nobody has worked in since. Returns those that changed.

    They hold the address of the site: in a fork, or after a change of a solution, they would point to another place.
    """
    changed: list[Path] = []
    if os.environ.get("UPRIGHT_SITE", "").strip() or os.environ.get("UPRIGHT_REPOSITORY", "").strip():
        return changed  # a trial with another address, which no file of the repository should keep
    for source in sources():
        path = LABS / f"{source.stem}.ipynb"
        text = nbformat.writes(student_notebook(source)) + "\n"
        if path.is_file() and path.read_text(encoding="utf-8") != text and is_committed(path):
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def is_committed(path: Path) -> bool:
    """Whether git has the file as it is: then nothing in it is lost when it is written anew."""
    command = ["git", "ls-files", "--error-unmatch", str(path)], ["git", "diff", "--quiet", "HEAD", "--", str(path)]
    try:
        return all(subprocess.run(each, cwd=ROOT, capture_output=True).returncode == 0 for each in command)
    except FileNotFoundError:
        return False


def write_course(folder: Path) -> None:
    """Write what an nbgrader course needs: `source/LAB/LAB.ipynb` with the solutions, and the settings."""
    shutil.rmtree(folder / "source", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources():
        path = folder / "source" / source.stem / f"{source.stem}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(instructor_notebook(source), path)
    (folder / "nbgrader_config.py").write_text(COURSE_SETTINGS, encoding="utf-8")


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else LABS
    try:
        written = write(folder)
        write_course(COURSE)
    except LabError as error:
        print(f"upright: {error}", file=sys.stderr)
        return 1
    print(f"{len(written)} labs in {folder.name}/; for nbgrader, with solutions: {COURSE.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
