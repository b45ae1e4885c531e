from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.upright.checks.mistakes import Mistake, mistakes
from tests.upright.checks.solved import run_solution
from upright import DataError
from upright.checks import lab5
from upright.checks.exports import Outputs
from upright.checks.lab5 import CAP, FULL, Retrained
from upright.search import MIME, Config, Search

pytestmark = pytest.mark.ray
MISTAKES = mistakes("lab5_tune")
CONFIGS = [{"lr": lr / 1000} for lr in range(1, 8)]
TRIALS = [{"config": config, "env_steps": 3_000, "solved": True} for config in CONFIGS]


@pytest.fixture(scope="module", autouse=True)
def notebook() -> Iterator[None]:
    """Only in a notebook is there somebody to take what display() is given."""
    InteractiveShell.instance()
    yield
    InteractiveShell.clear_instance()


@pytest.fixture(scope="module")
def solution(notebook: None) -> Iterator[tuple[dict[str, Any], Outputs]]:
    """The names that a small run of the solution leaves, and the outputs of its cells."""
    smaller = {"num_samples=12": "num_samples=7", "MAX_STEPS = 10_000": "MAX_STEPS = 6_000", "solved[:3]": "solved[:2]"}
    solved = run_solution("lab5_tune", smaller)
    import ray

    yield solved
    ray.shutdown()


@pytest.fixture(scope="module")
def graded(solution: Any) -> Any:
    """The solution's grading, with real trainings."""
    return lab5.grade(solution[1], 5, train)


def train(config: Config, seeds: Sequence[int]) -> list[Retrained]:
    """The grader's training, in this process, where Ray runs already."""
    from upright.rllib import solve, tuned_config

    runs = [solve(tuned_config(config, seed), max_env_steps=CAP, eval_seed=seed) for seed in seeds]
    return [Retrained(seed, run.env_steps, run.solved) for seed, run in zip(seeds, runs, strict=True)]


def taking(*steps: int) -> lab5.Retrain:
    """A training that is known to take that many env steps."""
    return lambda config, seeds: [Retrained(seed, n, n < CAP) for seed, n in zip(seeds, steps, strict=True)]


def exported(trials: Any = TRIALS, best: Any = CONFIGS[0]) -> Outputs:
    return [(4, {MIME: {"format": "upright-search/1", "trials": trials, "best": best}})]


def test_the_solution_gets_ten_points(graded: Any) -> None:
    checks, flags, notes, seeds = graded
    assert [check.outcome for check in checks] == ["passed"] * 3, checks
    assert sum(check.points for check in checks) == 10
    assert flags == []
    assert notes[0].startswith("Best configuration: {'lr':")
    assert len(seeds["retrained"]["runs"]) == 3


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_loses_its_check_with_its_own_hint(solution: Any, graded: Any, mistake: Mistake) -> None:
    names = {**solution[0], "trials": list(solution[0]["trials"])}
    exec(compile(mistake.source, mistake.name, "exec"), names)
    outputs = exported(names["trials"], names["best"])
    checks = {check.name: check for check in lab5.grade(outputs, 5, train, previous=graded[3])[0]}
    assert [name for name, check in checks.items() if check.outcome == "failed"] == [mistake.check], checks
    assert mistake.hint in checks[mistake.check].hint
    # Without a search that can be read there is nothing to look at or to train; those checks say so.
    unread = {check.outcome for name, check in checks.items() if name != "export"}
    assert (unread == {"not_answered"}) == (mistake.check == "export")


def test_every_mistake_is_another_one() -> None:
    assert len(MISTAKES) >= 6
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES)


def test_an_untouched_notebook_gets_no_points_and_trains_nothing() -> None:
    checks, _, _, seeds = lab5.grade([], 1, taking())
    assert {check.outcome for check in checks} == {"not_answered"}
    assert seeds == {}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((1_000, 2_000, 19_000), 6.0),
        ((FULL, FULL, FULL), 6.0),
        ((13_000, 1_000, 20_000), 3.0),
        ((CAP, CAP, 1_000), 0.0),
        ((25_000, 30_000, 2_000), 0.0),
    ],
)
def test_the_median_is_scored_on_the_published_scale(steps: tuple[int, ...], expected: float) -> None:
    check = lab5.grade(exported(), 1, taking(*steps))[0][2]
    assert check.points == expected
    assert check.outcome == ("passed" if expected == 6 else "failed")


def test_one_seed_after_the_other_is_secret_and_comes_from_the_runs_seed() -> None:
    asked: list[list[int]] = []

    def remember(config: Config, seeds: Sequence[int]) -> list[Retrained]:
        asked.append(list(seeds))
        return taking(1, 2, 3)(config, seeds)

    for seed in (1, 1, 2):
        lab5.grade(exported(), seed, remember)
    assert asked[0] == asked[1] != asked[2]
    assert len(set(asked[0])) == 3


def test_a_regrading_uses_the_recorded_trainings_of_the_same_configuration() -> None:
    first = lab5.grade(exported(), 1, taking(2_000, 7_000, 9_000))
    again = lab5.grade(exported(), 1, taking(), previous=first[3])
    assert again[0] == first[0]
    assert again[3] == first[3]


def test_a_regrading_trains_again_when_the_configuration_has_changed() -> None:
    first = lab5.grade(exported(), 1, taking(2_000, 7_000, 9_000))
    again = lab5.grade(exported(best=CONFIGS[1]), 1, taking(1, 1, 1), previous=first[3])
    assert [run["env_steps"] for run in again[3]["retrained"]["runs"]] == [1, 1, 1]


def test_export_refuses_a_key_that_is_not_allowed_by_its_name() -> None:
    with pytest.raises(DataError, match=r"export: field best\.callbacks: Extra inputs are not permitted"):
        lab5.export(TRIALS, {"callbacks": "os.system"})


def test_export_takes_numpys_numbers_and_tunes_lists() -> None:
    import numpy as np

    config = {"lr": np.float64(0.1), "fcnet_hiddens": [np.int64(8)]}
    search = lab5.export([{"config": config, "env_steps": np.int64(3), "solved": np.bool_(True)}], {"lr": 0.1})
    assert search.trials[0].config == Config(lr=0.1, fcnet_hiddens=(8,))


def test_the_self_check_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    few = Search.parse({"format": "upright-search/1", "trials": TRIALS[:2], "best": CONFIGS[0]})
    with pytest.raises(AssertionError, match="does not pass yet"):
        lab5.search(few)
    assert "raise num_samples" in capsys.readouterr().out
