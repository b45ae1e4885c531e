"""Tables that an instructor gives: CSV as spreadsheets write it, in their encodings and with their separators."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import UsageError
from autograder.text import harmless

MAX_BYTES = 50_000_000
SEPARATORS = ";\t,"


def read(path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table as ("FILE, line N", {column: text}), empty ones left out; other columns are not looked at.

    UTF-8 with or without a mark, UTF-16 with one, else Windows-1252; separated by commas, semicolons or tabs, as its
    first line is. Column names in any case. Raises UsageError.
    """
    content = text(path)
    head, _, rest = content.partition("\n")
    declared = head.strip().lower().startswith("sep=")  # Excel's own first line
    separator = head.strip()[4:5] if declared and head.strip()[4:5] else max(SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(rest if declared else content, newline=""), delimiter=separator, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        for name in required:
            if name not in names:
                found = harmless(", ".join(names), 200) or "nothing"
                raise UsageError(f"{path}: has no column {name} (its first line has: {found}); add it.")
        for name in (*required, *optional):
            if names.count(name) > 1:
                raise UsageError(f"{path}: has the column {name} twice; remove one.")
        places = {name: names.index(name) for name in (*required, *optional) if name in names}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            where = f"{path}, line {reader.line_num + declared}"
            yield where, {name: _cell(cells, place) for name, place in places.items()}
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num + declared}: is not CSV ({error}); save it again.") from None


def by_student(
    path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The rows of a table as (where, student, row). Raises UsageError, also for a student without a name or twice."""
    seen: set[str] = set()
    for where, row in read(path, ("student", *required), optional):
        student = row["student"]
        if not student:
            raise UsageError(f"{where}: student is empty; write the name of the student's file or folder.")
        if student in seen:
            raise UsageError(f"{where}: student {harmless(student, 100)} comes twice; keep one row.")
        seen.add(student)
        yield where, student, row


def _cell(cells: list[str], place: int) -> str:
    """Names are compared as the submissions' names are: NFC. A row may be shorter than the first."""
    found = cells[place] if place < len(cells) else ""
    return unicodedata.normalize("NFC", harmless(found.strip(), 300))


def text(path: Path) -> str:
    """What a CSV file holds, whatever its encoding, with one kind of line ends. Raises UsageError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: cannot be read ({reason}); give a CSV file.") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: has more than {MAX_BYTES:,} bytes; give a smaller CSV file.")
    if data.startswith(b"PK\x03\x04"):
        raise UsageError(f"{path}: is a workbook or a zip archive; save the table as CSV.")
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            decoded = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in decoded:
            break
        return decoded.replace("\r\n", "\n").replace("\r", "\n")
    raise UsageError(f"{path}: is not text; save it as CSV (UTF-8).")
