"""What Gradescope has built before a submission comes."""

from __future__ import annotations

import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import Runtime
from tests.autograder.gradescope.folders import Root, lay_out
from tools.chapters import ROOT

# What setup.sh installs for the labs of code.
INSTALLED = ("numpy", "numpy.libs", "pydantic", "pydantic_core", "annotated_types", "typing_inspection", "pyseccomp")
COPIED = shutil.ignore_patterns("__pycache__", "tests")


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """The folder that setup.sh makes, with the interpreter and the packages of these tests."""
    with tempfile.TemporaryDirectory(prefix="upright-home-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "venv").symlink_to(sys.prefix)
        _packages(folder)
        yield folder


@pytest.fixture(scope="session")
def open_home(everyones: Runtime) -> Iterator[Path]:
    """The same where every user may read the interpreter, as on Gradescope, with no more than a lab of code needs."""
    with tempfile.TemporaryDirectory(prefix="upright-home-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        base = Path(everyones.python).parent.parent
        shutil.copytree(base / "bin", folder / "venv" / "bin")
        shutil.copytree(base / "lib", folder / "venv" / "lib")
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        site = folder / "venv" / "lib" / version / "site-packages"
        installed = Path(sysconfig.get_paths()["platlib"])
        for package in INSTALLED:
            if (installed / package).exists():
                shutil.copytree(installed / package, site / package, ignore=COPIED)
        for module in ("typing_extensions.py", "pyseccomp.py"):
            if (installed / module).exists():
                shutil.copy(installed / module, site)
        _packages(folder)
        for path in folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        yield folder


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Root:
    """The root folder for lab 1, with nothing handed in."""
    return lay_out(tmp_path, home)


def _packages(folder: Path) -> None:
    for package in ("autograder", "upright"):
        shutil.copytree(ROOT / package, folder / "packages" / package, ignore=COPIED)
