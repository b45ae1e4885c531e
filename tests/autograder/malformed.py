"""Inputs that are nearly right: a valid file with something cut, replaced or moved, as hypothesis likes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as some

# What breaks readers: numbers out of range, text that is no text, values where none is expected.
NASTY: list[Any] = [
    float("nan"),
    float("inf"),
    1e308,
    -1,
    2**63,
    10**400,
    "",
    "\ud800",
    "\x00\x1b[2J",
    "=HYPERLINK(1)",
    "../../etc/passwd",
    "9" * 5_000,
    [],
    {},
    [[]] * 1_000,
    None,
    True,
]
VALUES = some.sampled_from(NASTY) | some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NESTED = b"[" * 5_000
TORN = [b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", b"\x80\x04.", b"{}", b"[]", b"null", b"NaN", NESTED]


def nearly(whole: bytes) -> some.SearchStrategy[bytes]:
    """Bytes near to these, and now and then some that are not near at all."""
    parts = [some.binary(max_size=60), some.sampled_from(TORN), _cut(whole), _spliced(whole)]
    try:
        document = json.loads(whole)
    except ValueError:
        return some.one_of(*parts)
    return some.one_of(*parts, _edited(document), _edited(document))


def _cut(whole: bytes) -> some.SearchStrategy[bytes]:
    return some.integers(0, len(whole) - 1).map(lambda end: whole[:end])


def _spliced(whole: bytes) -> some.SearchStrategy[bytes]:
    places = some.integers(0, len(whole))
    return some.builds(
        lambda start, length, other: whole[:start] + other + whole[start + length :],
        places,
        some.integers(0, 40),
        some.binary(max_size=12) | some.sampled_from([b'"', b",", b"\n", b";", b"\r", b"'", b"9" * 400]),
    )


@some.composite
def _edited(draw: some.DrawFn, document: Any) -> bytes:
    """The document with one value replaced, left out, or under another name."""
    copy = json.loads(json.dumps(document))
    *way, last = draw(some.sampled_from(list(_places(copy))))
    holder = copy
    for step in way:
        holder = holder[step]
    edit = draw(some.sampled_from(["replace", "replace", "leave out", "rename"]))
    old = holder[last]
    if edit != "replace":
        del holder[last]
    if edit == "replace":
        holder[last] = draw(VALUES)
    elif edit == "rename" and isinstance(holder, dict):
        holder[draw(some.text(max_size=8))] = old
    return json.dumps(copy).encode()


def _places(document: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values lie; of a long list only the first few places."""
    if isinstance(document, dict):
        inner: list[Any] = list(document)
    elif isinstance(document, list):
        inner = list(range(min(len(document), 3)))
    else:
        return
    for step in inner:
        yield (*way, step)
        yield from _places(document[step], (*way, step))
