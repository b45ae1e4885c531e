"""The corpus of attacks: none gets an unearned point, none harms the next submission, none leaves a trace."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder import grading
from autograder.job import Job
from autograder.notebook import Cell
from autograder.result import Result
from autograder.sandbox import USER, Backend, Runtime, identity
from autograder.sandbox.backends import find
from autograder.session import Session
from tests.attacks.files import REFUSED, UNREADABLE, notebook
from tests.autograder.asking import control_groups
from tests.autograder.conftest import Box
from tests.upright.checks import mistakes
from upright import checks
from upright.checks.verdict import run as run_check

HERE = Path(__file__).parent
ATTACKS = sorted((HERE / "submissions").glob("*.py"))
# Short enough to wait for each endless loop.
QUICK = replace(grading.LIMITS, call_s=1.0, cell_s=2.0, wall_s=20.0, cpu_s=10, memory_bytes=300_000_000)
# Long enough for an honest answer on a busy machine.
PATIENT = replace(QUICK, call_s=20.0, cell_s=30.0, wall_s=200.0, cpu_s=60)
SEED = 20_261_122


def solution(lab: str) -> str:
    return "\n\n".join(mistakes.solution(lab))


def told(path: Path, name: str) -> str:
    """What the head of an attack says of itself: `lab`, `most` (points that it may get), `says` (an outcome)."""
    match = re.search(rf"^# {name}: (.*)$", path.read_text(encoding="utf-8"), re.M)
    return match[1] if match else ""


def traces() -> list[str]:
    """What submissions of this process left behind: processes of its users, their folders, control groups."""
    mine = identity._free.get(os.getpid(), [])
    found = [str(path) for path in control_groups(os.getpid())]
    found += [str(path) for uid in mine for path in Path("/run/upright-sandbox").glob(f"home-{uid}")]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            uid = re.search(r"^Uid:\t(\d+)", status.read_text(), re.M)
        except (OSError, ProcessLookupError):
            continue
        if uid and int(uid[1]) in mine:
            found.append(str(status))
    return found


@pytest.fixture(scope="module")
def _box() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(grading, "LIMITS", QUICK)
    yield
    patch.undo()


def graded(path: Path, lab: str = "lab1_episodes") -> Result:
    return grading.grade(Job(str(path), "eve", lab, SEED))


def honestly_graded(path: Path) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grading, "LIMITS", PATIENT)
        return graded(path)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory, _box: None) -> Path:
    path = tmp_path_factory.mktemp("honest") / "alice.py"
    path.write_text(solution("lab1_episodes"), encoding="utf-8")
    assert honestly_graded(path).score == 10
    return path


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_gets_no_point_that_it_did_not_earn(
    attack: Path, honest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "seed")
    result = graded(attack, told(attack, "lab"))
    text = json.dumps(result.to_json())
    assert result.outcome == "failed"
    assert result.score is not None
    assert result.score <= float(told(attack, "most"))
    assert "LEAKED" not in text
    assert "\\u001b" not in text
    assert all(check.message for check in result.checks if check.outcome != "passed")
    if wanted := told(attack, "says"):
        outcomes = {check.outcome for check in result.checks} | {word for note in result.notes for word in causes(note)}
        assert wanted in outcomes
    assert result.duration_s < 3 * QUICK.wall_s  # a busy machine may be slow to end what has passed its limit
    assert traces() == []
    assert honestly_graded(honest).score == 10


def causes(note: str) -> Iterator[str]:
    """Which outcome a note about a cell tells of."""
    if "passed the limit" in note:
        yield "limit"
    if "raised" in note or "the process" in note:
        yield "student_error"
    if "answer" in note:
        yield "protocol"


# One of each kind; `make check` tries all of them in all sandboxes.
FEW = {"daemon", "kill_parent", "namespaces", "network", "proc_sys", "read_environment", "read_files", "write_results"}
EVERYWHERE = [
    pytest.param(attack, id=attack.stem, marks=() if attack.stem in FEW else pytest.mark.slow) for attack in ATTACKS
]


@pytest.mark.parametrize("attack", EVERYWHERE)
def test_an_attack_fails_in_every_sandbox_that_works_here(attack: Path, box: Box) -> None:
    found = box.do(lambda: tried(box, attack))
    assert sum(found["points"]) <= float(told(attack, "most"))
    assert "LEAKED" not in found["text"]
    assert box.do(lambda: tried(box, None))["points"] == [1] * 10
    if not box.foreign:
        assert traces() == []


# These fill what every user may write, which only Gradescope's own container closes to them.
FILLING = {"bomb_file", "bomb_files", "bomb_inodes", "write_everywhere", "write_results"}


@pytest.fixture
def clear_tmp() -> Iterator[None]:
    """Where a sandbox has no /tmp of its own, a module left there would shadow Python's for every script in /tmp."""
    yield
    for path in Path("/tmp").iterdir():
        with suppress(OSError):
            if path.is_file() and path.stat().st_uid in identity._free.get(os.getpid(), []):
                path.unlink()


