"""The page of nbgrader's own formgrader, from the server that an instructor starts, for a submission that we graded."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.autograder.fixtures import code_cell, notebook, result
from tests.autograder.test_nbgrader_course import ATTACK, LAB, LATE, export, graded, handed_in, made, nbgrader, points

__all__ = ["made"]
TOKEN = "token-of-a-test"


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    """A course with one submission, graded and exported."""
    folder = tmp_path / "course"
    shutil.copytree(made, folder)
    attack = {"cell_type": "markdown", "metadata": {}, "source": ATTACK}
    answer = code_cell(
        "def run_episode(env, policy):\n    return '<b>'", metadata={"nbgrader": {"grade_id": "run_episode"}}
    )
    handed_in(folder, "ada", notebook(attack, answer), LATE)
    graded(folder, result("ada", checks=points(3, 2, 3), score=8.0))
    assert export(folder).returncode == 0
    return folder


@pytest.fixture
def server(course: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a Jupyter server with formgrader, in the course's folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0"]
    command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    places = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=course, env={**os.environ, **places}, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def page(server: str, path: str) -> str:
    """A page, as soon as the server gives it."""
    request = urllib.request.Request(server + path, headers={"Authorization": f"token {TOKEN}"})
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert time.monotonic() < end, "the server did not start within a minute"
            time.sleep(0.2)


@pytest.mark.slow
def test_formgrader_shows_the_score_the_code_and_the_checks_and_runs_nothing_of_a_student(server: str) -> None:
    (submission,) = json.loads(page(server, f"/formgrader/api/submitted_notebooks/{LAB}/{LAB}"))
    assert (submission["student"], submission["score"], submission["max_score"]) == ("ada", 8.0, 10.0)
    assert not submission["needs_manual_grade"]
    (known,) = json.loads(page(server, f"/formgrader/api/submissions/{LAB}"))
    assert (known["autograded"], known["score"]) == (True, 8.0)  # or it would offer to run the notebook
    shown = page(server, f"/formgrader/submissions/{submission['id']}/")
    assert "&lt;b&gt;" in shown
    assert "✗ run_episode: sums the rewards (0 of 1 points)" in shown
    assert "owned" not in shown
    grades = json.loads(page(server, f"/formgrader/api/grades?submission_id={submission['id']}"))
    assert {grade["name"]: grade["auto_score"] for grade in grades} == {
        "check_run_episode": 3.0,
        "check_evaluate": 2.0,
        "check_td_target": 3.0,
    }


@pytest.mark.slow
def test_the_feedback_that_nbgrader_generates_has_the_score_and_the_hints(course: Path) -> None:
    nbgrader(course, "generate_feedback", LAB)
    page = (course / "feedback" / "ada" / LAB / f"{LAB}.html").read_text(encoding="utf-8")
    assert "8.0 / 10.0" in page
    assert "Hint: Look." in page
    assert "owned" not in page
