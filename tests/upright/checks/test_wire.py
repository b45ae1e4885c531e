"""Values travel as they are or by the name of their type, and any bytes are either a message or refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from upright.checks import wire
from upright.checks.wire import LENGTH, Array, Malformed, Opaque, decode, encode, tensor, travelled

NUMBERS = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.sampled_from([math.inf, -math.inf])
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    max_leaves=12,
)
SIZES = st.one_of(st.integers(0, 5), st.integers(-(10**20), 10**20))
ARRAYS = st.fixed_dictionaries(
    {
        "a": st.one_of(st.lists(SIZES, max_size=10), JSON),
        "d": st.one_of(st.sampled_from(wire.DTYPES), JSON),
        "k": st.one_of(st.sampled_from(["array", "tensor"]), JSON),
        "v": st.one_of(st.sampled_from(["cpu", "meta"]), JSON),
    }
)
OPAQUE = st.fixed_dictionaries({"o": st.one_of(st.text(max_size=120), JSON)})
VALUES = st.one_of(JSON, ARRAYS, OPAQUE, st.fixed_dictionaries({"t": st.lists(st.one_of(JSON, ARRAYS, OPAQUE))}))
MESSAGES = st.dictionaries(st.sampled_from(["value", "answer", "error", "ask", "changed"]), VALUES)


class Lies:
    """Pretends to be whatever it is asked for."""

    def __repr__(self) -> str:
        return "Lies()"

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]  # what Python does for a class with __eq__

    def __float__(self) -> float:
        return 200.0

    def __int__(self) -> int:
        return 1

    def __index__(self) -> int:
        return 1

    def __ge__(self, other: object) -> bool:
        return True


class LyingFloat(float):
    def __float__(self) -> float:
        return 1e9

    def __ge__(self, other: object) -> bool:
        return True


class LyingInt(int):
    def __index__(self) -> int:
        return 1_000

    def __int__(self) -> int:
        return 1_000


def is_value(value: Any) -> bool:
    """Whether this is one of the values that the module promises, and nothing else."""
    if type(value) is tuple:
        return 1 <= len(value) <= wire.MAX_TUPLE and all(type(item) is not tuple and is_value(item) for item in value)
    if type(value) is list:
        return all(type(item) in (int, float, bool) for item in value)
    if type(value) is Array:
        numbers = value.values.shape == ((0,) if value.device == "meta" else value.shape)
        return numbers and value.values.dtype == np.float64 and value.dtype in wire.DTYPES
    return value is None or type(value) in (int, float, bool, str, Opaque)


def is_message_or_refused(body: bytes) -> None:
    try:
        message = decode(body)
    except Malformed:
        return
    assert type(message) is dict
    assert "value" not in message or is_value(message["value"])
    assert all(is_value(value) for value in message.get("args", []))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(body: bytes) -> None:
    is_message_or_refused(body)


@given(MESSAGES, st.one_of(st.just(b""), st.binary(max_size=80).map(lambda tail: b"\n" + tail)))
def test_any_json_with_any_tail_is_a_message_or_refused(message: dict[str, Any], tail: bytes) -> None:
    is_message_or_refused(json.dumps(message).encode() + tail)


@given(st.lists(VALUES, max_size=20), st.binary(max_size=80))
def test_any_arguments_are_a_message_or_refused(args: list[Any], tail: bytes) -> None:
    is_message_or_refused(json.dumps({"args": args}).encode() + b"\n" + tail)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b'{"value":' + b"[" * 100_000,
        b'{"value":' + b"9" * 5_000 + b"}",
        b'{"value":9223372036854775808}',
        b'{"value":[1,9223372036854775808]}',
        b'{"value":["text"]}',
        b'{"value":{"__class__":"int"}}',
        b'{"value":1}\n12345678',
        b'{"value":{"a":[2],"d":"float64","k":"array","v":"cpu"}}\n12345678',
        b'{"value":{"a":[-1],"d":"float64","k":"array","v":"cpu"}}\n12345678',
        b'{"value":{"a":[true],"d":"float64","k":"array","v":"cpu"}}\n12345678',
        b'{"value":{"a":[1],"d":"object","k":"array","v":"cpu"}}\n12345678',
        b'{"value":{"a":[0,99999999,99999999,99999999],"d":"int8","k":"tensor","v":"cpu"}}',
        b'{"value":{"a":[99999999,99999999],"d":"int8","k":"tensor","v":"meta"}}',
        b'{"value":{"t":[]}}',
        b'{"value":{"t":[1,2,3,4,5]}}',
        b'{"value":{"t":[{"t":[1]}]}}',
        b'{"args":{}}',
        b'{"args":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}',
        b"\xff\xfe\x00",
    ],
    ids=lambda body: body[:60].decode("latin-1"),
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(body)


@given(st.one_of(st.none(), NUMBERS, st.text(max_size=50), st.lists(NUMBERS, max_size=20)))
def test_numbers_text_and_lists_of_numbers_arrive_as_they_are(value: Any) -> None:
    arrived = travelled(value)
    assert (arrived, type(arrived)) == (value, type(value))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.sampled_from(wire.DTYPES), st.booleans(), st.integers(0))
def test_arrays_and_tensors_arrive_with_shape_dtype_and_numbers(
    shape: list[int], dtype: str, is_tensor: bool, seed: int
) -> None:
    values = np.random.default_rng(seed).integers(0, 2, shape).astype(dtype)
    arrived = travelled(torch.from_numpy(values) if is_tensor else values)
    assert (arrived.kind, arrived.dtype, arrived.device) == ("tensor" if is_tensor else "array", dtype, "cpu")
    assert arrived.shape == arrived.values.shape == tuple(shape)
    assert np.array_equal(arrived.values, values.astype(np.float64))


def test_a_frame_says_its_length_first() -> None:
    frame = encode({"answer": 3, "value": np.arange(4.0)})
    assert LENGTH.unpack(frame[:4]) == (len(frame) - 4,)


def test_a_question_carries_all_its_arrays_in_order() -> None:
    message = {"call": "f", "id": 1, "args": [np.arange(3.0), 7, np.ones((2, 2), dtype=np.int64)]}
    first, second, third = decode(encode(message)[4:])["args"]
    assert first.values.tolist() == [0, 1, 2]
    assert second == 7
    assert (third.values.tolist(), third.dtype) == ([[1, 1], [1, 1]], "int64")


def test_a_tensor_that_is_transposed_or_wants_gradients_arrives_with_its_numbers() -> None:
    values = torch.arange(6.0, dtype=torch.float64).reshape(2, 3).requires_grad_()
    assert travelled(values.T).values.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_a_tensor_on_the_meta_device_arrives_with_its_shape_alone() -> None:
    arrived = travelled(torch.empty((100_000, 4), device="meta"))
    assert (arrived.shape, arrived.dtype, arrived.device, arrived.values.size) == ((100_000, 4), "float32", "meta", 0)


def test_up_to_four_arrays_arrive_as_a_tuple() -> None:
    arrived = travelled((torch.zeros(2, 4, dtype=torch.float64), torch.tensor(1.0), torch.tensor([True, False])))
    assert type(arrived) is tuple
    assert (arrived[0].shape, arrived[1], arrived[2].dtype) == ((2, 4), 1.0, "bool")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Lies(), "Lies"),
        ({"a": 1}, "dict"),
        ((), []),
        ((1.0, None), "tuple of 2 values: float, NoneType"),
        ((np.zeros(4), {}), "tuple of 2 values: ndarray, dict"),
        ([np.zeros(4)] * 5, "list of 5 values: ndarray, ndarray, ndarray, ndarray, …"),
        ([np.array(1.0)], "list of 1 values: ndarray"),
        (2**63, "int of more than 64 bits"),
        (np.array(["text"]), "array of <U4"),
        (np.zeros(2, dtype=complex), "array of complex128"),
        (torch.zeros(2, dtype=torch.bfloat16), "tensor of bfloat16"),
        (torch.zeros([1] * 9), "tensor of float32"),
        (lambda: 1, "function"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_everything_else_arrives_as_the_name_of_its_type(value: Any, name: Any) -> None:
    assert travelled(value) == (Opaque(name) if isinstance(name, str) else name)


def test_a_number_that_lies_about_itself_arrives_as_the_number_that_it_is() -> None:
    for lying, true in ((LyingFloat(9.5), 9.5), (LyingInt(3), 3), (np.float64(2.5), 2.5), (np.bool_(True), True)):
        arrived = travelled(lying)
        assert (arrived, type(arrived)) == (true, type(true))
    assert travelled([LyingFloat(9.5), np.int32(4)]) == [9.5, 4]


def test_long_text_is_cut() -> None:
    assert travelled("x" * 10_000) == "x" * wire.MAX_TEXT


def test_an_array_reaches_the_students_function_with_its_own_dtype() -> None:
    given_array = wire.given(travelled(np.array([1, 0], dtype=np.int64)))
    assert (type(given_array), given_array.dtype, given_array.tolist()) == (np.ndarray, np.int64, [1, 0])


@pytest.mark.parametrize("dtype", wire.DTYPES)
def test_a_tensor_reaches_the_students_function_as_a_tensor_of_its_dtype(dtype: str) -> None:
    got = wire.given(travelled(tensor(np.array([[1.0, 0.0]]), dtype)))
    assert type(got) is torch.Tensor
    assert (str(got.dtype), got.shape, got.tolist()) == (f"torch.{dtype}", (1, 2), [[1, 0]])


def test_a_tensor_on_meta_reaches_the_students_function_on_meta() -> None:
    got = wire.given(travelled(tensor(np.zeros((7, 4)), "float64", "meta")))
    assert (got.device.type, got.shape, got.dtype) == ("meta", (7, 4), torch.float64)


def _resize(values: torch.Tensor) -> None:
    values.unsqueeze_(0)


@pytest.mark.parametrize(
    "modify",
    [
        lambda values: values.add_(1),
        lambda values: values.__setitem__(2, 7.0),
        _resize,
        lambda values: values.squeeze_(),
    ],
    ids=["add_", "one element", "unsqueeze_", "squeeze_"],
)
def test_an_argument_that_a_call_modified_is_told_by_its_position(modify: Callable[[torch.Tensor], Any]) -> None:
    sent = ["text", tensor(np.arange(4.0).reshape(4, 1), "float64"), tensor(np.arange(4), "int64")]
    handed = [wire.given(value) for value in sent]
    assert wire.changed(sent, handed) == []
    modify(handed[1])
    assert wire.changed(sent, handed) == [1]


def test_a_copy_of_an_argument_is_the_students_own() -> None:
    sent = tensor(np.arange(3.0), "float64")
    wire.given(sent).zero_()
    assert sent.values.tolist() == [0, 1, 2]
