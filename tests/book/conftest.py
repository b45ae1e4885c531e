"""Modules that run in the page, imported here under names that hide nothing."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from tools.chapters import ROOT


def page_module(name: str, called: str) -> ModuleType:
    """The module `book/assets/live/NAME.py`, as `called`."""
    found = importlib.util.spec_from_file_location(called, ROOT / "book" / "assets" / "live" / f"{name}.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    sys.modules[called] = module
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def as_numpy() -> ModuleType:
    return page_module("as_numpy", "as_numpy")


@pytest.fixture(scope="session")
def stand_in(as_numpy: ModuleType) -> ModuleType:
    return page_module("gymnasium", "stand_in")


@pytest.fixture(scope="session")
def runner() -> ModuleType:
    return page_module("runner", "live_runner")
