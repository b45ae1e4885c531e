"""The exports hold what the gradebook holds, in a form that does no harm, whole or not at all."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import exports
from autograder.errors import GradebookError
from autograder.gradebook import Gradebook, Row
from tests.autograder.fixtures import lost, result

COLUMNS = (
    "student name lab raw penalty score max_score outcome submitted_at late_hours attempts attempt submission "
    "submission_sha256 sandbox flags"
)
MEMORY = """
import resource, sys, pathlib
from autograder import exports, gradebook
with gradebook.Gradebook.open(pathlib.Path(sys.argv[1])) as book:
    exports.write_table(book.folder, book)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_has_one_row_a_student_and_lab_in_order(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result("bob", score=0.0))
        book.record(result("ada", score=2.5))
        book.record(result("ada", score=10.0, outcome="passed", submission_sha256="cd" * 32, flags=["one", "two"]))
        book.record(result("ada", lab="lab3_ppo"))
        exports.write_table(tmp_path, book)
    rows = table(tmp_path)
    assert " ".join(rows[0]) == COLUMNS
    found = [tuple(row[name] for name in ("student", "lab", "score", "max_score", "attempt", "flags")) for row in rows]
    assert found == [
        ("ada", "lab1_episodes", "10", "10", "2", "one; two"),
        ("bob", "lab1_episodes", "0", "10", "1", ""),
        ("ada", "lab3_ppo", "7.5", "10", "1", ""),
    ]


def test_a_fault_of_the_grader_is_an_empty_cell_and_null(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(lost())
        exports.write_all(tmp_path, book)
    assert table(tmp_path)[0]["score"] == ""
    assert json.loads((tmp_path / "results/lab1_episodes/ada.json").read_text())["score"] is None


def test_a_students_file_holds_the_result_and_its_attempt(tmp_path: Path) -> None:
    made = result("Zoë (1)", notes=["Cell 3: a “note”"])
    with Gradebook.open(tmp_path) as book:
        book.record(made)
        exports.write_all(tmp_path, book)
    data = json.loads((tmp_path / "results/lab1_episodes/Zoë (1).json").read_text(encoding="utf-8"))
    shown = {name: value for name, value in made.to_json().items() if name not in exports.OF_THE_RUN}
    assert {name: data[name] for name in shown} == shown
    assert (data["attempt"], data["raw"], data["penalty"], data["late_s"]) == (1, 7.5, 0.0, None)
    assert not {"duration_s", "graded_at"} & set(data)


def test_no_cell_of_the_table_is_a_formula(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result("=cmd|'x'!A0", submission="@SUM(A1).py", flags=["+1", "-1\n=2"]))
        exports.write_table(tmp_path, book)
    text = (tmp_path / "gradebook.csv").read_text()
    assert text.count("\n") == 2
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table(tmp_path) for cell in row.values())


def test_the_same_gradebook_gives_the_same_bytes_and_writes_no_file_twice(tmp_path: Path) -> None:
    path = tmp_path / "results/lab1_episodes/ada.json"
    with Gradebook.open(tmp_path) as book:
        book.record(result())
        exports.write_all(tmp_path, book)
        first = (path.read_bytes(), (tmp_path / "gradebook.csv").read_bytes(), path.stat().st_ino)
        exports.write_all(tmp_path, book)
        assert (path.read_bytes(), (tmp_path / "gradebook.csv").read_bytes(), path.stat().st_ino) == first
        path.write_text("half of a fi")
        exports.write_all(tmp_path, book)
        assert path.read_bytes() == first[0]
    assert list(path.parent.iterdir()) == [path]


def test_a_name_as_long_as_is_allowed_has_a_file(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result("名" * 66))
        exports.write_all(tmp_path, book)
    assert (tmp_path / f"results/lab1_episodes/{'名' * 66}.json").is_file()


def test_what_cannot_be_written_is_named_and_the_old_file_stays(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.record(result())
        exports.write_table(tmp_path, book)
        old = (tmp_path / "gradebook.csv").read_bytes()
        (tmp_path / ".gradebook.csv.new").mkdir()
        book.record(result("bob"))
        with pytest.raises(GradebookError, match=r"gradebook\.csv: cannot be written \(Is a directory\)") as caught:
            exports.write_table(tmp_path, book)
        assert caught.value.exit_code == 5
        assert (tmp_path / "gradebook.csv").read_bytes() == old
        (tmp_path / "results").touch()
        with pytest.raises(GradebookError, match=r"ada\.json: cannot be written"):
            exports.write_all(tmp_path, book)


def test_a_large_class_needs_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    peaks = []
    for students in (10, 10_000):
        with Gradebook.open(tmp_path / str(students)) as book, book.writing():
            for number in range(students):
                made = result(f"student{number}", notes=[f"{number} " * 200])
                book._insert("attempts", Row(1, 0, "2026-01-01T00:00:00+00:00", made))
        peaks.append(int(subprocess.check_output([sys.executable, "-c", MEMORY, str(tmp_path / str(students))])))
    assert peaks[1] - peaks[0] < 8_000  # KiB; the results are 20 MB
