"""Settings of every test."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# A busy machine is no failure, and a run that failed fails again when it is repeated.
settings.register_profile("upright", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("upright")

# Which of pytest's workers this process is, from 0; there may be several, each on a share of the tests.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

# Modules that follow each other on one of the workers: two clusters of Ray that start at once look for the same ports.
TOGETHER = {
    "tests/autograder/test_cluster.py": "ray",
    "tests/autograder/test_cluster_faults.py": "ray",
    "tests/autograder/test_retrain.py": "ray",
    "tests/upright/checks/test_lab3.py": "ray",
    "tests/upright/checks/test_lab5.py": "ray",
    "tests/upright/test_rllib.py": "ray",
}

# The front matter of a chapter; {more} takes further lines of it.
CHAPTER_HEAD = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
{more}---

"""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "ignore:.*CartPole-v0 is out of date:DeprecationWarning")


class ByModule(LoadScopeScheduling):
    """Which worker runs what: a module stays with one, which makes its fixtures once."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::")[0]
        return TOGETHER.get(module, module)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByModule:
    return ByModule(config, log)
