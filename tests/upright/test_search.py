from __future__ import annotations

from typing import Any

import pytest

from upright import DataError
from upright.search import MAX_TRIALS, Config, Search


def data(**changes: Any) -> dict[str, Any]:
    trial = {"config": {"lr": 0.003}, "env_steps": 2_000, "solved": True}
    return {"format": "upright-search/1", "trials": [trial], "best": {"lr": 0.003}} | changes


def trials(*rows: tuple[float, int, bool]) -> list[dict[str, Any]]:
    return [{"config": {"lr": lr}, "env_steps": steps, "solved": solved} for lr, steps, solved in rows]


def test_a_search_travels_as_one_line() -> None:
    search = Search.parse(data())
    assert Search.loads(search.dumps()) == search
    assert "\n" not in search.dumps()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lr", 0.2),
        ("lr", 0),
        ("lr", [[0, 0.005], [2000, 0.001]]),
        ("lr", "0.003"),
        ("lr", float("nan")),
        ("gamma", 1.01),
        ("lambda_", -0.1),
        ("entropy_coeff", 1),
        ("num_epochs", 41),
        ("num_epochs", 2.5),
        ("num_epochs", True),
        ("minibatch_size", 16),
        ("train_batch_size_per_learner", 1_000_000),
        ("num_envs_per_env_runner", 0),
        ("fcnet_hiddens", [64, 64, 64, 64]),
        ("fcnet_hiddens", [1_000_000]),
        ("fcnet_hiddens", []),
        ("fcnet_activation", "swish"),
        ("num_env_runners", 8),
        ("env", "rm -rf"),
        ("__class__", "os.system"),
    ],
)
def test_a_key_or_value_outside_of_the_table_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(DataError, match=rf"^mine: field best\.{key}"):
        Search.parse(data(best={key: value}), "mine")


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"train_batch_size_per_learner": 250}, "make it a multiple of 16 environments"),
        ({"num_envs_per_env_runner": 60}, "make it a multiple of 60"),
        ({"minibatch_size": 1024}, "more than the batch of 512"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(config: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=told):
        Config.parse(config)


def test_a_minibatch_that_is_not_named_is_at_most_the_batch() -> None:
    assert Config(train_batch_size_per_learner=256).batch() == (256, 16, 256)
    assert Config(train_batch_size_per_learner=2048).batch() == (2048, 16, 512)


def test_a_search_without_trials_is_refused() -> None:
    with pytest.raises(DataError, match="field trials"):
        Search.parse(data(trials=[]))


def test_a_search_with_too_many_trials_is_refused() -> None:
    with pytest.raises(DataError, match="field trials"):
        Search.parse(data(trials=trials((0.1, 1, True)) * (MAX_TRIALS + 1)))


def test_equal_configurations_count_once_however_they_are_written() -> None:
    assert Search.parse(data(trials=trials((0.1, 1, True), (0.10, 2, True), (0.05, 3, True)))).different() == 2


def test_the_fastest_is_the_solved_trial_with_the_fewest_env_steps() -> None:
    found = Search.parse(data(trials=trials((0.1, 900, False), (0.05, 3_000, True), (0.02, 2_000, True)))).fastest()
    assert found is not None
    assert found.config.lr == 0.02


def test_a_search_in_which_nothing_was_solved_has_no_fastest() -> None:
    assert Search.parse(data(trials=trials((0.1, 900, False)))).fastest() is None