@pytest.mark.slow
@pytest.mark.usefixtures("clear_tmp")
@pytest.mark.parametrize("box", [USER.name], indirect=True)
@pytest.mark.parametrize("attack", [one for one in ATTACKS if one.stem not in FILLING], ids=lambda path: path.stem)
def test_an_attack_fails_where_a_user_of_its_own_is_all_that_keeps_it_in(attack: Path, box: Box) -> None:
    test_an_attack_fails_in_every_sandbox_that_works_here(attack, box)


def tried(box: Box, attack: Path | None) -> dict[str, Any]:
    """The points of a submission in this sandbox, and all that is told of it."""
    lab = checks.lab(told(attack, "lab") if attack else "lab1_episodes")
    code = attack.read_text(encoding="utf-8") if attack else solution("lab1_episodes")
    limits = QUICK if attack else PATIENT
    with Session(box.backend, box.runtime, limits, lab, [Cell(1, code)]) as session:
        found = [run_check(spec, session, SEED) for spec in lab.checks]
        return {"points": [check.points for check in found], "text": repr(found) + repr(session.notes)}


def test_a_limit_is_named_with_its_value(honest: Path) -> None:
    for name, limit in (("bomb_file", "file_size"), ("bomb_files", "disk"), ("bomb_output_raw", "output")):
        result = graded(HERE / "submissions" / f"{name}.py")
        limits = {check.limit: check.message for check in result.checks if check.outcome == "limit"}
        assert limit in limits
        assert re.search(r"limit of [\d.]+ (MB|s)\b", limits[limit])


@pytest.mark.parametrize("write", UNREADABLE, ids=lambda write: write.__name__)
def test_a_file_that_cannot_be_read_is_an_invalid_submission(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "eve.ipynb"
    write(path)
    result = graded(path)
    assert (result.outcome, result.score) == ("invalid_submission", 0)
    assert len(result.notes) == 1
    assert result.notes[0].startswith("eve.ipynb")


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", "grade", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120, env=environment)


@pytest.mark.parametrize("make", REFUSED, ids=lambda make: make.__name__)
def test_a_hostile_name_is_refused_before_anything_runs(make: Callable[[Path], Path], tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    made = make(folder)
    done = run(made, "--lab", "lab1_episodes", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr
    assert not (tmp_path / "out" / "results").exists()


def test_modules_beside_the_notebook_are_never_imported(tmp_path: Path) -> None:
    for name in ("numpy", "autograder", "upright", "json", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\nraise SystemExit('passed')")
    (tmp_path / "eve.ipynb").write_text(notebook("import numpy\nimport upright", solution("lab1_episodes")))
    submission = tmp_path / "eve.ipynb"
    done = run(submission, "--lab", "lab1_episodes", "--out", tmp_path / "out", cwd=tmp_path.parent)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "out/results/lab1_episodes/eve.json").read_text())
    assert result["score"] == 10
    assert not (tmp_path / "imported").exists()


def test_hostile_submissions_change_no_honest_grade_of_their_batch(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    hostile = ("bomb_threads", "daemon", "exit_os", "many_daemons", "pipe_malformed", "write_results", "kill_parent")
    for name in hostile:
        (folder / f"z-{name}.py").write_text((HERE / "submissions" / f"{name}.py").read_text())
    for number in range(8):
        (folder / f"honest{number}.py").write_text(solution("lab1_episodes"))
    done = run(folder, "--lab", "lab1_episodes", "--out", tmp_path / "out", "--jobs", 2, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    scores = {
        path.stem: json.loads(path.read_text())["score"] for path in (tmp_path / "out/results/lab1_episodes").glob("*")
    }
    assert {name: score for name, score in scores.items() if name.startswith("honest")} == {
        f"honest{number}": 10 for number in range(8)
    }
    assert all(score == 0 for name, score in scores.items() if name.startswith("z-"))


def test_this_machine_has_a_sandbox_in_which_the_corpus_ran() -> None:
    backend: Backend = grading.sandbox.choose()
    assert find(backend, Runtime.detect()).works
