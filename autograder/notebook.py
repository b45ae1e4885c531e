"""A submission's file as data: the source of its cells and the data in its outputs. Nothing of it is run."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 20_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000
# A file of brackets and commas takes twenty times its size once it is parsed; this bounds it by some 200 MB.
MAX_VALUES = 2_000_000
DEMO = "demo"  # the tag of cells that only show something
WITH_DATA = ("display_data", "execute_result")


class InvalidSubmission(Exception):
    """The file could not be read as a submission. The message says why and what to do; sha256: of its bytes, or ""."""

    def __init__(self, message: str, sha256: str = "") -> None:
        super().__init__(message)
        self.sha256 = sha256


@dataclass(frozen=True)
class Cell:
    """A code cell. number: its place among all cells of the notebook, from 1; grade_id: nbgrader's name for it."""

    number: int
    source: str
    tags: tuple[str, ...] = ()
    grade_id: str = ""


@dataclass(frozen=True)
class Source:
    """cells: the code cells that are graded; outputs: (cell number, {MIME type: data}) of every output that holds data;
    sha256: of the file's bytes."""

    cells: list[Cell]
    outputs: list[tuple[int, dict[str, Any]]]
    sha256: str


def read(path: Path) -> Source:
    """Read an .ipynb or .py file of at most 20 MB. Raises InvalidSubmission."""
    digest = ""
    try:
        data = _bytes(path)
        digest = hashlib.sha256(data).hexdigest()
        text = _text(data)
        del data
        if path.suffix.lower() != ".py":
            return _notebook(text, digest)
        if len(text) > MAX_SOURCE:
            raise _Bad(f"it has {len(text):,} characters of code; at most {MAX_SOURCE:,} are graded")
        return Source([Cell(1, _code(text))], [], digest)
    except _Bad as reason:
        raise InvalidSubmission(f"{path.name}: {reason}.", digest) from None


def load(path: Path) -> bytes:
    """The bytes of a submission, at most 20 MB. Raises InvalidSubmission, as `read` does where it cannot be opened."""
    try:
        return _bytes(path)
    except _Bad as reason:
        raise InvalidSubmission(f"{path.name}: {reason}.") from None


def digest(path: Path) -> str:
    """SHA-256 of a submission's bytes as `read` gives it, or "" if the file cannot be read."""
    try:
        return hashlib.sha256(_bytes(path)).hexdigest()
    except _Bad:
        return ""


class _Bad(Exception):
    """What is wrong with the file, without its name."""


def _bytes(path: Path) -> bytes:
    """The file's bytes. A link, a device or a pipe is not followed or read, nor a file that is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _Bad("it is a symbolic link; hand in the file itself") from None
        raise _Bad(f"it cannot be opened ({error.strerror})") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _Bad("it is not a file; hand in an .ipynb or .py file")
        if status.st_size > MAX_BYTES:
            raise _Bad(_too_large(status.st_size))
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _Bad(f"it cannot be read ({error.strerror})") from None
    finally:
        os.close(descriptor)
    if len(data) > MAX_BYTES:
        raise _Bad(_too_large(len(data)))
    return data


def _too_large(size: int) -> str:
    return f"it has {size:,} bytes; at most {MAX_BYTES:,} are read. Clear its outputs, save it, and hand it in again"


def _text(data: bytes) -> str:
    if not data.strip():
        raise _Bad("it is empty; save it, and hand it in again")
    if data.startswith(b"PK\x03\x04"):
        raise _Bad("it is a zip archive; unpack it, and hand in the notebook in it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Bad(f"it is not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def _notebook(text: str, digest: str) -> Source:
    cells: list[Cell] = []
    outputs: list[tuple[int, dict[str, Any]]] = []
    for number, cell in enumerate(_cells(text), 1):
        if type(cell) is not dict or type(cell.get("cell_type")) is not str:
            raise _Bad(f"cell {number} has no cell_type; open the notebook in Jupyter, save it, and hand it in again")
        if cell["cell_type"] != "code":
            continue
        metadata = _field(cell, "metadata")
        tags = metadata.get("tags")
        names = tuple(tag for tag in tags if type(tag) is str) if type(tags) is list else ()
        grade_id = _field(metadata, "nbgrader").get("grade_id")
        source = _source(number, cell.get("source"))
        if DEMO not in names:
            cells.append(Cell(number, source, names, grade_id if type(grade_id) is str else ""))
        outputs += [(number, bundle) for bundle in _bundles(cell.get("outputs"))]
    if sum(len(cell.source) for cell in cells) > MAX_SOURCE:
        raise _Bad(f"it has more than {MAX_SOURCE:,} characters of code")
    return Source(cells, outputs, digest)


def _cells(text: str) -> list[Any]:
    """The cells of a notebook of format 4. Of a key that comes twice the last counts, as Jupyter reads it."""
    if sum(map(text.count, "[{,")) > MAX_VALUES:
        raise _Bad(f"it holds more than {MAX_VALUES:,} values. Clear its outputs, save it, and hand it in again")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} ({error.msg})"
        raise _Bad(f"it is not a notebook: its JSON breaks off or is damaged in {place}") from None
    except RecursionError:
        raise _Bad("it is not a notebook: its JSON is nested too deeply") from None
    except ValueError:
        raise _Bad("it is not a notebook: its JSON holds a number of thousands of digits") from None
    if type(data) is not dict or type(data.get("nbformat")) is not int:
        raise _Bad("it is not a notebook: its JSON names no nbformat; hand in the .ipynb that Jupyter or Colab saves")
    if data["nbformat"] != 4:
        kind = "an older" if data["nbformat"] < 4 else "a newer"
        raise _Bad(f"it is a notebook of {kind} format than 4; open it in Jupyter, save it, and hand it in again")
    if type(data.get("cells")) is not list:
        raise _Bad("it is not a notebook: there is no list of cells")
    if len(data["cells"]) > MAX_CELLS:
        raise _Bad(f"it has {len(data['cells']):,} cells; at most {MAX_CELLS:,} are graded")
    return data["cells"]


def _field(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if type(value) is dict else {}


def _source(number: int, source: Any) -> str:
    lines = [source] if type(source) is str else source
    if type(lines) is not list or not all(type(line) is str for line in lines):
        raise _Bad(f"the source of cell {number} is not text")
    return _code("".join(lines))


def _code(text: str) -> str:
    """What UTF-8 cannot hold cannot be code, and would not travel into the sandbox; nor can NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _bundles(outputs: Any) -> Iterator[dict[str, Any]]:
    for output in outputs if type(outputs) is list else []:
        if type(output) is dict and output.get("output_type") in WITH_DATA and type(output.get("data")) is dict:
            yield output["data"]
