"""A Ray cluster of several nodes on this machine, each with its own raylet and the environment that a test gives it."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ray.cluster_utils import Cluster

from tests.late_ray import started
from tools.chapters import ROOT

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(ROOT)}


class Nodes:
    """A cluster whose head does no work. address: of the head; environment: what a command that joins it needs."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        head = {"num_cpus": 0, "include_dashboard": False}
        self._cluster = started(lambda: Cluster(initialize_head=True, head_node_args=head))
        self.address: str = self._cluster.address

    def add(self, name: str, cpus: int = 1, **environment: str) -> Any:
        """A node; its processes have these variables beside this process's own."""
        return started(lambda: self._cluster.add_node(num_cpus=cpus, node_name=name, env_vars=environment))

    def remove(self, node: Any) -> None:
        self._cluster.remove_node(node)

    def kill(self, node: Any) -> None:
        """As when the machine is gone: its raylet gets no chance to say goodbye."""
        os.kill(node.all_processes["raylet"][0].process.pid, signal.SIGKILL)

    def shut_down(self) -> None:
        self._cluster.shutdown()


@contextmanager
def cluster() -> Iterator[Nodes]:
    """A head and nothing else yet. The path of `tmp_path` is too long for Ray's sockets."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="ray") as folder:
        for name, value in {**QUIET, "RAY_TMPDIR": folder}.items():
            patch.setenv(name, value)
        nodes = Nodes({**os.environ})
        try:
            yield nodes
        finally:
            nodes.shut_down()


def private_copy(folder: Path, version: str = "") -> Path:
    """The grader and the judge in a folder that no other user may enter; `version` in place of its own."""
    folder.mkdir(mode=0o700)
    for package in ("autograder", "upright"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    if version:
        path = folder / "autograder" / "__init__.py"
        path.write_text(path.read_text().replace('__version__ = "', f'__version__ = "{version}+'))
    return folder
