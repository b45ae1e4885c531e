"""What travels between a student's code and the judge: frames of a few plain types, and nothing else.

A frame is four bytes, the length (big-endian), then one line of JSON, and for arrays a newline and their numbers as
little-endian float64. A value is null, a number, short text, a list of numbers, an array of numbers, a tuple of up to
four arrays, or `Opaque`: the name of a type that does not travel. There are no objects, so there is nothing to unpickle
or evaluate.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_TEXT = 2_000
MAX_LIST = 10_000
MAX_TUPLE = 4
MAX_DIMENSIONS = 8
MAX_NUMBERS = 10**8
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
    """An array or tensor: `kind` "array" or "tensor"; its dtype's name and shape at the sender's end; `values` in
    float64, of that shape. On torch's device "meta", which has shapes but no numbers, `values` is empty."""

    kind: str
    dtype: str
    shape: tuple[int, ...]
    values: np.ndarray
    device: str = "cpu"


def tensor(values: np.ndarray, dtype: str, device: str = "cpu") -> Array:
    """An argument that a student's function gets as a torch tensor. `dtype`: of DTYPES; `device`: "cpu" or "meta"."""
    kept = np.zeros(0) if device == "meta" else values.astype(np.float64)
    return Array("tensor", dtype, values.shape, kept, device)


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
        if len(value) <= MAX_TUPLE and all(_is_array(item) for item in value) and any(len(i.shape) for i in value):
            return {"t": [_array(item, tail) for item in value]}
    return _array(value, tail) if _is_array(value) else _other(value)


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


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
    seen = value if type(value) is Array else _seen(value)
    if seen.dtype not in DTYPES or len(seen.shape) > MAX_DIMENSIONS:
        return {"o": f"{seen.kind} of {seen.dtype}"[:100]}
    if seen.device != "meta":
        if not seen.shape:
            return seen.values.item()
        tail += np.ascontiguousarray(seen.values, dtype="<f8").tobytes()
    return {"a": list(seen.shape), "d": seen.dtype, "k": seen.kind, "v": seen.device}


def _seen(value: Any) -> Array:
    """An array or tensor in place, not copied; without numbers if they cannot travel."""
    dtype, shape = str(value.dtype).removeprefix("torch."), tuple(value.shape)
    is_tensor = type(value).__module__.partition(".")[0] == "torch"
    device = str(value.device) if is_tensor else "cpu"
    if dtype not in DTYPES or device == "meta":
        return Array("tensor" if is_tensor else "array", dtype, shape, np.zeros(0), device)
    if is_tensor:
        return Array("tensor", dtype, shape, value.detach().cpu().numpy(), device)
    return Array("array", dtype, shape, np.asarray(value))


def unpack(data: Any, tail: memoryview) -> tuple[Any, memoryview]:
    """The value that JSON data stands for, and what it left of `tail`. Raises Malformed."""
    if type(data) is dict and set(data) == {"t"}:
        if type(data["t"]) is not list or not 1 <= len(data["t"]) <= MAX_TUPLE:
            raise Malformed(f"a tuple of none or more than {MAX_TUPLE} values")
        values = []
        for item in data["t"]:
            value, tail = _unpack_one(item, tail)
            values.append(value)
        return tuple(values), tail
    return _unpack_one(data, tail)


def _unpack_one(data: Any, tail: memoryview) -> tuple[Any, memoryview]:
    if data is None or _is_number(data) or (type(data) is str and len(data) <= MAX_TEXT):
        return data, tail
    if type(data) is list and len(data) <= MAX_LIST and all(_is_number(item) for item in data):
        return data, tail
    if type(data) is dict and set(data) == {"o"} and type(data["o"]) is str and len(data["o"]) <= 100:
        return Opaque(data["o"]), tail
    if type(data) is dict and set(data) == {"a", "d", "k", "v"}:
        return _unpack_array(data, tail)
    raise Malformed("something that is no number of 64 bits, text, list of numbers or array")


def _is_number(data: Any) -> bool:
    return type(data) in (bool, float) or (type(data) is int and -(2**63) <= data < 2**63)


def _unpack_array(data: dict, tail: memoryview) -> tuple[Array, memoryview]:
    shape, dtype, kind, device = data["a"], data["d"], data["k"], data["v"]
    sizes = type(shape) is list and len(shape) <= MAX_DIMENSIONS and all(type(n) is int and n >= 0 for n in shape)
    if not sizes or dtype not in DTYPES or kind not in ("array", "tensor") or type(device) is not str:
        raise Malformed("an array without a shape, dtype and device")
    # Bounded without its zeros too: an array of no numbers may still have too large a shape for NumPy.
    if math.prod(n for n in shape if n) > MAX_NUMBERS:
        raise Malformed("an array of a shape that is too large")
    if device == "meta":
        return Array(kind, dtype, tuple(shape), np.zeros(0), device), tail
    count = math.prod(shape)
    if count * 8 > len(tail):
        raise Malformed("an array of fewer numbers than its shape says")
    values = np.frombuffer(tail[: count * 8], dtype="<f8").reshape(shape)
    return Array(kind, dtype, tuple(shape), values, device[:20]), tail[count * 8 :]


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
    line, _, tail = body.partition(b"\n")
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
    """A value as a student's code gets it: an Array as a NumPy array or torch tensor of its dtype, which is a copy;
    anything else as it is."""
    if not isinstance(value, Array):
        return value
    if value.kind == "array":
        return value.values.astype(value.dtype)
    import torch

    if value.device == "meta":
        return torch.empty(value.shape, dtype=getattr(torch, value.dtype), device="meta")
    return torch.from_numpy(value.values.astype(value.dtype))


def changed(sent: Sequence[Any], handed: Sequence[Any]) -> list[int]:
    """The positions of the arguments that a call modified. `sent`: as the judge sent them; `handed`: what `given` made
    of them, after the call. Only an Array with numbers is looked at."""
    watched = [i for i, value in enumerate(sent) if isinstance(value, Array) and value.device != "meta"]
    return [i for i in watched if not np.array_equal(sent[i].values, _seen(handed[i]).values)]
