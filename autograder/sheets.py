"""The grade sheet that an LMS exported: the grades of a gradebook are filled in, and nothing else changes.

A grade goes to the row whose login or name is the student's, else to the row with the number that the submission's
file had in the download, if the name there is the same too: the number of another LMS is another person's. Who has no
grade keeps the cell as it is: a fault of the grader is never a zero.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder import downloads, tables
from autograder.errors import UsageError
from autograder.grades import Grade
from autograder.pool import MAX_SCORE
from autograder.text import csv_cell, harmless, html

CANVAS_IDENTITY = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section")
POINTS_POSSIBLE = "points possible"
NUMBER = re.compile(r"-?|-?\d+([.,]\d+)?")


@dataclass
class Sheet:
    """names: of the columns; rows: as long as `names`; filled: students with a grade in it; unmatched: students with a
    grade whose row was not found, or is locked; left: who is in it and got no grade; placed: number and full name
    there, by student."""

    path: Path
    names: list[str]
    rows: list[list[str]]
    filled: int = 0
    unmatched: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    placed: dict[str, tuple[str, str]] = field(default_factory=dict)

    def place(self, *names: str) -> int:
        """The place of a column, under any of its names. Raises UsageError."""
        for place, name in enumerate(self.names):
            if _folded(name) in map(_folded, names):
                return place
        found = harmless(", ".join(self.names), 200)
        raise UsageError(f"{self.path}: has no column {names[0]} (it has: {found}); export the grades again.")

    def places(self, *names: str) -> list[int]:
        """The places of those columns that there are, in the order of `names`."""
        return [self.names.index(name) for name in names if name in self.names]

    def text(self) -> str:
        """The table as CSV, with no cell that a spreadsheet would take for a formula."""
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        for row in [self.names, *self.rows]:
            writer.writerow([cell if NUMBER.fullmatch(cell) else csv_cell(cell) for cell in row])
        return lines.getvalue()


def read(path: Path) -> Sheet:
    """Raises UsageError."""
    content = tables.text(path)
    head = content.partition("\n")[0]
    separator = max(tables.SEPARATORS, key=head.count)
    try:
        names, *rows = [row for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator) if any(row)]
    except (csv.Error, ValueError):
        raise UsageError(f"{path}: is no table with a first line of column names; export the grades again.") from None
    width = len(names)
    return Sheet(path, [name.strip() for name in names], [(row + [""] * width)[:width] for row in rows])


def canvas(sheet: Sheet, grades: Iterable[Grade], lab: str, column: str | None = None) -> Sheet:
    """A sheet to import in Canvas: who each row is, and the scores of one assignment. Other assignments are left out,
    so that their grades cannot change. column: the assignment's, with or without its number. Raises UsageError."""
    place = _assignment(sheet, column or lab)
    identity = sheet.places(*CANVAS_IDENTITY)
    who = {name: sheet.place(name) for name in ("Student", "ID")}
    by = sheet.places("SIS Login ID", "SIS User ID", "Student")
    people = {}
    for row in sheet.rows:
        if _folded(row[who["Student"]]) == POINTS_POSSIBLE:
            _check_points(sheet, row[place])
        elif row[who["ID"]].strip():
            people[row[who["ID"]].strip()] = row
    for row, grade in _matched(sheet, people, by, grades):
        row[place] = f"{grade.score:g}"
        sheet.filled += 1
    kept = [*identity, place]
    rows = [[row[each] for each in kept] for row in sheet.rows]
    return replace(sheet, names=[sheet.names[each] for each in kept], rows=rows)


def moodle(sheet: Sheet, grades: Iterable[Grade]) -> Sheet:
    """Moodle's grading worksheet with grades and feedback comments. Raises UsageError."""
    place, identity = sheet.place("Grade"), sheet.place("Identifier")
    most = sheet.place("Maximum Grade", "Maximum grade")
    full = sheet.places("Full name")
    comments, locked = sheet.places("Feedback comments"), sheet.places("Grade can be changed")
    by = sheet.places("ID number", "Username", "Email address", "Full name")
    people = {}
    for row in sheet.rows:
        _check_points(sheet, row[most])
        digits = re.search(r"\d+", row[identity])
        if digits and all(_folded(row[each]) != "no" for each in locked):
            people[digits[0]] = row

    for row, grade in _matched(sheet, people, by, grades):
        written = f"{grade.score:.2f}"
        row[place] = written.replace(".", ",") if "," in row[most] else written
        for each in comments:
            row[each] = feedback(grade)
        number = re.search(r"\d+", row[identity])
        assert number  # by which the row was found
        sheet.placed[grade.student] = number[0], row[full[0]] if full else ""
        sheet.filled += 1
    return sheet


