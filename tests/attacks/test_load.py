"""A class in which every tenth submission attacks: each honest grade is the one that it gets when graded alone."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import grading, notebook
from autograder.batch import seed_of
from autograder.job import Job
from tests.attacks.test_attacks import ATTACKS, told
from tests.upright.checks import mistakes
from tools.chapters import ROOT

LAB = "lab1_episodes"
SEED = 7
SHARE = 10  # every tenth attacks
FIRST = ("kill_parent", "many_daemons")  # a small class has only these: they aim at others, and are quick


def hand_in(folder: Path, count: int) -> list[Path]:
    """A class of that many in the folder: attackers between honest students, some of whom make mistakes. The honest."""
    right = "\n\n".join(mistakes.solution(LAB))
    # Not those that never end, which 1,000 have no time for, nor those that draw lots, whose grade is luck anyway.
    kinds = ("run_episode: sums", "evaluate", "td_target")
    quick = [mistake for mistake in mistakes.mistakes(LAB) if mistake.check.startswith(kinds)]
    sources = [right, *(f"{right}\n\n{mistake.source}" for mistake in quick)]
    of_lab = [path for path in ATTACKS if told(path, "lab") == LAB]
    attacks = itertools.cycle(sorted(of_lab, key=lambda path: path.stem not in FIRST))
    folder.mkdir()
    honest = []
    for number in range(count):
        attack = number % SHARE == SHARE - 1
        path = folder / f"{number:04}-{'eve' if attack else 'ada'}.py"
        path.write_text(next(attacks).read_text() if attack else sources[number % len(sources)])
        honest += [] if attack else [path]
    return honest


@pytest.mark.parametrize("count", [20, pytest.param(1_000, marks=(pytest.mark.slow, pytest.mark.timeout(3_000)))])
def test_no_honest_grade_changes_because_others_attack(count: int, tmp_path: Path) -> None:
    honest = hand_in(tmp_path / "in", count)
    given = [tmp_path / "in", "--lab", LAB, "--out", tmp_path / "out", "--seed", SEED]
    command = [sys.executable, "-m", "autograder", "grade", *map(str, given)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    results = tmp_path / "out" / "results" / LAB
    assert len(list(results.iterdir())) == count
    for path in honest:
        alone = grading.grade(Job(str(path), path.stem, LAB, seed_of(SEED, path.stem, LAB, notebook.digest(path))))
        together = json.loads((results / f"{path.stem}.json").read_text())
        expected = json.loads(json.dumps(alone.to_json()))
        # Not the flags: in a class they say who else has the same code.
        for name in ("score", "outcome", "checks", "notes", "seeds", "sandbox", "submission_sha256", "log"):
            assert together[name] == expected[name], (path.stem, name)
    assert len({json.loads((results / f"{path.stem}.json").read_text())["score"] for path in honest}) > 1
    for path in results.glob("*-eve.json"):
        assert json.loads(path.read_text())["score"] < 10
