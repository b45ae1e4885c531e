from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.retrain import RetrainingFault, _results, retrain
from upright.checks.lab5 import Retrained
from upright.checks.verdict import LimitPassed
from upright.search import Config

pytestmark = pytest.mark.ray
QUICK = Config(lr=0.003)


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a training puts its files: what others do in /tmp meanwhile is none of its. The path of `tmp_path` is too
    long for Ray's sockets."""
    with tempfile.TemporaryDirectory(prefix="up") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")  # as on a cluster's node, whose jobs trainings do not join
        yield Path(folder)


def test_a_training_is_the_same_for_the_same_seed_and_another_for_another(temporary: Path) -> None:
    first, other, again = retrain(QUICK, [11, 12, 11], cap=1_500)
    assert again == first
    assert [first.seed, other.seed] == [11, 12]
    assert first.env_steps != other.env_steps
    assert all(run.env_steps >= 1_500 or run.solved for run in (first, other))
    assert list(temporary.iterdir()) == []


@pytest.mark.timeout(120)
def test_a_training_that_takes_too_long_is_ended_and_leaves_nothing(temporary: Path) -> None:
    with pytest.raises(LimitPassed, match="took more than 3 s") as reason:
        retrain(QUICK, [1], seconds=3)
    assert reason.value.limit == "wall"
    assert not [path for path in Path("/proc").glob("*/environ") if _trains_in(temporary, path)]
    assert list(temporary.iterdir()) == []


def _trains_in(folder: Path, environ: Path) -> bool:
    try:
        return f"RETRAIN_FOLDER={folder}/".encode() in environ.read_bytes()
    except OSError:
        return False


def test_a_process_that_fails_is_the_graders_fault_and_says_why() -> None:
    with pytest.raises(RetrainingFault, match="status 1: no memory"):
        _results(1, "", "no memory", 3, [1])


@pytest.mark.parametrize(("late", "starts"), [(0, 1), (2, 3), (5, 3)])
def test_ray_that_was_late_is_started_anew_a_few_times(late: int, starts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To have Ray late in earnest takes a machine that is busy with something else."""
    endings = [(1, "", "Exception: The current node timed out during startup.")] * late
    endings += [(0, '{"seed": 1, "env_steps": 5, "solved": true}\n', "")]
    waiting = iter(endings)
    monkeypatch.setattr("autograder.retrain._run", lambda *_: next(waiting))
    if late < starts:
        assert retrain(QUICK, [1]) == [Retrained(1, 5, True)]
    else:
        with pytest.raises(RetrainingFault, match="timed out during startup"):
            retrain(QUICK, [1])
    assert len(endings) - len(list(waiting)) == starts


def test_a_process_that_trains_too_few_seeds_is_the_graders_fault() -> None:
    with pytest.raises(RetrainingFault, match="status 0"):
        _results(0, '{"seed": 1, "env_steps": 5, "solved": true}\n', "", 3, [1, 2])
