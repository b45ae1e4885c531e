"""The zip that Gradescope builds an autograder from. The same settings and sources give the same bytes."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path

import upright
from autograder.errors import UsageError
from autograder.gradescope import results
from autograder.gradescope.settings import FILE, RESERVE_SECONDS, Settings
from autograder.grading import LIMITS, LIMITS_OF_LAB
from autograder.retrain import SECONDS as RETRAIN_SECONDS
from autograder.sandbox.runtime import PACKAGE

EPOCH = (1980, 1, 1, 0, 0, 0)
HERE = Path(__file__).resolve().parent
SCRIPTS = ("setup.sh", "run_autograder")
SUFFIXES = (".py", ".json", ".html", ".css", ".js", ".sh", "")
HANGING_SECONDS = 15.0  # before Gradescope's own end, a grader that hangs is ended
CODE = ("numpy", "pydantic", "pyseccomp")
# What torch brings in turn: torch itself comes without hashes and without these, from the index of its builds for CPUs.
TORCH = ("filelock", "fsspec", "jinja2", "networkx", "setuptools", "sympy", "typing-extensions")
REQUIRED = {
    "lab1_episodes": CODE,
    "lab2_policies": CODE,
    "lab3_ppo": ("numpy", "pydantic", "gymnasium"),
    "lab4_vectorize": (*CODE, *TORCH),
    "lab5_tune": ("numpy", "pydantic", "gymnasium", "ray", *TORCH),
}


def needed_seconds(lab: str) -> float:
    """The least time limit with which every submission of a lab meets its own limits first."""
    wall = float(LIMITS_OF_LAB.get(lab, {}).get("wall_s", LIMITS.wall_s))
    return max(wall, RETRAIN_SECONDS if lab == "lab5_tune" else 0.0) + 2 * RESERVE_SECONDS


def write(path: Path, settings: Settings) -> int:
    """Write the zip, in one step, for its owner's eyes alone; how many files it holds. Raises UsageError."""
    files = _files(settings)
    temporary = path.with_name(path.name + ".new")
    try:
        with (
            os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        ):
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, EPOCH)
                entry.create_system = 3  # Unix: the modes below count
                mode = 0o755 if name in SCRIPTS else 0o600 if name == FILE else 0o644
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16
                archive.writestr(entry, files[name])
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"-o {path}: cannot be written ({error.strerror}).") from None
    return len(files)


def _files(settings: Settings) -> dict[str, bytes]:
    """What goes into the zip, by name."""
    direct, lock = _read("requirements.txt"), _read("requirements.lock")
    seconds = f"{settings.seconds - HANGING_SECONDS:g}"
    # As requirements.txt has them, with their extras; what is not there, as the lock has it.
    wanted = [re.split(r" |\n", _pin(direct + lock, name))[0] for name in REQUIRED[settings.lab]]
    files = {
        "setup.sh": (HERE / "setup.sh").read_bytes(),
        "run_autograder": (HERE / "run_autograder").read_bytes().replace(b"@SECONDS@", seconds.encode()),
        "unfinished.json": json.dumps(results.unfinished(), indent=2).encode(),
        "requirements.txt": "".join(f"{pin}\n" for pin in wanted).encode(),
        "requirements.lock": lock.encode(),
        "uv.txt": _pin(lock, "uv").encode(),
        FILE: settings.dumps().encode(),
    }
    if set(TORCH) <= set(REQUIRED[settings.lab]):
        files["torch.txt"] = re.split(r" |\n", _pin(direct, "torch"))[0].encode()
    for package in (PACKAGE, Path(upright.__file__).resolve().parent):
        for file in package.rglob("*"):
            if file.is_file() and file.suffix in SUFFIXES and "__pycache__" not in file.parts:
                files[f"packages/{file.relative_to(package.parent).as_posix()}"] = file.read_bytes()
    return files


def _read(name: str) -> str:
    """One of the course's two files of requirements. Raises UsageError."""
    path = PACKAGE.parent / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise UsageError(f"{path}: is missing; run this command in a clone of the course.") from None


def _pin(text: str, package: str) -> str:
    """The line that pins a package, and those with its hashes below it. Raises UsageError."""
    found = re.search(rf"(?m)^{re.escape(package)}(\[[\w,]+\])?==.*\n(    .*\n)*", text)
    if found is None:
        raise UsageError(f"requirements: {package} is not pinned there; run this command in a clean clone.")
    return found[0]
