"""What Upright's data formats share: JSON in, a validated object out, or a sentence that names what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

MAX_BYTES = 4_000_000


class DataError(ValueError):
    """Data that was refused. The message names the file, the field and the value, and says what is expected."""


class Format(BaseModel):
    """One version of one data format. A subclass declares `format: Literal["upright-NAME/VERSION"]` and its fields.

    Objects are immutable; unknown fields, NaN, infinities and numbers in quotes are refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a JSON file. Raises DataError when it is missing, larger than 4 MB, not JSON, or not of this format."""
        path = Path(path)
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise DataError(f"{path}: the file has {size:,} bytes; at most {MAX_BYTES:,} are read.")
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: is not UTF-8 text (byte {error.start}).") from error
        return cls.loads(text, source=str(path))

    @classmethod
    def loads(cls, text: str, source: str = "data") -> Self:
        """Parse JSON text; `source` is the name used in error messages. Raises DataError."""
        if len(text) > MAX_BYTES:
            raise DataError(f"{source}: {len(text):,} characters; at most {MAX_BYTES:,} are read.")
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise DataError(
                f"{source}: is not JSON (line {error.lineno}, column {error.colno}: {error.msg})."
            ) from error
        except (RecursionError, ValueError) as error:
            raise DataError(f"{source}: is not JSON that can be read ({_short(str(error))}).") from error
        return cls.parse(data, source)

    @classmethod
    def parse(cls, data: Any, source: str = "data") -> Self:
        """Validate plain Python data (dicts, lists, numbers, text). Raises DataError."""
        if not isinstance(data, dict):
            raise DataError(f"{source}: expected a JSON object, got {_short(data)}.")
        try:
            # Through JSON, so that strict mode takes JSON's arrays for tuples and nothing else for numbers.
            return cls.model_validate_json(json.dumps(data))
        except ValidationError as error:
            first = error.errors()[0]
            field = _short(".".join(str(part) for part in first["loc"])) or "the whole"
            reason = first["msg"].removeprefix("Value error, ")
            got = "" if first["type"] == "missing" else f" (got {_short(first['input'])})"
            raise DataError(f"{source}: field {field}: {reason}{got}.") from error
        except (TypeError, ValueError, RecursionError) as error:
            raise DataError(f"{source}: holds something that is not JSON ({_short(str(error))}).") from error

    def dumps(self) -> str:
        """One line of JSON, the same for equal objects."""
        return self.model_dump_json()

    def save(self, path: str | Path) -> Path:
        """Write the object as JSON and return the absolute path."""
        path = Path(path).resolve()
        path.write_text(self.dumps() + "\n", encoding="utf-8")
        return path


def _short(value: Any, limit: int = 60) -> str:
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits; a list that holds itself thousands deep
        text = type(value).__name__
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
