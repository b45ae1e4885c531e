"""When a submission was handed in: the instructor's table, else nbgrader's file, else nobody knows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder import submissions, times

LAB = "lab1_episodes"


def handed_in(folder: Path, table: dict[str, str] | None = None) -> dict[str, str]:
    return times.handed_in(submissions.find([folder], LAB), LAB, table or {})


def course(folder: Path, **timestamps: str) -> Path:
    for student, text in timestamps.items():
        place = folder / "submitted" / student / LAB
        place.mkdir(parents=True)
        (place / f"{LAB}.ipynb").touch()
        (place / "timestamp.txt").write_text(text)
    return folder


def test_nbgraders_timestamp_is_read_and_the_table_comes_first(tmp_path: Path) -> None:
    course(
        tmp_path, ada="2026-12-01 22:58:23.948203 UTC\n", bob="2026-12-01 22:58:23 UTC", eve="2026-12-01T23:00:00+01:00"
    )
    assert handed_in(tmp_path, {"bob": "2026-12-24T00:00:00+00:00", "nobody": "x"}) == {
        "ada": "2026-12-01T22:58:23.948203+00:00",
        "bob": "2026-12-24T00:00:00+00:00",
        "eve": "2026-12-01T22:00:00+00:00",
    }


@pytest.mark.parametrize("text", ["", "yesterday", "2026-12-01 22:58:23", "9" * 1_000, "0001-01-01T00:00:00+14:00"])
def test_a_timestamp_that_cannot_be_read_is_no_time(text: str, tmp_path: Path) -> None:
    assert handed_in(course(tmp_path, ada=text)) == {}


def test_a_link_or_a_pipe_in_its_place_is_not_read(tmp_path: Path) -> None:
    course(tmp_path, ada="", bob="")
    (tmp_path / "time").write_text("2026-12-01 22:58:23 UTC")
    for student in ("ada", "bob"):
        path = tmp_path / "submitted" / student / LAB / "timestamp.txt"
        path.unlink()
        path.symlink_to(tmp_path / "time") if student == "ada" else os.mkfifo(path)
    assert handed_in(tmp_path) == {}


def test_the_time_of_a_file_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "ada.ipynb").touch()
    assert handed_in(tmp_path) == {}
