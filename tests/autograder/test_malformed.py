"""Every reader of what strangers write, given what is nearly right: it reads it, or refuses it in one sentence."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from autograder import course, data, notebook, parcel, submissions
from autograder import exports as grade_exports
from autograder.errors import GraderError
from autograder.gradebook import FILE, Gradebook
from autograder.job import Job
from autograder.published import Published, fingerprint
from autograder.text import harmless
from tests.autograder import fixtures
from tests.autograder.malformed import nearly
from tools.chapters import ROOT
from upright.atlas import Atlas
from upright.checks import exports, wire
from upright.format import DataError
from upright.policy import MIME, Policy
from upright.replay import Replay
from upright.search import MIME as SEARCH_MIME
from upright.search import Search

POLICY = Policy.linear([[0.0, -0.1, -1.0, -0.6], [0.0, 0.1, 1.0, 0.6]], seed=3)
SEARCH = Search.parse(
    {
        "format": "upright-search/1",
        "trials": [
            {"config": {"lr": lr, "fcnet_hiddens": [64]}, "env_steps": 900, "solved": True} for lr in (1e-3, 2e-3)
        ],
        "best": {"lr": 1e-3},
    }
)
REPLAY = Replay.parse(
    {
        "format": "upright-replay/1",
        "env_id": "CartPole-v0",
        "seed": 5,
        "states": [[0.0, 0.0, 0.0, 0.0], [0.1, 0.0, 0.0, 0.0]],
        "actions": [1],
        "rewards": [1.0],
        "terminated": True,
        "truncated": False,
    }
)
PUBLISHED = Published(name="one", source="here", fingerprint=tuple(map(float, fingerprint(POLICY))))
JOB = Job("ada.py", "ada", "lab1_episodes", 5)
FEW, MANY = settings(max_examples=6), settings(max_examples=200)


def exported(value: Any, mime: str) -> bytes:
    """A notebook that hands in this data."""
    output = nbformat.v4.new_output("display_data", exports.bundle(value, mime, "Exported"))
    cell = nbformat.v4.new_code_cell("checks.export()", outputs=[output])
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()


def file(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """A reader of files as a reader of bytes."""

    def parse(content: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(content)
            found = read(path)
            assert path.read_bytes() == content or name == FILE  # nothing is lost
            return found

    return parse


def named(content: bytes) -> object:
    """Submissions whose file has this name."""
    with tempfile.TemporaryDirectory() as folder:
        name = content.replace(b"/", b"").replace(b"\x00", b"")[:250] or b"x.py"
        path = os.fsencode(folder) + b"/" + (b"x.py" if name in (b".", b"..") else name)
        Path(os.fsdecode(path)).write_text("x = 1")
        return submissions.find([Path(folder)], "lab1_episodes")


def gradebook(path: Path) -> object:
    with Gradebook.open(path.parent) as book:
        return list(book.rows())


def stored(text: bytes) -> object:
    """A gradebook in which a result is this text."""
    with tempfile.TemporaryDirectory() as folder:
        with Gradebook.open(Path(folder)) as book:
            book.record(fixtures.result())
            key = hashlib.sha256(text).hexdigest()
            book._connection.execute("INSERT OR IGNORE INTO objects VALUES (?, ?)", (key, zlib.compress(text)))
            book._connection.execute("UPDATE attempts SET result = ?", (key,))
        with Gradebook.open(Path(folder)) as book:
            grade_exports.write_all(Path(folder), book)
            return list(book.rows())


def whole_gradebook() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with Gradebook.open(Path(folder)) as book:
            for number in range(20):
                book.record(fixtures.result(f"student{number}"))
        return Path(folder, FILE).read_bytes()


def graded(lab: str) -> Callable[[Path], object]:
    """Data that is graded, its policy played or its search judged, once its notebook could be read. What a search
    recommends is not trained here."""

    def read(path: Path) -> object:
        outputs = notebook.read(path).outputs
        if lab == "lab5_tune":
            return exports.find(outputs, SEARCH_MIME, Search.loads)
        return data.grade(lab, outputs, 5, 0, None)

    return read


GRADING = json.dumps(
    {"late": "per_day", "percent": 10, "deadline": "2026-12-01T23:59:00+01:00", "grace_minutes": 15, "attempts": "best"}
).encode()
EXTENSIONS = b"student,days,deadline\nada,2,\nbob,,2026-12-05T23:59:00Z\n"
ROSTER = 'student,name\nada,Ada Lovelace\nbob,"Bob, the Älder"\n'.encode()
TIMES = b"student,submitted_at\nada,2026-12-01T23:58:00Z\nbob,2026-12-02T00:10:00+01:00\n"


@dataclass(frozen=True)
class Reader:
    """whole: an input that it reads; refused: with what it refuses others."""

    read: Callable[[bytes], object]
    whole: bytes
    refused: tuple[type[Exception], ...]


CELLS = fixtures.notebook(
    fixtures.code_cell("x = 1\n", id="one"), {"cell_type": "markdown", "source": ["Hello"]}
).encode()
READERS = {
    "notebook": Reader(file("ada.ipynb", notebook.read), CELLS, (notebook.InvalidSubmission,)),
    "code": Reader(file("ada.py", notebook.read), "x = 'é'\n".encode(), (notebook.InvalidSubmission,)),
    "lab 3": Reader(file("ada.ipynb", graded("lab3_ppo")), exported(POLICY, MIME), (notebook.InvalidSubmission,)),
    "lab 5": Reader(
        file("ada.ipynb", graded("lab5_tune")),
        exported(SEARCH, SEARCH_MIME),
        (notebook.InvalidSubmission, exports.NotAnswered, exports.Wrong),
    ),
    "policy": Reader(file("policy.json", Policy.load), POLICY.dumps().encode(), (DataError,)),
    "replay": Reader(file("replay.json", Replay.load), REPLAY.dumps().encode(), (DataError,)),
    "search": Reader(file("search.json", Search.load), SEARCH.dumps().encode(), (DataError,)),
    "published": Reader(file("one.json", Published.load), PUBLISHED.dumps().encode(), (DataError,)),
    "atlas": Reader(file("atlas.json", Atlas.load), (ROOT / "book" / "data" / "atlas.json").read_bytes(), (DataError,)),
    "frame": Reader(
        wire.decode,
        b'{"answer":3,"value":{"a":[2],"d":"float64","k":"array","v":"cpu"}}\n' + bytes(16),
        (wire.Malformed,),
    ),
    "question": Reader(wire.decode, b'{"call":"policy","id":1,"args":[[0.1,2]],"serve":[null]}', (wire.Malformed,)),
    "parcel": Reader(parcel.unpack, parcel.pack(JOB, b"x = 1"), (parcel.Damaged,)),
    "reply": Reader(lambda reply: parcel.read_reply(reply, JOB), parcel.reply(fixtures.result()), (parcel.Damaged,)),
    "file name": Reader(named, b"Ada Lovelace.py", (GraderError,)),
    "stored result": Reader(stored, json.dumps(fixtures.result().to_json()).encode(), (GraderError,)),
    "grading policy": Reader(file("policy.json", course.read_policy), GRADING, (GraderError,)),
    "extensions": Reader(file("extensions.csv", course.read_extensions), EXTENSIONS, (GraderError,)),
    "roster": Reader(file("roster.csv", course.read_roster), ROSTER, (GraderError,)),
    "times": Reader(file("times.csv", course.read_times), TIMES, (GraderError,)),
    "gradebook": Reader(file(FILE, gradebook), whole_gradebook(), (GraderError,)),
}


def read_or_refused(name: str, content: bytes) -> None:
    reader = READERS[name]
    try:
        reader.read(content)
    except reader.refused as reason:
        said = str(getattr(reason, "message", reason))
        assert said.strip()
        assert said == harmless(said), said
        assert "\n" not in said
        assert len(said) < 2_000


@pytest.mark.parametrize("name", READERS)
def test_a_reader_reads_what_is_right(name: str) -> None:
    assert READERS[name].read(READERS[name].whole) is not None


@pytest.mark.parametrize("name", READERS)
@FEW
@given(some.data())
def test_what_is_nearly_right_is_read_or_refused_in_a_sentence(name: str, drawn: some.DataObject) -> None:
    read_or_refused(name, drawn.draw(nearly(READERS[name].whole)))


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
@MANY
@given(some.data())
def test_200_inputs_that_are_nearly_right_are_read_or_refused(name: str, drawn: some.DataObject) -> None:
    read_or_refused(name, drawn.draw(nearly(READERS[name].whole)))


def broken(count: int) -> list[bytes]:
    """That many different files near to a notebook, the same ones each time."""
    found: dict[bytes, None] = {}

    @settings(max_examples=20 * count, database=None)
    @given(nearly(CELLS))
    def collect(content: bytes) -> None:
        if len(found) < count:
            found[content] = None

    collect()
    return list(found)


@pytest.mark.parametrize("count", [10, pytest.param(200, marks=(pytest.mark.slow, pytest.mark.timeout(900)))])
def test_a_class_full_of_broken_notebooks_has_a_result_each_and_the_whole_one_its_grade(
    count: int, tmp_path: Path
) -> None:
    files = broken(count)
    assert len(files) == count
    (tmp_path / "in").mkdir()
    for number, content in enumerate(files):
        (tmp_path / "in" / f"broken{number:03}.ipynb").write_bytes(content)
    (tmp_path / "in" / "whole.ipynb").write_bytes(exported(POLICY, MIME))
    given = ["grade", tmp_path / "in", "--lab", "lab3_ppo", "--out", tmp_path / "out", "--seed", 1]
    done = subprocess.run([sys.executable, "-m", "autograder", *map(str, given)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    results = [json.loads(path.read_text()) for path in (tmp_path / "out" / "results" / "lab3_ppo").iterdir()]
    assert len(results) == count + 1
    assert {result["outcome"] for result in results} <= {"passed", "failed", "invalid_submission"}
    whole = next(result for result in results if result["student"] == "whole")
    assert whole["score"] > 0
    assert all(result["score"] == 0 for result in results if result is not whole)
    assert all(result["notes"] for result in results if result["outcome"] == "invalid_submission")
