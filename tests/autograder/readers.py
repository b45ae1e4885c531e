"""Every reader of what strangers write, with an input that it reads and what it refuses others with."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder import classroom, course, data, database, notebook, parcel, sheets, submissions, times
from autograder import exports as grade_exports
from autograder.errors import GraderError
from autograder.gradebook import FILE, Gradebook
from autograder.grades import Grade
from autograder.gradescope import handed_in, metadata, settings
from autograder.job import Job
from autograder.published import Published, fingerprint
from autograder.report import site
from autograder.text import harmless
from tests.autograder import fixtures
from tests.autograder.gradescope.folders import METADATA
from tests.autograder.report.classes import fallen
from tests.autograder.test_sheets import CANVAS, MOODLE
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


def touch(folder: str, name: bytes, other: bytes) -> None:
    """A file of that name in the folder; of the other name where a file cannot have it."""
    name = name.replace(b"/", b"").replace(b"\x00", b"")[:250] or other
    Path(os.fsdecode(os.fsencode(folder) + b"/" + (other if name in (b".", b"..") else name))).write_text("x = 1")


def named(content: bytes) -> object:
    """Submissions whose file has this name."""
    with tempfile.TemporaryDirectory() as folder:
        touch(folder, content, b"x.py")
        return submissions.find([Path(folder)], "lab1_episodes")


def gradebook(path: Path) -> object:
    with Gradebook.open(path.parent) as book:
        return list(book.rows())


def opened_with(folder: Path, text: bytes, of_replay: bool = False) -> Gradebook:
    """A gradebook in which a result is this text; or the replay of one."""
    key = hashlib.sha256(text).hexdigest()
    with Gradebook.open(folder) as book:
        book.record(fixtures.result())
        connection = book._connection
        connection.execute("INSERT OR IGNORE INTO objects VALUES (?, ?)", (key, zlib.compress(text)))
        if of_replay:
            check = {**asdict(fallen()), "replay": key}
            key = database.keep(connection, {**fixtures.result().to_json(), "checks": [check]})
        connection.execute("UPDATE attempts SET result = ?", (key,))
    return Gradebook.open(folder)


def stored(text: bytes) -> object:
    """A gradebook in which a result is this text, exported."""
    with tempfile.TemporaryDirectory() as folder, opened_with(Path(folder), text) as book:
        grade_exports.write_all(Path(folder), book)
        return list(book.rows())


def reported(text: bytes) -> object:
    """A report on a gradebook in which a replay is this text."""
    with tempfile.TemporaryDirectory() as folder, opened_with(Path(folder), text, of_replay=True) as book:
        return site.write(book, Path(folder, "report")) + 1


def filled(system: str) -> Callable[[Path], object]:
    """A sheet of an LMS with a grade in it, as the text that it would import."""

    def read(path: Path) -> object:
        grades = [Grade("ada", "lab1_episodes", 7.5, 0.0, 7.5, 10.0, "failed", None, 1, None, "Ada Lovelace")]
        sheet = sheets.read(path)
        return (sheets.canvas(sheet, grades, "Lab 1") if system == "canvas" else sheets.moodle(sheet, grades)).text()

    return read


def handed_in_as(name: bytes) -> object:
    """Which file of a submission folder of Gradescope is graded, if one has this name."""
    with tempfile.TemporaryDirectory() as folder:
        touch(folder, name, b"x.py")
        return handed_in.find(Path(folder), "lab1_episodes")


def handed_in_at(path: Path) -> object:
    """What nbgrader wrote beside a notebook: a time, or nothing that is one."""
    one = submissions.Submission(path.with_name("lab1_episodes.ipynb"), "ada")
    return times.handed_in([one], path.parent.name, {})


def classroom_step(path: Path) -> object:
    """What a step of GitHub Classroom's workflow prints of a result."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        code = classroom.main([str(path), "1"])
    assert code in (0, 1, 2)
    assert told.getvalue().strip() == harmless(told.getvalue().strip())
    return told


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
    "Canvas file name": Reader(named, b"lovelaceada_LATE_4711_88123_lab1_episodes-2.py", (GraderError,)),
    "Canvas anonymous file name": Reader(named, b"LATE_anon_X7a2b_88123_lab1_episodes.py", (GraderError,)),
    "Moodle file name": Reader(named, b"Ada Lovelace_4711_assignsubmission_file_lab1.py", (GraderError,)),
    "Gradescope file name": Reader(handed_in_as, b"lab1_episodes.py", (notebook.InvalidSubmission,)),
    "Gradescope metadata": Reader(file(metadata.FILE, metadata.read), json.dumps(METADATA).encode(), ()),
    "Gradescope settings": Reader(
        file(settings.FILE, settings.Settings.load),
        settings.Settings(lab="lab1_episodes", seed=5, seconds=600.0).model_dump_json().encode(),
        (DataError,),
    ),
    "Classroom result": Reader(file("ada.json", classroom_step), json.dumps(fixtures.result().to_json()).encode(), ()),
    "Canvas sheet": Reader(file("sheet.csv", filled("canvas")), CANVAS.encode(), (GraderError,)),
    "Moodle sheet": Reader(file("sheet.csv", filled("moodle")), MOODLE.encode(), (GraderError,)),
    "nbgrader time": Reader(file(times.TIMESTAMP, handed_in_at), b"2026-12-01 22:58:23.948203 UTC\n", ()),
    "reported replay": Reader(reported, json.dumps(fallen().replay).encode(), (GraderError,)),
    "stored result": Reader(stored, json.dumps(fixtures.result().to_json()).encode(), (GraderError,)),
    "grading policy": Reader(file("policy.json", course.read_policy), GRADING, (GraderError,)),
    "extensions": Reader(file("extensions.csv", course.read_extensions), EXTENSIONS, (GraderError,)),
    "roster": Reader(file("roster.csv", course.read_roster), ROSTER, (GraderError,)),
    "Canvas roster": Reader(file("roster.csv", course.read_roster), CANVAS.encode(), (GraderError,)),
    "Moodle roster": Reader(file("roster.csv", course.read_roster), MOODLE.encode(), (GraderError,)),
    "times": Reader(file("times.csv", course.read_times), TIMES, (GraderError,)),
    "gradebook": Reader(file(FILE, gradebook), whole_gradebook(), (GraderError,)),
}
