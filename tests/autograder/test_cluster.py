"""Grading on a real Ray cluster: several nodes on this machine, each with its own raylet and workers."""

from __future__ import annotations

import http.server
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.connection import connect
from autograder.errors import UsageError
from autograder.gradebook import Gradebook
from tests.autograder.command import HONEST, LAB, grade, hand_in, results
from tests.autograder.nodes import Nodes, cluster

pytestmark = pytest.mark.ray
NO_RAY = """
import sys
sys.modules["ray"] = None  # as where it is not installed
from autograder.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with cluster() as made:
        yield made


def listening() -> tuple[socket.socket, str]:
    """A port at which somebody listens and says nothing of HTTP/2."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.socket, f"127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("10.0.0.1", "is no address; give HOST:PORT"),
        ("ray://127.0.0.1:10001", "is no address; give HOST:PORT"),
        ("127.0.0.1:99999", "is no address; give HOST:PORT"),
        ("127.0.0.1:1", "nothing answers there"),
        ("nowhere.invalid:6379", "nothing answers there"),
    ],
)
def test_an_address_that_is_none_or_where_nobody_listens_is_refused_at_once(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"^--cluster {address}: {said}"):
        connect(address)


def test_an_address_where_something_else_than_ray_answers_is_refused_at_once() -> None:
    server, address = listening()
    with server, pytest.raises(UsageError, match="what answers there is not Ray"):
        connect(address)


def test_without_ray_the_command_says_in_a_sentence_what_to_install(tmp_path: Path) -> None:
    hand_in(tmp_path, ada=HONEST)
    given = ["grade", str(tmp_path / "in"), "--lab", LAB, "--out", str(tmp_path / "out"), "--cluster", "auto"]
    done = subprocess.run([sys.executable, "-c", NO_RAY, *given], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'upright[cluster]'" in done.stderr


@pytest.mark.timeout(290)
def test_a_cluster_of_two_nodes_gives_the_gradebook_of_one_machine(tmp_path: Path, nodes: Nodes) -> None:
    nodes.add("one")
    nodes.add("two")
    wrong = HONEST.replace("gamma * next_value", "next_value")
    loud = 'print("hello")\n' + HONEST
    hand_in(tmp_path, ada=HONEST, bob=wrong, cy=loud, dan="raise SystemExit", eve="", flo="def evaluate(:")
    (tmp_path / "in" / "gil.py").symlink_to(tmp_path / "in" / "ada.py")
    here = grade(tmp_path, "--seed", 7)
    alone = results(tmp_path)
    (tmp_path / "out").rename(tmp_path / "alone")
    there = grade(tmp_path, "--seed", 7, "--cluster", nodes.address, cwd=tmp_path / "in", env=nodes.environment)
    assert (here.returncode, there.returncode) == (0, 0), there.stderr
    assert results(tmp_path) == alone
    assert len(alone) == 7
    assert "grades on 2 nodes with 2 CPUs" in there.stderr
    assert "grades on 2 nodes with 2 CPUs" in there.stdout
    with Gradebook.open(tmp_path / "out") as book:
        assert {row.attempt for row in book.rows()} == {1}
        assert [book.history(row.result.student, LAB) for row in book.rows()] == [[]] * 7
