"""Settings of every test."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure, and a run that failed fails again when it is repeated.
settings.register_profile("upright", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("upright")

# Which of pytest's workers this process is, from 0; there may be several, each on a share of the tests.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
if "PYTEST_XDIST_WORKER" in os.environ:
    # Beside one another, threads of PyTorch and of NumPy wait for cores that other workers use: 13 s become 170.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

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
