"""nbgrader takes what `make labs` writes: its release is our lab, and it grades a solved and an untouched one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tools import labs

# Those that need no training.
NAMES = ("lab1_episodes", "lab2_policies")


class Course:
    """An nbgrader course in a folder, used through nbgrader's own commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        labs.write_course(folder)

    def run(self, *arguments: str) -> None:
        programs = str(Path(sys.executable).parent)
        environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr

    def submit(self, student: str, name: str, notebook: Path) -> None:
        folder = self.folder / "submitted" / student / name
        folder.mkdir(parents=True)
        shutil.copy(notebook, folder / f"{name}.ipynb")

    def scores(self, name: str) -> dict[str, tuple[float, float]]:
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            found = gradebook.assignment_submissions(name)
            return {submission.student.id: (submission.score, submission.max_score) for submission in found}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose student Ada hands in the solution, and Bob the lab as it is."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("UPRIGHT_SITE", "UPRIGHT_REPOSITORY"):
            monkeypatch.delenv(name, raising=False)
        found = Course(tmp_path_factory.mktemp("course"))
    for name in NAMES:
        found.run("generate_assignment", name)
        found.submit("ada", name, found.folder / "source" / name / f"{name}.ipynb")
        found.submit("bob", name, labs.LABS / f"{name}.ipynb")
        found.run("autograde", name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_nbgraders_own_release_is_our_lab_byte_for_byte(course: Course, name: str) -> None:
    release = course.folder / "release" / name / f"{name}.ipynb"
    assert release.read_bytes() == (labs.LABS / f"{name}.ipynb").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_nbgrader_gives_the_solution_all_points_and_the_untouched_lab_none(course: Course, name: str) -> None:
    assert course.scores(name) == {"ada": (10.0, 10.0), "bob": (0.0, 10.0)}


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_of_a_solved_lab_runs_those_that_only_show_something_too(course: Course, name: str) -> None:
    notebook = nbformat.read(course.folder / "autograded" / "ada" / name / f"{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if cell.execution_count is None] == []
    outputs = [output for cell in code for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
