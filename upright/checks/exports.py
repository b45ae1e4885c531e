"""Data in a notebook's outputs: written by a lab's last cell, found again in the file that was handed in.

Each export stands in its output twice: under its own MIME type, and in the output's plain text as one line

    upright-export/1 MIME-TYPE sha256:HEX {JSON}

with the SHA-256 of the JSON's UTF-8. Some programs drop MIME types that they do not know; all of them keep plain text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from upright.checks.verdict import NotAnswered, Wrong
from upright.format import MAX_BYTES, DataError, Format

MARK = "upright-export/1"
MAX_TRIED = 20
AGAIN_HINT = (
    "Run the notebook's export cell again, save the notebook with its outputs, and hand in that file unchanged."
)
MISSING_HINT = "Run the export cell and save the notebook with its outputs: the answer of this lab is an output."

Data = TypeVar("Data", bound=Format)
Outputs = Sequence[tuple[int, dict[str, Any]]]


@dataclass(frozen=True)
class Found(Generic[Data]):
    """A valid export. cell: the number of its cell, from 1; passed_over: why later exports were refused."""

    value: Data
    cell: int
    passed_over: tuple[str, ...] = ()


def bundle(data: Format, mime: str, heading: str) -> dict[str, Any]:
    """What a front end gets to display: the data under its MIME type, and a text of two lines. `heading`: the first."""
    line = data.dumps()
    return {
        mime: json.loads(line),
        "text/plain": f"{heading}\n{MARK} {mime} sha256:{_digest(line)} {line}",
    }


def show(data: Format, mime: str, heading: str) -> None:
    """Put the data into the output of the notebook cell that runs."""
    from IPython.display import display  # only notebooks have it

    display(bundle(data, mime, heading), raw=True)


def find(outputs: Outputs, mime: str, loader: Callable[[str, str], Data]) -> Found[Data]:
    """The last valid export of a MIME type among a notebook's outputs: (number of the cell, {MIME type: data}).

    `loader(text, source)` gives the object or raises DataError, as `Policy.loads` does. Raises NotAnswered when there
    is no export of that type, and Wrong with the reason for the last one when each of the last 20 is refused.
    """
    refused: list[str] = []
    for cell, attempts in _newest(outputs, mime):
        for text in attempts:
            try:
                return Found(loader(text(), f"cell {cell}"), cell, tuple(refused))
            except DataError as reason:
                refused.append(str(reason))
        if len(refused) >= MAX_TRIED:
            break
    if refused:
        raise Wrong(refused[0], AGAIN_HINT)
    raise NotAnswered(f"No output of the notebook holds an export ({mime}).", MISSING_HINT)


def _newest(outputs: Outputs, mime: str) -> Iterator[tuple[int, list[Callable[[], str]]]]:
    """For each output with an export, the last first: what may be read from it, the data itself before its text."""
    for cell, data in reversed(outputs):
        attempts: list[Callable[[], str]] = []
        if mime in data:
            attempts.append(partial(_json, data[mime], cell))
        for line in reversed(_lines(data.get("text/plain"))):
            if line.startswith(f"{MARK} {mime} "):
                attempts.append(partial(_checked, line, cell))
        if attempts:
            yield cell, attempts


def _lines(text: Any) -> list[str]:
    """The lines of a text that a notebook's file holds as one string or as a list of lines."""
    return [line.strip() for line in (_joined(text) or "").split("\n")]


def _joined(text: Any) -> str | None:
    if isinstance(text, list) and all(isinstance(part, str) for part in text):
        return "".join(text)
    return text if isinstance(text, str) else None


def _json(value: Any, cell: int) -> str:
    """The JSON of what stands under the MIME type. A few front ends keep JSON as text."""
    text = _joined(value)
    if text is not None:
        return text
    try:
        return json.dumps(value)
    except (ValueError, RecursionError):
        raise DataError(f"cell {cell}: the export is nested too deeply to be read.") from None


def _checked(line: str, cell: int) -> str:
    """The JSON of a text line, if it fits its checksum. Raises DataError."""
    if len(line) > MAX_BYTES:
        raise DataError(f"cell {cell}: the export has {len(line):,} characters; at most {MAX_BYTES:,} are read.")
    _, _, checksum, text = (line.split(" ", 3) + [""] * 4)[:4]
    if checksum != f"sha256:{_digest(text)}":
        raise DataError(
            f"cell {cell}: the export's text does not fit its checksum: it was cut off or changed after it was written."
        )
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
