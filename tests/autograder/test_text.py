"""Text of a submission does nothing to a terminal, a spreadsheet or a page."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.text import csv_cell, harmless, html

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPdevice\x1b\\text", "text"),
        ("\x1bctext", "text"),
        ("\x1b]never ends\nthe hint", "\nthe hint"),
        ("one\x00two", "onetwo"),
        ("half \ud800 surrogate", "half  surrogate"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("over\rwritten", "overwritten"),
        ("back\b\b\b\bspace", "backspace"),
        ("windows\r\nline", "windows\nline"),
        ("kept\ttab\nline", "kept\ttab\nline"),
        ("Zoë 名前 👩‍🚀", "Zoë 名前 👩‍🚀"),
    ],
)
def test_what_a_terminal_would_obey_is_removed_and_the_rest_is_kept(hostile: str, left: str) -> None:
    assert harmless(hostile) == left


def test_long_text_is_cut_and_says_so() -> None:
    assert harmless("x" * 5_000) == "x" * 1_999 + "…"
    assert harmless("x" * 100, 10) == "x" * 9 + "…"
    assert harmless("x" * 10, 10) == "x" * 10


@given(st.text(alphabet=st.characters(), max_size=200) | st.text(alphabet="\x1b[]PX0;m\x07\x9b\\\n ", max_size=40))
def test_no_text_at_all_keeps_a_control_character(text: str) -> None:
    left = harmless(text)
    assert not FORBIDDEN.search(left)
    assert harmless(left) == left
    left.encode("utf-8")


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "  =", "\u00a0=", "\u3000=", "＝", "＋", "－", "＠", "|", "%"]
)
def test_a_formula_becomes_text(start: str) -> None:
    cell = csv_cell(f"{start}cmd|' /C calc'!A0")
    assert cell.startswith("'")


@pytest.mark.parametrize("text", ["ada", "1", "a=b", "x-y", "ada@example.org", ""])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert csv_cell(text) == text


@given(st.text(alphabet=st.characters(), max_size=60))
def test_a_cell_comes_back_from_a_csv_file_in_one_line_and_is_never_a_formula(text: str) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow([csv_cell(text), "next"])
    assert file.getvalue().count("\n") == 1
    [[cell, following]] = csv.reader(io.StringIO(file.getvalue()))
    assert following == "next"
    assert not cell.strip().startswith(("=", "+", "-", "@"))


def test_a_page_shows_markup_and_runs_none() -> None:
    assert html("<script>alert('x')</script>&") == "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;"
    assert html('" onmouseover="x') == "&quot; onmouseover=&quot;x"
