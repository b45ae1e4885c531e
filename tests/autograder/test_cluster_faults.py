"""A cluster that loses nodes, or has some that cannot grade: no grade is lost, none is found twice, and it is said."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.gradebook import Gradebook
from tests.autograder.command import COMMAND, HONEST, LAB, grade, hand_in, results, until
from tests.autograder.nodes import Nodes, cluster, private_copy
from tools.chapters import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(290)]
SLOWLY = "import time\ntime.sleep(1)\n" + HONEST


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    with cluster() as made:
        yield made


def class_of(folder: Path, count: int) -> None:
    hand_in(folder, **{f"student{number:02}": SLOWLY for number in range(count)})


def start(folder: Path, nodes: Nodes, out: str = "out") -> subprocess.Popen[str]:
    given = ["grade", folder / "in", "--lab", LAB, "--out", folder / out, "--seed", 7, "--cluster", nodes.address]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*COMMAND, *map(str, given)], env=nodes.environment, **pipes)  # type: ignore[call-overload]


def graded(folder: Path) -> int:
    return len(list((folder / "out" / "results" / LAB).glob("*.json")))


def test_a_node_that_is_killed_mid_batch_loses_nothing_and_grades_nothing_twice(tmp_path: Path, nodes: Nodes) -> None:
    class_of(tmp_path, 12)
    assert grade(tmp_path, "--seed", 7).returncode == 0
    alone = results(tmp_path)
    (tmp_path / "out").rename(tmp_path / "alone")
    nodes.add("stays")
    killed = nodes.add("killed")
    command = start(tmp_path, nodes)
    until(lambda: graded(tmp_path) >= 3)
    nodes.kill(killed)
    said, complaints = command.communicate(timeout=200)
    assert command.returncode == 0, complaints
    assert results(tmp_path) == alone
    assert "graded                 12" in said
    assert "node killed" in said
    with Gradebook.open(tmp_path / "out") as book:
        assert [row.attempt for row in book.rows()] == [1] * 12
        assert [book.history(f"student{number:02}", LAB) for number in range(12)] == [[]] * 12


def test_a_node_that_cannot_grade_is_refused_by_name_with_its_reason(tmp_path: Path, nodes: Nodes) -> None:
    """One without bubblewrap whose course lies where no other user may enter; one with another version; one without."""
    private, old = private_copy(tmp_path / "private"), private_copy(tmp_path / "old", "0.9")
    (tmp_path / "none").mkdir()
    nodes.add("boxless", PATH=str(tmp_path / "none"), PYTHONPATH=str(private))
    nodes.add("outdated", PYTHONPATH=str(old))
    nodes.add("edited", PYTHONPATH=str(private_copy(tmp_path / "edited")))
    (tmp_path / "edited" / "upright" / "checks" / "lab1.py").open("a").write("# kinder\n")
    hand_in(tmp_path, ada=HONEST)
    options = {"env": nodes.environment}
    refused = grade(tmp_path, "--cluster", nodes.address, **options)
    assert refused.returncode == 4, refused.stderr
    assert "no node of it can grade" in refused.stderr
    nodes.add("able")
    done = grade(tmp_path, "--cluster", nodes.address, **options)
    assert done.returncode == 0, done.stderr
    assert "grades on 1 node with 1 CPU" in done.stdout
    for said in (done.stdout, refused.stderr):
        told = {line.split("node ", 1)[1].split()[0]: line for line in said.splitlines() if "is refused" in line}
        assert "No sandbox works here" in told["boxless"]
        assert "bwrap is missing" in told["boxless"]
        assert "has autograder 0.9+" in told["outdated"]
        assert "has other files than here" in told["edited"]
    data = grade(tmp_path, "--cluster", nodes.address, "--sandbox", "unheard", **options)
    assert data.returncode == 2


def test_when_every_node_is_gone_the_command_says_so_and_a_second_run_goes_on(tmp_path: Path, nodes: Nodes) -> None:
    class_of(tmp_path, 6)
    only = nodes.add("only")
    command = start(tmp_path, nodes)
    until(lambda: graded(tmp_path) >= 2)
    nodes.kill(only)
    _, complaints = command.communicate(timeout=200)
    assert command.returncode == 3
    assert "no node is left that can grade" in complaints
    assert "Run the same command again" in complaints
    before = graded(tmp_path)
    assert 2 <= before < 6
    nodes.add("another")
    done = grade(tmp_path, "--seed", 8, "--cluster", nodes.address, env=nodes.environment)
    assert done.returncode == 0, done.stderr
    assert f"{before} (--regrade" in done.stdout
    assert graded(tmp_path) == 6


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_run_and_what_works_for_it(number: int, code: int, tmp_path: Path, nodes: Nodes) -> None:
    class_of(tmp_path, 6)
    nodes.add("one")
    command = start(tmp_path, nodes)
    until(lambda: graded(tmp_path) >= 1)
    command.send_signal(number)
    _, complaints = command.communicate(timeout=100)
    assert command.returncode == code
    assert "Run the same command again to go on" in complaints
    until(lambda: not working())


def working() -> list[str]:
    """Processes that grade what came to a node of this test."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            words = (path.parent / "cmdline").read_bytes()
            if b"autograder.worker" in words and f"PYTHONPATH={ROOT}".encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue
    return found