def feedback(grade: Grade) -> str:
    """What a student should know, as HTML in one line: points, penalty, and the hint of each check that failed."""
    told = [f"{grade.score:g} of {grade.max_score:g} points"]
    if grade.penalty:
        told[0] += f" ({grade.raw:g} before {grade.penalty:g} for lateness)"
    if grade.averaged:
        told[0] += f", {grade.told_average()}"
    checks = grade.row.result.checks if grade.row else []
    for check in checks:
        if check.outcome != "passed":
            reason = check.hint or check.message or check.outcome
            told.append(f"{check.name}, {check.points:g} of {check.max_points:g}: {reason}")
    return "<br>".join(html(line).replace("\n", " ") for line in told)


def _assignment(sheet: Sheet, wanted: str) -> int:
    """The column of an assignment: `Lab 1 (4711)`, its name alone, or one that holds the name."""
    folded = _folded(wanted)
    assignments = [place for place, name in enumerate(sheet.names) if re.fullmatch(r".+ \(\d+\)", name)]
    exact = [p for p in assignments if folded in (_folded(sheet.names[p]), _folded(sheet.names[p].rpartition(" (")[0]))]
    found = exact or [place for place in assignments if folded in _folded(sheet.names[place])]
    if len(found) == 1:
        return found[0]
    known = harmless("; ".join(sheet.names[place] for place in assignments), 300) or "none"
    raise UsageError(
        f"{sheet.path}: {'several columns are' if found else 'no column is'} the assignment {harmless(wanted, 100)} "
        f"(its assignments: {known}); name one with --column."
    )


def _check_points(sheet: Sheet, text: str) -> None:
    """Grades are out of 10: anything else in the LMS would make another grade of them. Raises UsageError."""
    number = text.strip().replace(",", ".")
    if re.fullmatch(r"\d+(\.\d+)?", number) and float(number) != MAX_SCORE:
        raise UsageError(
            f"{sheet.path}: the assignment is out of {number} points there and of {MAX_SCORE:g} here; "
            f"set it to {MAX_SCORE:g} and export again."
        )


def _matched(
    sheet: Sheet, people: dict[str, list[str]], by: list[int], grades: Iterable[Grade]
) -> Iterator[tuple[list[str], Grade]]:
    """Each grade with its row of the sheet; grades without a row go into `sheet.unmatched`, and rows without a grade
    into `sheet.left`. people: rows by number; by: the columns that name a person. Raises UsageError for two students of
    one row."""
    names = _unique(people.values(), by)
    full = next((place for place, name in enumerate(sheet.names) if name in ("Student", "Full name")), None)
    taken: dict[int, str] = {}
    for grade in grades:
        if grade.score is None:
            continue
        row = names.get(_folded(grade.student)) or names.get(_folded(grade.name or ""))
        row = row or _numbered(people, full, grade.student)
        if row is None:
            sheet.unmatched.append(grade.student)
            continue
        first = taken.setdefault(id(row), grade.student)
        if first != grade.student:
            both = harmless(f"{first} and {grade.student}", 300)
            raise UsageError(f"{sheet.path}: {both} are one person there; keep the submission of one.")
        yield row, grade
    sheet.left += [number if full is None else row[full] for number, row in people.items() if id(row) not in taken]


def _numbered(people: dict[str, list[str]], full: int | None, student: str) -> list[str] | None:
    """The row of a student's number, unless its full name is another. Moodle puts a group before the name, and leaves
    the names out (full is None) where marking is blind."""
    name, number = downloads.parts(student) or ("", "")
    row = people.get(number)
    return row if row and (full is None or _letters(name).endswith(_letters(row[full]))) else None


def _letters(text: str) -> str:
    """What is left of a name in a file's name: neither spaces nor accents nor signs count."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if sign.isalnum())


def _unique(rows: Iterable[list[str]], places: list[int]) -> dict[str, list[str]]:
    """Rows by what names one of them and no other."""
    found: dict[str, list[list[str]]] = {}
    for row in rows:
        for name in {_folded(row[place]) for place in places} - {""}:
            found.setdefault(name, []).append(row)
    return {name: same[0] for name, same in found.items() if len(same) == 1}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()
