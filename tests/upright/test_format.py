"""Data from strangers: whatever arrives, the answer is an object of the format or one sentence, a DataError."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upright.format import MAX_BYTES, DataError, Format


class Point(Format):
    """A format as small as can be."""

    format: Literal["upright-point/1"] = "upright-point/1"
    at: tuple[float, float]
    name: str | None = None


GOOD = {"format": "upright-point/1", "at": [1.0, 2.5], "name": "here"}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def refusal(text: str) -> str:
    """The sentence with which text is refused."""
    with pytest.raises(DataError) as caught:
        Point.loads(text, source="point.json")
    return str(caught.value)


def test_what_was_saved_loads_as_an_equal_object(tmp_path: Path) -> None:
    point = Point.parse(GOOD)
    path = point.save(tmp_path / "point.json")
    assert path.is_absolute()
    assert Point.load(path) == point


def test_equal_objects_are_written_alike() -> None:
    reordered = dict(reversed(GOOD.items()))
    assert Point.parse(GOOD).dumps() == Point.parse(reordered).dumps()
    assert "\n" not in Point.parse({**GOOD, "name": "two\nlines"}).dumps()


def test_text_in_every_script_survives(tmp_path: Path) -> None:
    point = Point.parse({**GOOD, "name": "Wagen, 推车, عربة 🛒"})
    assert Point.load(point.save(tmp_path / "point.json")).name == "Wagen, 推车, عربة 🛒"


def test_an_object_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Point.parse(GOOD).name = "elsewhere"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.json: cannot be read \(No such file or directory\)"):
        Point.load(tmp_path / "nowhere.json")


def test_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{tmp_path.name}: cannot be read"):
        Point.load(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused_with_the_position(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"name": "caf\xe9"}')
    with pytest.raises(DataError, match=r"latin\.json: is not UTF-8 text \(byte 13\)"):
        Point.load(tmp_path / "latin.json")


def test_a_file_of_five_megabytes_is_refused_with_both_sizes(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_text(json.dumps(GOOD) + " " * 5_000_000, encoding="utf-8")
    with pytest.raises(DataError, match=r"large\.json: the file has 5,000,\d\d\d bytes; at most 4,000,000"):
        Point.load(tmp_path / "large.json")


def test_text_longer_than_a_file_may_be_is_refused() -> None:
    assert f"at most {MAX_BYTES:,}" in refusal(json.dumps(GOOD) + " " * MAX_BYTES)


@pytest.mark.parametrize("text", ["", "{", "{'at': [1, 2]}", '{"at": [1, 2],}', "upright", "\x00", '{"at": [1, 2]} {}'])
def test_what_is_not_json_is_refused_with_line_and_column(text: str) -> None:
    assert refusal(text).startswith("point.json: is not JSON (line 1, column ")


@pytest.mark.parametrize("text", ["[]", "3", "null", '"at"', "[[1, 2]]"])
def test_json_that_is_no_object_is_refused(text: str) -> None:
    assert "expected a JSON object" in refusal(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_a_number_that_is_not_finite_is_refused_by_field(number: str) -> None:
    message = refusal(json.dumps(GOOD).replace("2.5", number))
    assert message.startswith("point.json: field at.1: ")
    assert "finite number" in message


@pytest.mark.parametrize(("value", "shown"), [("1", "1"), (True, "True"), (None, "None"), ([1.0], "[1.0]"), ({}, "{}")])
def test_what_only_looks_like_a_number_is_refused_by_field_and_value(value: Any, shown: str) -> None:
    message = refusal(json.dumps({**GOOD, "at": [1.0, value]}))
    assert message == f"point.json: field at.1: Input should be a valid number (got {shown})."


def test_an_unknown_field_is_refused_by_name() -> None:
    assert "field colour: Extra inputs are not permitted (got red)" in refusal(json.dumps({**GOOD, "colour": "red"}))


def test_a_missing_field_is_named_without_a_value() -> None:
    assert refusal('{"name": "here"}') == "point.json: field at: Field required."


def test_another_version_of_the_format_is_refused() -> None:
    message = refusal(json.dumps({**GOOD, "format": "upright-point/2"}))
    assert "field format" in message
    assert "upright-point/1" in message
    assert "upright-point/2" in message


def test_a_value_that_is_shown_is_short_and_printable() -> None:
    message = refusal(json.dumps({**GOOD, "at": [1.0, "\x1b[31m" + "long " * 1000]}))
    assert len(message) < 200
    assert message.isprintable()


def test_nesting_of_any_depth_is_refused() -> None:
    for depth in [*range(50, 1100, 7), 5_000, 100_000]:
        refusal("[" * depth + "]" * depth)
        refusal('{"at":' * depth + "1" + "}" * depth)


def test_an_integer_of_any_length_is_refused() -> None:
    for digits in (20, 400, 4_299, 4_301, 100_000):
        refusal(json.dumps(GOOD).replace('"here"', "1" + "0" * digits))
    with pytest.raises(DataError, match="expected a JSON object, got int"):
        Point.parse(10**5_000)


def test_python_data_that_is_not_json_is_refused() -> None:
    circle: dict[str, Any] = {**GOOD}
    circle["at"] = circle
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for data in (
        circle,
        {**GOOD, "at": deep},
        {**GOOD, "name": object()},
        {**GOOD, "name": b"here"},
        {**GOOD, "at": {1, 2}},
    ):
        with pytest.raises(DataError, match="point: holds something that is not JSON"):
            Point.parse(data, source="point")


@given(JSON)
def test_any_json_is_taken_or_refused_and_nothing_else(data: Any) -> None:
    with contextlib.suppress(DataError):
        assert Point.loads(json.dumps(data)).format == "upright-point/1"


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*GOOD, "more"], JSON)))
def test_an_object_with_any_values_is_taken_or_refused(values: dict[str, Any]) -> None:
    with contextlib.suppress(DataError):
        point = Point.loads(json.dumps({**GOOD, **values}))
        assert Point.loads(point.dumps()) == point


@given(st.text())
def test_any_text_is_taken_or_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(DataError):
        Point.loads(text)
