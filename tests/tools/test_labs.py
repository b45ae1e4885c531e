"""Every lab has one source. Students get what it makes: current, worth ten points, and without a line of a solution."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import nbformat
import pytest

from extensions.repository import site_url
from tests.conftest import CHAPTER_HEAD
from tests.tools.conftest import TinyBook
from tools import labs, notebooks
from upright import checks

NAMES = [source.stem for source in labs.sources()]


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository that `_config.yml` names, whatever the environment of the tests says."""
    for name in ("UPRIGHT_SITE", "UPRIGHT_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)


def lab(name: str) -> nbformat.NotebookNode:
    return nbformat.read(labs.LABS / f"{name}.ipynb", as_version=4)


def graded(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def test_there_are_labs() -> None:
    assert NAMES[:2] == ["lab1_episodes", "lab2_policies"]
    assert set(NAMES) <= checks.LABS.keys()


def test_the_committed_labs_are_what_their_sources_make_so_run_make_labs_if_this_fails(tmp_path: Path) -> None:
    made = {path.name: path.read_bytes() for path in labs.write(tmp_path)}
    assert made == {path.name: path.read_bytes() for path in labs.LABS.glob("*")}


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_is_a_valid_notebook_that_begins_by_installing_and_holds_no_output(name: str) -> None:
    notebook = lab(name)
    nbformat.validate(notebook)
    assert notebook.cells[0].source == notebooks.install_cell()
    assert notebook.metadata.upright.lab == name
    assert notebook.metadata.upright.generated.startswith("by make labs")
    assert not [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_says_how_hard_how_important_how_long_and_what_for(name: str) -> None:
    text = (labs.SOLUTIONS / f"{name}.md").read_text(encoding="utf-8")
    head = "| Difficulty | Importance | Time | Points |\n|---|---|---|---|\n"
    assert re.search(re.escape(head) + r"\| [1-5] of 5 \| [1-5] of 5 \| \d+ minutes \| 10 \|\n", text)
    objectives = re.search(r":::\{admonition\} What you will be able to do\n:class: objectives\n(.*?)\n:::", text, re.S)
    assert objectives
    assert len(re.findall(r"(?m)^- ", objectives[1])) == 3
    assert "\n## Hand it in\n" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_points_of_a_labs_self_checks_are_those_of_the_judge(name: str) -> None:
    judge = checks.lab(name)
    cells = graded(lab(name))
    assert sum(cell.metadata.nbgrader.points for cell in cells) == labs.POINTS == sum(s.points for s in judge.checks)
    for cell in cells if len(cells) > 1 else []:
        found = re.search(rf"(?m)^checks\.{checks.LABS[name]}\.(\w+)\(\1\)$", cell.source)
        assert found, cell.source
        assert cell.metadata.nbgrader.points == sum(s.points for s in judge.checks if s.function == found[1])


@pytest.mark.parametrize("name", NAMES)
def test_the_grader_skips_self_checks_which_are_locked_and_runs_what_students_write(name: str) -> None:
    notebook = lab(name)
    for cell in graded(notebook):
        assert "demo" in cell.metadata.tags
        assert cell.metadata.editable is cell.metadata.deletable is False
    solutions = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert solutions
    for cell in solutions:
        assert labs.STUB in cell.source
        assert "demo" not in cell.metadata.get("tags", [])
        assert cell.metadata.get("editable", True)


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_that_the_grader_skips_says_so(name: str) -> None:
    for cell in lab(name).cells[1:]:
        if cell.cell_type == "code":
            told = cell.source.startswith("# For you")
            assert told == ("demo" in cell.metadata.get("tags", [])), cell.source


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_names_every_function_that_it_asks_for_with_its_types_and_what_it_does(name: str) -> None:
    code = "\n".join(cell.source for cell in lab(name).cells[1:] if cell.cell_type == "code" and "%" not in cell.source)
    found = {node.name: node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)}
    for function in set(checks.lab(name).functions) - {"policy_batch"}:
        assert ast.get_docstring(found[function])
        assert found[function].returns
        assert all(argument.annotation for argument in found[function].args.args)


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells)


def lab_source(cells: str) -> str:
    return CHAPTER_HEAD.format(more="") + "# A lab\n\nText.\n\n" + cells


def graded_cell(name: str, points: int) -> str:
    fields = f"schema_version: 3, grade_id: {name}, solution: false, grade: true, locked: true, task: false"
    return f"```{{code-cell}} ipython3\n---\nnbgrader: {{{fields}, points: {points}}}\n---\nassert answer\n```\n\n"


SOLVED = """\
```{code-cell} ipython3
---
nbgrader: {schema_version: 3, grade_id: answer, solution: true, grade: false, locked: false, task: false}
---
def answer():
    ### BEGIN SOLUTION
    return 42
    ### END SOLUTION
```

"""


@pytest.fixture
def course(tiny: TinyBook, monkeypatch: pytest.MonkeyPatch) -> TinyBook:
    """A book with the lab `lab1_tiny`."""
    (tiny.root / "solutions").mkdir()
    tiny.page("solutions/lab1_tiny", lab_source(SOLVED + graded_cell("check", 10)))
    for name, path in (("ROOT", "."), ("SOLUTIONS", "solutions"), ("LABS", "labs"), ("COURSE", "_build/nbgrader")):
        monkeypatch.setattr(labs, name, tiny.root / path)
    return tiny


def test_make_labs_writes_the_students_and_the_instructors_notebooks(
    course: TinyBook, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labs.main([]) == 0
    assert capsys.readouterr().out == "1 labs in labs/; for nbgrader, with solutions: _build/nbgrader/\n"
    student, instructor = course.root / "labs/lab1_tiny.ipynb", course.root / "_build/nbgrader/source/lab1_tiny"
    assert f"def answer():\n    {labs.STUB}" in text_of(nbformat.read(student, as_version=4))
    assert "return 42" in text_of(nbformat.read(instructor / "lab1_tiny.ipynb", as_version=4))


def test_a_lab_whose_source_is_gone_goes_too_and_what_an_instructor_keeps_stays(course: TinyBook) -> None:
    assert labs.main([]) == 0
    gradebook = course.root / "_build/nbgrader/gradebook.db"
    gradebook.write_text("kept")
    (course.root / "solutions/lab1_tiny.md").rename(course.root / "solutions/lab2_tiny.md")
    assert labs.main([]) == 0
    assert [path.name for path in (course.root / "labs").iterdir()] == ["lab2_tiny.ipynb"]
    assert [path.name for path in (course.root / "_build/nbgrader/source").iterdir()] == ["lab2_tiny"]
    assert gradebook.read_text() == "kept"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (SOLVED + graded_cell("check", 9), "the points of its cells sum to 9; make them sum to 10."),
        (SOLVED + graded_cell("answer", 10), "nbgrader refuses it"),
        (re.sub("(?s)---\n.*?---\n", "", SOLVED) + graded_cell("check", 10), "nbgrader refuses it: Solution region"),
        (SOLVED.replace("    ### END SOLUTION\n", "") + graded_cell("check", 10), "no end solution statement found"),
    ],
    ids=["points", "two of one name", "solution in a plain cell", "solution without end"],
)
def test_a_source_that_is_no_lab_is_refused_by_name_and_the_old_labs_stay(
    course: TinyBook, capsys: pytest.CaptureFixture[str], cells: str, told: str
) -> None:
    assert labs.main([]) == 0
    capsys.readouterr()
    before = (course.root / "labs/lab1_tiny.ipynb").read_bytes()
    course.page("solutions/lab1_tiny", lab_source(cells))
    assert labs.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("upright: solutions/lab1_tiny.md: ")
    assert told in said
    assert said.count("\n") == 1
    assert (course.root / "labs/lab1_tiny.ipynb").read_bytes() == before


