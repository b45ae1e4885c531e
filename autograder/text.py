"""Text that came from a submission, made harmless for a terminal, a spreadsheet and a page."""

from __future__ import annotations

import html as _html
import re

# A sequence that never ends takes the rest of its line and no more, so that the hint after it can still be read.
ESCAPES = re.compile(
    # OSC (titles, links), DCS, PM, APC, SOS
    r"(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\x1b[ -/]*[0-~]?"
)
# C0 and C1 but tab and newline; surrogates; marks that turn the direction of writing; line separators; byte-order and
# object marks; tag characters, which are invisible.
REMOVED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffc"
    "\U000e0000-\U000e007f]"
)
# What spreadsheets take for the start of a formula, full-width and small forms of it, after any white space.
FORMULA = re.compile(r"\s*[=+\-@|%\t\r＝＋－＠−﹢﹣﹦﹫]")


def harmless(text: str, limit: int = 2_000) -> str:
    """The text without terminal codes, control characters and surrogates, at most `limit` characters long."""
    text = text[: 4 * limit].replace("\r\n", "\n")
    text = REMOVED.sub("", ESCAPES.sub("", text))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def csv_cell(text: str) -> str:
    """The text such that no spreadsheet takes it for a formula: an apostrophe goes before one.

    OWASP, CSV Injection (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    text = harmless(text)
    return ("'" + text if FORMULA.match(text) else text).replace("\n", " ")


def html(text: str) -> str:
    """The text for an element or a quoted attribute of an HTML page."""
    return _html.escape(harmless(text), quote=True)
