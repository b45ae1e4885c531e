"""A submission's file is read as data, whatever is in it."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebook import MAX_BYTES, Cell, InvalidSubmission, digest, read
from tests.autograder.fixtures import code_cell, notebook

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SUFFIX = st.sampled_from(["ipynb", "py"])
FIELDS = ("cell_type", "source", "metadata", "outputs", "tags", "nbgrader", "data", "output_type")


def written(folder: Path, content: str | bytes, name: str = "ada.ipynb") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InvalidSubmission) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path.name}: ")
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_code_cells_keep_their_place_among_all_cells(tmp_path: Path) -> None:
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}
    source = read(written(tmp_path, notebook(markdown, code_cell("a = 1"), markdown, code_cell(["b = 2\n", "c = 3"]))))
    assert source.cells == [Cell(2, "a = 1"), Cell(4, "b = 2\nc = 3")]
    assert source.outputs == []


def test_a_notebook_that_jupyters_own_library_wrote_is_read(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%matplotlib inline\nx = 1")])
    book.cells[0].metadata["nbgrader"] = {"grade_id": "run_episode", "solution": True}
    book.cells[0].metadata["tags"] = ["wide"]
    nbformat.write(book, tmp_path / "ada.ipynb")
    assert read(tmp_path / "ada.ipynb").cells == [Cell(1, "%matplotlib inline\nx = 1", ("wide",), "run_episode")]


def test_cells_tagged_demo_are_not_code_of_the_answer(tmp_path: Path) -> None:
    demo = code_cell("train_for_an_hour()", metadata={"tags": ["demo", "other"]})
    assert read(written(tmp_path, notebook(demo, code_cell("x = 1")))).cells == [Cell(2, "x = 1")]


def test_data_in_outputs_comes_with_its_cell(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "printed"},
        {"output_type": "display_data", "data": {"application/x": {"a": [1]}, "text/plain": "a"}, "metadata": {}},
        {"output_type": "execute_result", "data": {"text/plain": "b"}, "metadata": {}, "execution_count": 1},
        {"output_type": "error", "data": {"text/plain": "not this"}},
    ]
    source = read(written(tmp_path, notebook(code_cell(""), code_cell("show()", outputs=outputs))))
    assert source.outputs == [(2, {"application/x": {"a": [1]}, "text/plain": "a"}), (2, {"text/plain": "b"})]


def test_the_mark_that_windows_puts_first_is_no_part_of_a_notebook(tmp_path: Path) -> None:
    assert read(written(tmp_path, "\ufeff" + notebook(code_cell("x = 1")))).cells == [Cell(1, "x = 1")]


def test_half_a_surrogate_in_an_output_survives_the_reading_and_json(tmp_path: Path) -> None:
    bundle = {"application/x": {"text": "half \ud800", "large": 10**400, "deep": json.loads("[" * 500 + "]" * 500)}}
    outputs = [{"output_type": "display_data", "data": bundle}]
    source = read(written(tmp_path, notebook(code_cell("", outputs=outputs))))
    assert source.outputs == [(1, bundle)]
    assert json.loads(json.dumps(source.outputs)) == [[1, bundle]]


def test_a_python_file_is_one_cell_and_its_magics_stay(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff%time\ndef f():\n    return 1\n", "ada.py")
    assert read(path).cells == [Cell(1, "%time\ndef f():\n    return 1\n")]


def test_the_hash_is_of_the_files_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, "x = 1\r\n", "ada.py")
    assert read(path).sha256 == digest(path) == hashlib.sha256(b"x = 1\r\n").hexdigest()


def test_of_a_key_that_comes_twice_the_last_counts_as_in_jupyter(tmp_path: Path) -> None:
    text = notebook(code_cell("x = 1")).replace('"cells": [', '"cells": [], "cells": [')
    path = written(tmp_path, text)
    assert read(path).cells[0].source == nbformat.read(path, as_version=4).cells[0].source == "x = 1"


def test_what_python_cannot_compile_is_taken_out_of_code(tmp_path: Path) -> None:
    cell = code_cell("x = 'a\x00b\ud800c'")
    source = read(written(tmp_path, notebook(cell))).cells[0].source
    assert source == "x = 'ab?c'"
    compile(source, "cell", "exec")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"PK\x03\x04rest", "zip archive; unpack it"),
        ("{}".encode("utf-16"), "not UTF-8 text (byte 0)"),
        (notebook(code_cell("x = 1"))[:-40], "breaks off or is damaged in line 1"),
        ("not json", "breaks off or is damaged"),
        ("[" * 100_000, "nested too deeply"),
        ('{"nbformat": ' + "9" * 5_000 + "}", "number of thousands of digits"),
        ("[]", "names no nbformat"),
        ("{}", "names no nbformat"),
        ("null", "names no nbformat"),
        ("NaN", "names no nbformat"),
        ('{"nbformat": true, "cells": []}', "names no nbformat"),
        ('{"nbformat": 3, "worksheets": [{"cells": []}]}', "older format than 4"),
        ('{"nbformat": 5, "cells": []}', "newer format than 4"),
        ('{"nbformat": 4}', "no list of cells"),
        ('{"nbformat": 4, "cells": {"a": 1}}', "no list of cells"),
        (notebook("text"), "cell 1 has no cell_type"),
        (notebook(code_cell("x"), {"source": "x"}), "cell 2 has no cell_type"),
        (notebook(code_cell(None)), "source of cell 1 is not text"),
        (notebook(code_cell(["x", 1])), "source of cell 1 is not text"),
        (notebook({"cell_type": "code"}), "source of cell 1 is not text"),
        (notebook(*[code_cell("")] * 2_001), "has 2,001 cells"),
        (notebook(*[code_cell("x" * 600_000)] * 2), "more than 1,000,000 characters of code"),
        ('{"nbformat": 4, "cells": [' + "[]," * 2_000_000 + "0]}", "more than 2,000,000 values"),
    ],
)
def test_what_is_no_notebook_is_refused_with_its_reason(content: str | bytes, reason: str, tmp_path: Path) -> None:
    assert reason in refusal(written(tmp_path, content))


def test_a_python_file_of_a_million_characters_is_refused(tmp_path: Path) -> None:
    assert "1,000,001 characters" in refusal(written(tmp_path, "x" * 1_000_001, "ada.py"))


def test_a_file_of_100_megabytes_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "ada.ipynb"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert "100,000,000 bytes; at most 20,000,000 are read" in refusal(path)
    before = Path("/proc/self/io").read_text().splitlines()[0]
    assert digest(path) == ""
    after = Path("/proc/self/io").read_text().splitlines()[0]
    assert int(after.split()[1]) - int(before.split()[1]) < 1_000_000


def test_a_file_of_just_the_limit_is_read(tmp_path: Path) -> None:
    text = notebook(code_cell("x = 1"))
    padded = text.encode() + b" " * (MAX_BYTES - len(text))
    assert read(written(tmp_path, padded)).cells == [Cell(1, "x = 1")]
    assert "bytes; at most" in refusal(written(tmp_path, padded + b" "))


def test_links_pipes_sockets_devices_and_folders_are_not_opened(tmp_path: Path) -> None:
    target = written(tmp_path, notebook(), "target.ipynb")
    link, pipe, folder, plug = (tmp_path / f"{name}.ipynb" for name in ("link", "pipe", "folder", "plug"))
    link.symlink_to(target)
    os.mkfifo(pipe)
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(plug))
        assert "is a symbolic link" in refusal(link)
        assert "is not a file" in refusal(pipe)
        assert "is not a file" in refusal(folder)
        assert "cannot be opened" in refusal(plug)
        assert "is not a file" in refusal(Path("/dev/zero"))
        assert "cannot be opened" in refusal(tmp_path / "missing.ipynb")
        assert [digest(path) for path in (link, pipe, folder, plug)] == [""] * 4


def test_a_refusal_knows_the_hash_of_what_could_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "not json")
    with pytest.raises(InvalidSubmission) as caught:
        read(path)
    assert caught.value.sha256 == digest(path) != ""


@given(
    cells=st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES) | JSON_VALUES, max_size=4),
    tail=st.binary(max_size=4),
)
def test_nobody_can_write_a_file_that_does_more_than_be_refused(
    cells: list[Any], tail: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "ada.ipynb"
    path.write_bytes(json.dumps({"nbformat": 4, "cells": cells}).encode() + tail)
    refused = ""
    try:
        sources = [cell.source for cell in read(path).cells]
    except InvalidSubmission as reason:
        sources, refused = [], str(reason)
    assert refused.startswith("ada.ipynb: ") or all(type(source) is str for source in sources)


@given(content=st.binary(max_size=60) | JSON_VALUES.map(lambda value: json.dumps(value).encode()), suffix=SUFFIX)
def test_any_file_at_all_is_read_or_refused(
    content: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any.{suffix}"
    path.write_bytes(content)
    texts, message = [], f"{path.name}: "
    try:
        source = read(path)
        texts, sha256 = [cell.source for cell in source.cells], source.sha256
    except InvalidSubmission as reason:
        message, sha256 = str(reason), reason.sha256
    assert all(type(text) is str for text in texts)
    assert message.startswith(f"{path.name}: ")
    assert sha256 == hashlib.sha256(content).hexdigest()
