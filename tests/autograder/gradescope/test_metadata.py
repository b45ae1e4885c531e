"""What is read of Gradescope's metadata, and what is said of metadata that is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradescope.metadata import FILE, UNKNOWN, Metadata, read
from tests.autograder.gradescope.folders import METADATA

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def read_of(folder: Path, **changes: Any) -> Metadata:
    (folder / FILE).write_text(json.dumps({**METADATA, **changes}))
    return read(folder / FILE)


def user(number: Any = 4711, due: Any = None) -> dict[str, Any]:
    return {"id": number, "name": "Ada", "email": "ada@example.com", "assignment": {"due_date": due}}


def test_whose_it_is_when_it_came_and_when_it_was_due(tmp_path: Path) -> None:
    expected = Metadata("4711", "2026-11-20T18:00:00+00:00", "2026-11-21T18:00:00+00:00", (), 10.0, ())
    assert read_of(tmp_path) == expected


def test_an_extension_goes_before_the_assignments_date(tmp_path: Path) -> None:
    assert read_of(tmp_path, users=[user(due="2026-12-24T12:00:00Z")]).due == "2026-12-24T12:00:00+00:00"
    assert read_of(tmp_path, users=[user()]).due == "2026-11-21T18:00:00+00:00"


def test_of_a_group_the_latest_date_counts_and_its_order_does_not(tmp_path: Path) -> None:
    group = [user(12, "2026-12-01T00:00:00Z"), user(3, "2026-12-02T00:00:00Z"), user(7)]
    found = read_of(tmp_path, users=group)
    assert (found.student, found.due) == ("3-7-12", "2026-12-02T00:00:00+00:00")
    assert read_of(tmp_path, users=group[::-1]).student == found.student


def test_an_assignment_without_a_date_has_none(tmp_path: Path) -> None:
    found = read_of(tmp_path, assignment={"due_date": None}, users=[{"id": 1}])
    assert (found.due, found.notes) == (None, ())


def test_earlier_scores_leave_out_runs_that_failed(tmp_path: Path) -> None:
    entries = [{"score": "3.5"}, {"score": 9, "autograder_error": True}, {"score": 4}, {}, {"score": "NaN"}, None]
    assert read_of(tmp_path, previous_submissions=entries).previous == (3.5, 4.0)
    assert read_of(tmp_path, previous_submissions="many").previous == ()


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"created_at": None}, "created_at is missing"),
        ({"created_at": "yesterday"}, "created_at: 'yesterday': expected a time such as"),
        ({"created_at": "2026-11-20T10:00:00"}, "has no time zone"),
        ({"created_at": 1_700_000_000}, "created_at: '1700000000': expected a text"),
        ({"assignment": {"due_date": "soon"}}, "assignment.due_date: 'soon'"),
        ({"assignment": []}, None),
        ({"assignment": 5}, "assignment is not an object"),
        ({"users": [user(due="\u202e\x1b[31m")]}, "users[0].assignment.due_date: "),
        ({"users": []}, "users is not a list of 1 to 100"),
        ({"users": [5]}, "users[0] is not an object"),
    ],
)
def test_a_broken_field_is_named_and_nobody_is_late(changes: Any, note: str | None, tmp_path: Path) -> None:
    found = read_of(tmp_path, **changes)
    if note is None:
        assert found.notes == ()
        return
    assert found.submitted_at is None
    assert any(note in one and one.endswith("Lateness was not looked at.") for one in found.notes)
    assert all(one.startswith(FILE) and one.isprintable() for one in found.notes)


def test_a_student_without_a_number_is_unknown_and_still_has_a_time(tmp_path: Path) -> None:
    found = read_of(tmp_path, users=[user("4711")])
    assert found.student == UNKNOWN
    assert found.submitted_at is not None
    assert found.notes == (f"{FILE}: users[].id is not a number. The cases are those of an unknown student.",)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, "\x00", '{"created_at": NaN}', "9" * 10_000])
def test_a_file_that_is_no_metadata_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    found = read(tmp_path / FILE)
    assert found.submitted_at is None
    assert found.notes


@given(field=st.sampled_from([*METADATA]), value=JSON)
def test_whatever_a_field_holds_something_comes_of_it(
    field: str, value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = read_of(tmp_path_factory.getbasetemp(), **{field: value})
    assert found.student == "4711" or field == "users"
    assert all("\n" not in note and len(note) < 300 for note in found.notes)
