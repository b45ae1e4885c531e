"""A student's way through the course: a lab is solved in a real kernel, and what fails is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CHAPTER_HEAD
from tests.tools.conftest import TinyBook
from tools import labs, student_path

CELL = "```{{code-cell}} ipython3\n{more}{source}\n```\n\n"
FIELDS = "schema_version: 3, grade_id: a, solution: false, grade: true, locked: true, task: false, points: 10"
GRADED = f"---\nnbgrader: {{{FIELDS}}}\n---\n"


@pytest.fixture
def lab(tiny: TinyBook, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `solutions` of a book of its own."""
    (tiny.root / "solutions").mkdir()
    for name, path in (("ROOT", "."), ("SOLUTIONS", "solutions")):
        monkeypatch.setattr(labs, name, tiny.root / path)
    return tiny.root / "solutions"


def write(folder: Path, check: str) -> Path:
    path = folder / "lab1_tiny.md"
    path.write_text(CHAPTER_HEAD.format(more="") + "# A lab\n\n" + CELL.format(more=GRADED, source=check))
    return path


def test_the_first_lab_is_solved_with_all_its_self_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert student_path.walk(["lab1_episodes"]) == 0
    assert "lab1_episodes: all cells ran, 10 self-checks passed" in capsys.readouterr().out


def test_a_self_check_that_fails_is_told_with_its_lab(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not student_path.solve(write(lab, "raise AssertionError('the last reward is missing')"))
    said = capsys.readouterr().err
    assert "lab1_tiny failed" in said
    assert "the last reward is missing" in said


def test_a_lab_that_checks_nothing_does_not_count_as_solved(lab: Path) -> None:
    assert not student_path.solve(write(lab, "1 + 1"))
    assert student_path.solve(write(lab, "print('✓ one check')"))


def test_a_name_that_is_not_on_the_way_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert student_path.walk(["lab9", "ppo"]) == 2
    assert "lab9 is not on the way: environments, episodes," in capsys.readouterr().err
