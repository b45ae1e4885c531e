"""The folder of a report: the same bytes each time, the old one or the new one, and nobody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder import cli
from autograder.gradebook import Gradebook
from autograder.report import site
from tests.autograder.fixtures import result
from tests.autograder.report import classes


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("**/*") if path.is_file()}


def test_the_command_writes_a_page_of_the_class_and_one_of_each_student(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classes.small(tmp_path)
    assert cli.main(["report", str(tmp_path)]) == 0
    written = files(tmp_path / "report")
    assert "index.html" in written
    assert len([name for name in written if name.startswith("lab2_policies/")]) == 5
    assert "5 students' pages" in capsys.readouterr().out


def test_a_report_written_twice_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    classes.small(tmp_path)
    for name in ("one", "two", "two"):
        assert cli.main(["report", str(tmp_path), "--to", str(tmp_path / name)]) == 0
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert not list(tmp_path.glob(".two.*"))


def test_a_student_who_is_gone_from_the_gradebook_is_gone_from_the_new_report(tmp_path: Path) -> None:
    to = tmp_path / "report"
    for name in ("first", "second"):
        with Gradebook.open(tmp_path / name) as book:
            book.record(result(name))
            site.write(book, to)
    assert [name for name in files(to) if "first" in name] == []
    assert [name for name in files(to) if "second" in name]


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03])  # seconds after it began to write
def test_a_report_that_is_killed_leaves_the_old_one_or_the_new_one(tmp_path: Path, delay: float) -> None:
    classes.small(tmp_path)
    assert cli.main(["report", str(tmp_path)]) == 0
    old = files(tmp_path / "report")
    with Gradebook.open(tmp_path) as book:
        book.record(result("eve"))
    command = [sys.executable, "-m", "autograder", "report", str(tmp_path)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while child.poll() is None and not (tmp_path / ".report.new").exists():
        time.sleep(0.001)
    time.sleep(delay)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    left = files(tmp_path / "report")
    assert cli.main(["report", str(tmp_path)]) == 0
    assert left in (old, files(tmp_path / "report"))
    assert len(files(tmp_path / "report")) == len(old) + 1


def test_a_folder_of_other_things_is_refused_and_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    classes.small(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    assert cli.main(["report", str(tmp_path), "--to", str(tmp_path / "mine")]) == 2
    assert "holds something else than a report" in capsys.readouterr().err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_folder_without_a_gradebook_is_refused_by_name_and_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", str(tmp_path / "nowhere")]) == 2
    assert "there is no gradebook.sqlite" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_where_nothing_can_be_written_one_sentence_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    classes.small(tmp_path)
    (tmp_path / "file").touch()
    assert cli.main(["report", str(tmp_path), "--to", str(tmp_path / "file" / "report")]) == 5
    assert "the report cannot be written" in capsys.readouterr().err