def commit(course: TinyBook) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "labs"], ["commit", "-qm", "labs"]):
        subprocess.run([*git, *command], cwd=course.root, check=True)


def test_the_build_of_a_fork_writes_the_committed_labs_anew(course: TinyBook) -> None:
    assert labs.main([]) == 0
    commit(course)
    assert labs.refresh() == []
    config = course.root / "_config.yml"
    config.write_text(re.sub(r"github\.com/[\w/-]+", "github.com/someone/else", config.read_text()))
    assert labs.refresh() == [course.root / "labs/lab1_tiny.ipynb"]
    assert "https://someone.github.io/else/upright-" in (course.root / "labs/lab1_tiny.ipynb").read_text()
    assert labs.refresh() == []


def test_a_lab_in_which_somebody_has_worked_is_never_written_anew(course: TinyBook) -> None:
    assert labs.main([]) == 0
    path = course.root / "labs/lab1_tiny.ipynb"
    work = path.read_text().replace("NotImplementedError", "MyWork")
    path.write_text(work)
    assert labs.refresh() == [], "no git at all"
    path.write_text(path.read_text().replace("MyWork", "NotImplementedError"))
    commit(course)
    path.write_text(work)
    assert labs.refresh() == []
    assert path.read_text() == work


def test_a_trial_with_another_address_changes_no_committed_lab(
    course: TinyBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert labs.main([]) == 0
    commit(course)
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "someone/else")
    assert labs.refresh() == []


def test_a_forks_labs_install_from_the_fork(course: TinyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "someone/else")
    (path,) = labs.write(course.root / "labs")
    assert "https://someone.github.io/else/upright-" in nbformat.read(path, as_version=4).cells[0].source


@pytest.mark.parametrize(
    ("setting", "value", "site"),
    [
        ("UPRIGHT_SITE", "https://site.example.org/course", "https://site.example.org/course"),
        ("UPRIGHT_REPOSITORY", "ada/rl", "https://ada.github.io/rl"),
    ],
)
def test_with_another_address_the_labs_for_colab_follow_it_and_the_committed_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, site: str
) -> None:
    before = {path: path.read_bytes() for path in labs.LABS.iterdir()}
    usual = site_url()
    monkeypatch.setenv(setting, value)
    notebooks.write(tmp_path)
    made = [path.read_text(encoding="utf-8") for path in (tmp_path / "labs").iterdir()]
    assert len(made) == len(NAMES)
    for text in made:
        assert f"{site}/upright-" in text
        assert usual not in text
    assert {path: path.read_bytes() for path in labs.LABS.iterdir()} == before


def test_the_labs_for_colab_are_those_that_students_get_whoever_worked_in_the_others(course: TinyBook) -> None:
    course.contents("labs/lab1_tiny")
    (path,) = labs.write(course.root / "labs")
    made = path.read_bytes()
    path.write_text("somebody's work")
    assert [found.read_bytes() for found in notebooks.write(course.root / "branch")] == [made]


def test_a_lab_that_cannot_be_made_is_a_sentence_and_the_notebooks_for_colab_stay(course: TinyBook) -> None:
    course.chapter("one", "")
    course.contents("book/one")
    assert course.run("tools.notebooks").returncode == 0
    course.page("solutions/lab1_tiny", lab_source(SOLVED))
    course.contents("labs/lab1_tiny")
    said = course.run("tools.notebooks")
    assert said.returncode == 1
    assert said.stderr == "upright: solutions/lab1_tiny.md: the points of its cells sum to 0; make them sum to 10.\n"
    assert [path.name for path in (course.root / "_build").rglob("*.ipynb")] == ["one.ipynb"]
