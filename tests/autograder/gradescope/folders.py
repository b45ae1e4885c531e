"""A root folder as Gradescope lays it out, from the zip that the command wrote."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from autograder.cli import main
from tests.autograder.fixtures import code_cell, notebook

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
TextFormat = Literal["text", "html", "simple_format", "md", "ansi"]
Points = Annotated[float, Field(ge=0, le=10)]


class Documented(BaseModel):
    """What is not in the documentation is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Test(Documented):
    __test__ = False
    score: Points
    max_score: Points
    status: Literal["passed", "failed"]
    name: str
    number: str
    output: str
    name_format: TextFormat = "text"
    output_format: TextFormat
    tags: list[str]
    visibility: Visibility
    extra_data: dict[str, Any] = {}


class Leader(Documented):
    name: str
    value: float | str
    order: Literal["asc", "desc"] = "desc"


class Results(Documented):
    """https://gradescope-autograders.readthedocs.io/en/latest/specs/: a score here, or with each test."""

    score: Points
    execution_time: float
    output: str
    output_format: TextFormat
    test_output_format: TextFormat
    test_name_format: TextFormat
    visibility: Visibility
    stdout_visibility: Visibility
    extra_data: dict[str, Any]
    tests: list[Test]
    leaderboard: list[Leader] | None = None


class Unfinished(Documented):
    """What Gradescope takes as a failed run, since there is no score: nobody gets a zero."""

    output: str
    output_format: TextFormat
    test_output_format: TextFormat
    test_name_format: TextFormat
    stdout_visibility: Literal["hidden"]


@dataclass(frozen=True)
class Root:
    """The folder that is /autograder there; home: what setup.sh would have made."""

    path: Path
    home: Path

    def submit(self, name: str, text: str) -> None:
        target = self.path / "submission" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def metadata(self, text: str | None = None, **changes: Any) -> None:
        self.file("submission_metadata.json").write_text(text or json.dumps({**METADATA, **changes}), encoding="utf-8")

    def change(self, **settings: Any) -> None:
        path = self.file("source/settings.json")
        path.write_text(json.dumps({**json.loads(path.read_text()), **settings}))

    def file(self, name: str) -> Path:
        return self.path / name

    def start(self, walls: str = "") -> subprocess.Popen[str]:
        """As Gradescope's harness does. walls: system calls that the container refuses, separated by commas."""
        environment = {"PATH": os.environ["PATH"], "UPRIGHT_HOME": str(self.home)}
        command = [str(self.file("run_autograder"))]
        if walls:
            command = [sys.executable, str(Path(__file__).with_name("container.py")), walls, *command]
        return subprocess.Popen(
            command, cwd="/", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, walls: str = "") -> tuple[Results, str]:
        """The grade, and what instructors see."""
        printed = self.finish(self.start(walls), 0)
        return Results.model_validate_json(self.file("results/results.json").read_text(encoding="utf-8")), printed

    def fail(self, walls: str = "", code: int = 1) -> tuple[Unfinished, str]:
        """The same where there is no grade."""
        printed = self.finish(self.start(walls), code)
        return self.unfinished(), printed

    def unfinished(self) -> Unfinished:
        return Unfinished.model_validate_json(self.file("results/results.json").read_text(encoding="utf-8"))

    def finish(self, process: subprocess.Popen[str], code: int) -> str:
        try:
            printed = process.communicate(timeout=240)[0]
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            raise
        assert process.returncode == code, printed
        return printed


# As Gradescope writes it today: users[].assignment and autograder_error are missing in its documentation.
METADATA: dict[str, Any] = {
    "id": 123456,
    "created_at": "2026-11-20T10:00:00.000000-08:00",
    "assignment_id": None,
    "assignment": {
        "id": 25828,
        "title": "Lab",
        "release_date": "2026-11-01T00:00:00.000000-07:00",
        "due_date": "2026-11-21T10:00:00.000000-08:00",
        "late_due_date": None,
        "total_points": "10.0",
        "course_id": 1234,
        "group_submission": False,
        "group_size": None,
        "outline": [],
    },
    "submission_method": "upload",
    "users": [
        {
            "id": 4711,
            "email": "ada@example.com",
            "name": "Ada Lovelace",
            "sid": "7",
            "sections": ["A"],
            "assignment": {
                "release_date": "2026-11-01T00:00:00.000000-07:00",
                "due_date": "2026-11-21T10:00:00.000000-08:00",
                "late_due_date": None,
            },
        }
    ],
    "previous_submissions": [],
}


def lay_out(folder: Path, home: Path, *options: object, lab: str = "lab1_episodes", seed: int = 5) -> Root:
    """Build the zip with the command and unpack it as Gradescope does."""
    bundle = folder / "gradescope.zip"
    given = ["--lab", lab, "-o", bundle, "--seed", seed, *options]
    assert main(["bundle", "gradescope", *map(str, given)]) == 0
    root = folder / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(bundle) as archive:
        for entry in archive.infolist():
            target = Path(archive.extract(entry, root / "source"))
            target.chmod(entry.external_attr >> 16)
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "harness.py").write_text("# Gradescope's own\n")
    laid = Root(root, home)
    laid.metadata()
    return laid


def cells(*sources: str) -> str:
    """A notebook with these cells."""
    return notebook(*map(code_cell, sources))
