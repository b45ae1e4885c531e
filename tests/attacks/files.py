"""Files that are themselves the attack: notebooks and names that no cell ever gets to run from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path


def notebook(*cells: str, **more: object) -> str:
    """A notebook of code cells, as text."""
    found: list[dict[str, object]] = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in cells
    ]
    return json.dumps({"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def not_utf8(path: Path) -> None:
    path.write_bytes(b'{"cells": [], "x": "\xff\xfe\x80"}')


def truncated(path: Path) -> None:
    path.write_text(notebook("x = 1")[:-30])


def hundred_megabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def nested(path: Path) -> None:
    path.write_text('{"cells": ' + "[" * 200_000 + "]" * 200_000 + "}")


def huge_number(path: Path) -> None:
    path.write_text('{"cells": [], "nbformat": ' + "9" * 100_000 + "}")


def wrong_types(path: Path) -> None:
    path.write_text(json.dumps({"cells": [7, "x", None, {"cell_type": "code", "source": {"a": 1}}]}))


def format_three(path: Path) -> None:
    path.write_text(json.dumps({"worksheets": [{"cells": []}], "nbformat": 3}))


def a_million_cells(path: Path) -> None:
    path.write_text('{"cells": [' + ",".join(['{"cell_type": "code", "source": ""}'] * 400_000) + "]}")


def is_an_archive(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(200))


def is_a_pickle(path: Path) -> None:
    path.write_bytes(b"cos\nsystem\n(S'touch /tmp/unpickled'\ntR.")


# Each writes a file that ends as `invalid_submission`, with a sentence and without a point.
UNREADABLE: tuple[Callable[[Path], None], ...] = (
    not_utf8,
    truncated,
    hundred_megabytes,
    empty,
    nested,
    huge_number,
    wrong_types,
    format_three,
    a_million_cells,
    is_an_archive,
    is_a_pickle,
)


def link_to_secret(folder: Path) -> Path:
    (folder / "eve.ipynb").symlink_to("/etc/passwd")
    return folder / "eve.ipynb"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "eve.ipynb")
    return folder / "eve.ipynb"


def dots(folder: Path) -> Path:
    (folder / "...ipynb").write_text(notebook("x = 1"))
    return folder / "...ipynb"


def terminal_codes(folder: Path) -> Path:
    (folder / "\x1b[2Jeve.ipynb").write_text(notebook("x = 1"))
    return folder / "\x1b[2Jeve.ipynb"


def formula(folder: Path) -> Path:
    (folder / "=cmd|' .ipynb").write_text(notebook("x = 1"))
    return folder / "=cmd|' .ipynb"


def archive(folder: Path) -> Path:
    (folder / "eve.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    return folder / "eve.zip"


# Each makes something that is refused by name before anything runs.
REFUSED: tuple[Callable[[Path], Path], ...] = (link_to_secret, pipe, dots, terminal_codes, formula, archive)
