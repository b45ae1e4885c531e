"""Tables are read as spreadsheets write them, and refused by file, line and column."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from autograder import course, tables
from autograder.errors import UsageError

TEXT = "student,name\nzoe,Zoë Müller\nann,Ann\n"
FOUND = {"zoe": "Zoë Müller", "ann": "Ann"}


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace(",", ";").replace("\n", "\r\n").encode("cp1252"),
        ("sep=;\r\n" + TEXT.replace(",", ";")).encode(),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace("\n", "\r").encode(),
        b'Name ,"STUDENT",more\n"Zo\xc3\xab M\xc3\xbcller",zoe,1\n\n,,\nAnn,ann\n',
        TEXT.replace("ë", "e\u0308").encode(),
    ],
)
def test_a_roster_is_read_in_the_encodings_and_with_the_separators_of_spreadsheets(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(data)
    assert course.read_roster(tmp_path / "roster.csv") == FOUND


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "has no column student (its first line has: nothing)"),
        (b"id,name\n1,x\n", "has no column student (its first line has: id, name)"),
        (b"student,student\n", "has the column student twice"),
        (b"student,name\n,x\n", "line 2: student is empty"),
        (b"student\nann\nbob\nann\n", "line 4: student ann comes twice"),
        (b'student,name\nann,"x\n', "is not CSV"),
        (b"PK\x03\x04 a workbook", "is a workbook or a zip archive; save the table as CSV"),
        (b"\x00\x01\x02", "is not text"),
        (b"\xff\xfe\x00", "is not text"),
    ],
)
def test_what_is_not_right_is_named(data: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(data)
    with pytest.raises(UsageError) as caught:
        course.read_roster(tmp_path / "roster.csv")
    assert str(caught.value).startswith(f"{tmp_path}/roster.csv")
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"roster\.csv: cannot be read \(No such file or directory\)"):
        course.read_roster(tmp_path / "roster.csv")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.binary(max_size=200) | some.binary(max_size=100).map(lambda data: b"student,name\n" + data))
def test_whatever_a_file_holds_it_is_read_or_refused_in_a_sentence(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "any.csv").write_bytes(data)
    with suppress(UsageError):  # any other exception fails
        for where, student, _ in tables.by_student(tmp_path / "any.csv", ()):
            assert student
            assert where.startswith(str(tmp_path / "any.csv"))


def extensions(folder: Path, text: str) -> object:
    (folder / "more.csv").write_text(text)
    return course.read_extensions(folder / "more.csv")


def test_an_extension_is_some_days_or_a_deadline_of_ones_own(tmp_path: Path) -> None:
    found = extensions(tmp_path, 'student,days,deadline\nann,"1,5",\nbob,,2026-12-24T00:00:00+01:00\n')
    assert found == {
        "ann": course.Extension(days=1.5),
        "bob": course.Extension(deadline="2026-12-23T23:00:00+00:00"),
    }


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("ann,,", "line 2: give ann either days or a deadline"),
        ("ann,1,2026-12-24T00:00:00Z", "line 2: give ann either days or a deadline"),
        ("ann,nan,", "line 2: days 'nan': give a number above 0"),
        ("ann,-1,", "line 2: days '-1': give a number above 0"),
        ("ann,,2026-12-24", "line 2: '2026-12-24': has no time zone"),
    ],
)
def test_an_extension_that_is_not_right_is_named(row: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        extensions(tmp_path, f"student,days,deadline\n{row}\n")
    assert sentence in str(caught.value)


def test_times_are_read_with_their_zone(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    path.write_text("student;submitted_at\nann;2026-12-01 13:00:00+01:00\nbob;\n")
    assert course.read_times(path) == {"ann": "2026-12-01T12:00:00+00:00"}
    path.write_text("student;submitted_at\nann;2026-12-01 13:00\n")
    with pytest.raises(UsageError, match=r"line 2: submitted_at: '2026-12-01 13:00': has no time zone"):
        course.read_times(path)
