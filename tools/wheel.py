"""The `upright` wheel, which Colab installs from the site."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tools.chapters import BUILD, ROOT

PARTS = ("upright", "autograder", "pyproject.toml", "README.md")


def name() -> str:
    """The wheel's file name, which pip wants to be exactly so."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['name']}-{project['version']}-py3-none-any.whl"


def build() -> Path:
    """Build the wheel into _build and return its path; nothing is done when it is newer than all its parts."""
    target = BUILD / name()
    sources = [path for part in PARTS for path in [ROOT / part, *(ROOT / part).glob("**/*.*")]]
    if target.is_file() and target.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return target
    with tempfile.TemporaryDirectory(prefix="upright-wheel-") as folder:
        # A copy, because setuptools leaves folders beside what it builds.
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, Path(folder) / part)
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(BUILD), folder]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}
        subprocess.run(command, check=True, capture_output=True, env=environment)
    return target
