"""A policy as data computes what its layers say, and refuses what is no policy by file, field and value."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from upright import DataError, Layer, Policy
from upright.policy import MIME


def small() -> dict[str, Any]:
    """Two observations, three hidden units, two actions; numbers that a person can follow."""
    return {
        "format": "upright-policy/1",
        "observation_size": 2,
        "action_size": 2,
        "layers": [
            {"weight": [[1.0, 2.0], [0.0, -1.0], [-3.0, 0.5]], "bias": [0.5, 0.0, 1.0], "activation": "relu"},
            {"weight": [[1.0, 0.0, 2.0], [0.0, 4.0, -1.0]], "bias": [-1.0, 0.25], "activation": "linear"},
        ],
        "trained": {"env_steps": 2840, "seed": 0, "lr": 0.005, "by": "hand", "greedy": True, "note": None},
    }


def changed(path: list[str | int], value: Any) -> dict[str, Any]:
    """`small` with one value replaced."""
    data = copy.deepcopy(small())
    node: Any = data
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return data


def test_logits_are_what_a_person_computes_by_hand() -> None:
    # Hidden: relu(1 + 2·2 + 0.5) = 5.5, relu(-2) = 0, relu(-3 + 1 + 1) = 0. Out: 5.5 - 1 and 0.25.
    # Hidden: relu(-2 - 2 + 0.5) = 0, relu(1) = 1, relu(6 - 0.5 + 1) = 6.5. Out: 13 - 1 and 4 - 6.5 + 0.25.
    logits = Policy.parse(small()).logits(np.array([[1.0, 2.0], [-2.0, -1.0]]))
    assert logits.dtype == np.float64
    assert logits.tolist() == [[4.5, 0.25], [12.0, -2.25]]


@pytest.mark.parametrize(("name", "expected"), [("linear", -2.0), ("relu", 0.0), ("tanh", -0.9640275800758169)])
def test_each_activation_is_the_function_of_its_name(name: str, expected: float) -> None:
    data = Policy.linear([[1.0]]).model_dump(mode="json")
    data["layers"][0]["activation"] = name
    assert Policy.parse(data).logits(np.array([[-2.0]]))[0, 0] == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("seed", range(3))
def test_logits_equal_those_of_the_same_network_in_torch(seed: int) -> None:
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 16), nn.Linear(16, 3)
    ).double()
    layers: list[dict[str, Any]] = []
    for part in network:
        if isinstance(part, nn.Linear):
            layers.append({"weight": part.weight.tolist(), "bias": part.bias.tolist(), "activation": "linear"})
        else:
            layers[-1]["activation"] = type(part).__name__.lower()
    policy = Policy.loads(
        json.dumps({"format": "upright-policy/1", "observation_size": 4, "action_size": 3, "layers": layers})
    )
    observations = np.random.default_rng(seed).normal(size=(200, 4)) * 3
    expected = network(torch.from_numpy(observations)).detach().numpy()
    np.testing.assert_allclose(policy.logits(observations), expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(policy.act(observations), expected.argmax(axis=1))


def test_the_greedy_action_is_the_largest_logit_and_of_equal_ones_the_first() -> None:
    policy = Policy.linear(np.eye(3))
    observations = np.array([[0, 1, 1], [2, 0, 2], [0, 0, 0], [0, 0, 1]])
    assert policy.act(observations).tolist() == [1, 0, 0, 2]
    assert policy.act(observations).dtype == np.int64


def test_a_call_with_one_observation_gives_an_action_as_a_plain_int() -> None:
    action = Policy.linear([[0, 0, 0, 0], [0, 0, 1, 1]])(np.array([0, 0, 0.1, 0.1], dtype=np.float32))
    assert action == 1
    assert type(action) is int


def test_one_observation_and_a_batch_of_it_get_the_same_action() -> None:
    rng = np.random.default_rng(1)
    policy = Policy.linear(rng.normal(size=(2, 4)), rng.normal(size=2))
    observations = rng.normal(size=(50, 4))
    assert [policy(observation) for observation in observations] == policy.act(observations).tolist()


@pytest.mark.parametrize("shape", [(4,), (3, 5), (3, 4, 1), ()])
def test_observations_of_another_shape_are_refused_with_both_shapes(shape: tuple[int, ...]) -> None:
    policy = Policy.linear(np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"observations have shape \(.*\); expected \(n, 4\)"):
        policy.logits(np.zeros(shape))


def test_no_observations_give_no_actions() -> None:
    assert Policy.linear(np.zeros((2, 4))).act(np.zeros((0, 4))).shape == (0,)


def test_a_linear_policy_without_a_bias_has_none() -> None:
    policy = Policy.linear([[1, 2], [3, 4]], by="hand")
    assert policy.layers == (Layer(weight=((1.0, 2.0), (3.0, 4.0)), bias=(0.0, 0.0), activation="linear"),)
    assert policy.trained == {"by": "hand"}


def test_a_linear_policy_adds_its_bias() -> None:
    assert Policy.linear([[1, 2], [3, 4]], [10, -10]).logits(np.array([[1, 1]])).tolist() == [[13.0, -3.0]]


def test_a_linear_policy_of_one_row_of_weights_is_refused_with_its_shape() -> None:
    with pytest.raises(ValueError, match=r"weight has shape \(4,\); expected \(action_size, observation_size\)"):
        Policy.linear([1, 2, 3, 4])


def test_saved_and_loaded_a_policy_is_equal_and_acts_alike(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    policy = Policy.linear(rng.normal(size=(2, 4)), rng.normal(size=2), seed=3, lr=1e-3, by="ß", greedy=True, x=None)
    loaded = Policy.load(policy.save(tmp_path / "policy.json"))
    assert loaded == policy
    observations = rng.normal(size=(100, 4))
    np.testing.assert_array_equal(loaded.logits(observations), policy.logits(observations))


def test_what_is_trained_keeps_its_types() -> None:
    trained = Policy.loads(json.dumps(small())).trained
    assert {key: type(value).__name__ for key, value in trained.items()} == {
        "env_steps": "int",
        "seed": "int",
        "lr": "float",
        "by": "str",
        "greedy": "bool",
        "note": "NoneType",
    }


def test_a_cell_shows_one_line_and_carries_the_whole_policy() -> None:
    policy = Policy.parse(small())
    bundle = policy._repr_mimebundle_()
    assert bundle["text/plain"] == repr(policy) == str(policy) == "Policy(2 → 3 relu → 2)"
    assert MIME == "application/vnd.upright.policy+json"
    assert Policy.loads(json.dumps(bundle[MIME])) == policy


BAD: dict[str, tuple[list[str | int], Any, str]] = {
    "another format": (["format"], "upright-replay/1", "field format: .*upright-policy/1.*got upright-replay/1"),
    "no observations": (["observation_size"], 0, "field observation_size: .*greater than or equal to 1 .got 0"),
    "too many observations": (["observation_size"], 1025, "field observation_size: .*1024 .got 1025"),
    "a size that is no integer": (["observation_size"], 2.5, "field observation_size: .*integer.* .got 2.5"),
    "a size in quotes": (["action_size"], "2", "field action_size: .*integer .got 2"),
    "a size that is true": (["action_size"], True, "field action_size: .*integer .got True"),
    "other observations": (["observation_size"], 3, r"layers.0 takes 2 numbers but is given 3"),
    "other actions": (["action_size"], 5, "the last layer gives 2 numbers but action_size is 5"),
    "no layers": (["layers"], [], "field layers: .*at least 1 item"),
    "too many layers": (["layers"], [small()["layers"][0]] * 17, "field layers: .*at most 16"),
    "layers that are no list": (["layers"], {"0": 1}, "field layers: .*(array|tuple)"),
    "a layer that is a number": (["layers", 1], 7, r"field layers\.1: .*object .got 7"),
    "an activation nobody knows": (["layers", 0, "activation"], "gelu", r"field layers\.0\.activation: .*got gelu"),
    "an unknown field": (["layers", 0, "code"], "import os", r"field layers\.0\.code: .*not permitted .got import os"),
    "a number in quotes": (["layers", 0, "weight", 2, 1], "0.5", r"field layers\.0\.weight\.2\.1: .*number .got 0.5"),
    "a number that is true": (["layers", 1, "bias", 0], True, r"field layers\.1\.bias\.0: .*number .got True"),
    "a number that is null": (["layers", 1, "bias", 1], None, r"field layers\.1\.bias\.1: .*number .got None"),
    "a number that is huge": (["layers", 1, "bias", 0], 1e7, r"field layers\.1\.bias\.0: .*1000000 .got 10000000"),
    "rows unlike each other": (["layers", 0, "weight", 1], [1.0], r"field layers\.0: .*different lengths: \[1, 2\]"),
    "an empty row": (["layers", 0, "weight", 1], [], r"field layers\.0\.weight\.1: .*at least 1"),
    "no rows": (["layers", 0, "weight"], [], r"field layers\.0\.weight: .*at least 1"),
    "a bias too short": (["layers", 0, "bias"], [1.0, 2.0], r"field layers\.0: weight has 3 rows but bias has 2"),
    "a wide row": (["layers", 0, "weight", 0], [0.0] * 1025, r"field layers\.0\.weight\.0: .*at most 1024"),
    "a list in trained": (["trained", "curve"], [1, 2], r"field trained\.curve.*got \[1, 2\]"),
    "too much in trained": (["trained"], {str(key): key for key in range(65)}, "field trained: .*at most 64"),
}


@pytest.mark.parametrize(("path", "value", "sentence"), BAD.values(), ids=BAD.keys())
def test_a_malformed_policy_is_refused_by_file_field_and_value(
    tmp_path: Path, path: list[str | int], value: Any, sentence: str
) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(changed(path, value)), encoding="utf-8")
    with pytest.raises(DataError, match=rf"mine\.json: .*{sentence}"):
        Policy.load(file)


@pytest.mark.parametrize("field", ["observation_size", "action_size", "layers"])
def test_a_policy_without_a_field_is_refused_by_the_fields_name(field: str) -> None:
    data = small()
    del data[field]
    with pytest.raises(DataError, match=f"field {field}: Field required"):
        Policy.parse(data)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
@pytest.mark.parametrize(("place", "field"), [("2840", r"trained\.env_steps"), ("0.25", r"layers\.1\.bias\.1")])
def test_a_number_that_is_not_finite_is_refused_wherever_it_stands(place: str, field: str, number: str) -> None:
    text = json.dumps(small())
    assert text.count(place) == 1
    with pytest.raises(DataError, match=rf"field {field}.*got -?(nan|inf)"):
        Policy.loads(text.replace(place, number))


def test_thousands_of_wrong_numbers_are_refused_at_the_first() -> None:
    hostile = changed(["layers", 0, "weight"], [[[]] * 300] * 300)
    with pytest.raises(DataError, match=r"field layers\.0\.weight\.0\.0: .*got \[\]") as caught:
        Policy.loads(json.dumps(hostile, separators=(",", ":")))
    assert caught.value.__cause__.error_count() < 10  # type: ignore[union-attr]


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({})
)


def spoil(data: Any, draw: Callable[..., Any]) -> Any:
    """A copy of data in which one value, anywhere, is another one."""
    if isinstance(data, dict) and data:
        key = draw(st.sampled_from(sorted(data)))
        return {**data, key: spoil(data[key], draw)}
    if isinstance(data, list) and data and draw(st.booleans()):
        position = draw(st.integers(0, len(data) - 1))
        return [*data[:position], spoil(data[position], draw), *data[position + 1 :]]
    return draw(VALUES)


@given(st.data())
def test_whatever_is_spoilt_the_policy_is_refused_or_still_works(data: st.DataObject) -> None:
    spoilt = json.dumps(spoil(small(), data.draw))
    with contextlib.suppress(DataError):
        policy = Policy.loads(spoilt)
        logits = policy.logits(np.ones((3, policy.observation_size)))
        assert logits.shape == (3, policy.action_size)
        assert np.isfinite(logits).all()
