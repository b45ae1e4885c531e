"""What travels between a student's code and the judge: frames of a few plain types, and nothing else.

A frame is four bytes, the length (big-endian), then one line of JSON, and for arrays a newline and their numbers as
little-endian float64. A value is null, a number, short text, a list of numbers, an array of numbers, or `Opaque`:
the name of a type that does not travel. There are no objects, so there is nothing to unpickle or evaluate.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_TEXT = 2_000
MAX_LIST = 10_000
MAX_FRAME = 65_536
LENGTH = struct.Struct(">I")
DTYPES = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")


class Malformed(ValueError):
    """Bytes that are no frame, or a frame that holds something else than values."""


@dataclass(frozen=True)
class Opaque:
    """Something that does not travel; only the name of its type does, as the sender tells it."""

    type_name: str


@dataclass(frozen=True, eq=False)
class Array:
    """An array or tensor: `values` in float64 with the sender's shape; `kind` "array" or "tensor"; its dtype's name."""

    kind: str
    dtype: str
    values: np.ndarray
    device: str = "cpu"


def pack(value: Any, tail: bytearray) -> Any:
    """A value as JSON data. The numbers of an array go to the end of `tail`."""
    kind = type(value)
    if value is None or kind in (bool, float):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else {"o": "int of more than 64 bits"}
    if kind is str:
        return value[:MAX_TEXT]
    if isinstance(value, (list, tuple)) and len(value) <= MAX_LIST:
        numbers = [_number(item) for item in value]
        if None not in numbers:
            return numbers
    return _array(value, tail) if hasattr(value, "shape") and hasattr(value, "dtype") else _other(value)


def _other(value: Any) -> Any:
    number = _number(value)
    if number is not None:
        return number
    name = type(value).__name__
    if isinstance(value, (list, tuple)):
        inner = ", ".join(type(item).__name__ for item in value[:4]) + (", …" if len(value) > 4 else "")
        name = f"{name} of {len(value)} values: {inner}" if len(value) else f"empty {name}"
    return {"o": name[:100]}


def _number(value: Any) -> Any:
    """A plain Python number for what is one: int, float and their subclasses, NumPy's scalars. Else None."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        number = int.__index__(value) if isinstance(value, int) else int(value)
        return number if -(2**63) <= number < 2**63 else None
    if isinstance(value, (float, np.floating)):
        return float.__float__(value) if isinstance(value, float) else float(value)
    return None


def _array(value: Any, tail: bytearray) -> Any:
    kind = "array"
    device = "cpu"
    if type(value).__module__.partition(".")[0] == "torch":
        kind, device = "tensor", str(value.device)
        dtype = str(value.dtype).removeprefix("torch.")
        if device == "meta":
            return {"a": list(value.shape), "d": dtype, "k": kind, "v": device}
        value = value.detach().cpu().numpy()
    else:
        dtype = str(value.dtype)
    if dtype not in DTYPES:
        return {"o": f"{kind} of {dtype}"[:100]}
    if value.ndim == 0:
        return value.item()
    tail += np.ascontiguousarray(value, dtype="<f8").tobytes()
    return {"a": list(value.shape), "d": dtype, "k": kind, "v": device}


def unpack(data: Any, tail: memoryview) -> tuple[Any, memoryview]:
    """The value that JSON data stands for, and what it left of `tail`. Raises Malformed."""
    if data is None or type(data) in (bool, float):
        return data, tail
    if type(data) is int:
        if not -(2**63) <= data < 2**63:
            raise Malformed("an integer of more than 64 bits")
        return data, tail
    if type(data) is str and len(data) <= MAX_TEXT:
        return data, tail
    if type(data) is list and len(data) <= MAX_LIST and all(type(item) in (int, float, bool) for item in data):
        if any(type(item) is int and not -(2**63) <= item < 2**63 for item in data):
            raise Malformed("an integer of more than 64 bits")
        return data, tail
    if type(data) is dict and set(data) == {"o"} and type(data["o"]) is str and len(data["o"]) <= 100:
        return Opaque(data["o"]), tail
    if type(data) is dict and set(data) == {"a", "d", "k", "v"}:
        return _unpack_array(data, tail)
    raise Malformed("something that is no number, text, list of numbers or array")


def _unpack_array(data: dict, tail: memoryview) -> tuple[Array, memoryview]:
    shape, dtype, kind, device = data["a"], data["d"], data["k"], data["v"]
    sizes = type(shape) is list and len(shape) <= 8 and all(type(n) is int and 0 <= n <= 10**8 for n in shape)
    if not sizes or dtype not in DTYPES or kind not in ("array", "tensor") or type(device) is not str:
        raise Malformed("an array without a shape, dtype and device")
    if device == "meta":
        return Array(kind, dtype, np.zeros([0, *shape[1:]]), "meta"), tail
    count = 1
    for n in shape:
        count *= n
    if count * 8 > len(tail):
        raise Malformed("an array of fewer numbers than its shape says")
    values = np.frombuffer(tail[: count * 8], dtype="<f8").reshape(shape)
    return Array(kind, dtype, values, device[:20]), tail[count * 8 :]


def encode(message: dict[str, Any]) -> bytes:
    """A message as a frame. Its fields `args` (a list) and `value` hold values; the others are plain JSON."""
    tail = bytearray()
    plain = dict(message)
    if "args" in plain:
        plain["args"] = [pack(value, tail) for value in plain["args"]]
    if "value" in plain:
        plain["value"] = pack(plain["value"], tail)
    line = json.dumps(plain, separators=(",", ":")).encode()
    body = line + b"\n" + bytes(tail) if tail else line
    return LENGTH.pack(len(body)) + body


def decode(body: bytes) -> dict[str, Any]:
    """The message in the body of a frame (without its length). Raises Malformed for anything else."""
    line, newline, tail = body.partition(b"\n")
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Malformed("a frame that is not JSON") from error
    if type(message) is not dict:
        raise Malformed("a frame that is no message")
    rest = memoryview(tail)
    if "args" in message:
        if type(message["args"]) is not list or len(message["args"]) > 16:
            raise Malformed("a message whose arguments are no list")
        args = []
        for data in message["args"]:
            value, rest = unpack(data, rest)
            args.append(value)
        message["args"] = args
    if "value" in message:
        message["value"], rest = unpack(message["value"], rest)
    if len(rest):
        raise Malformed("a frame with bytes after its end")
    return message


def travelled(value: Any) -> Any:
    """The value as it arrives at the other end."""
    return decode(encode({"value": value})[LENGTH.size :])["value"]


def given(value: Any) -> Any:
    """A value as a student's code gets it: an Array as a NumPy array of its dtype, anything else as it is."""
    return value.values.astype(value.dtype) if isinstance(value, Array) else value
