"""The wheel that Colab installs: its name, what is in it, and requirements that fit there and here."""

from __future__ import annotations

import ast
import os
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from tests.tools.conftest import ROOT, TinyBook
from tools import canary, lock, wheel

COLAB = canary.facts()
PACKAGES = ("upright", "autograder")


@pytest.fixture(scope="module")
def built(shared: TinyBook) -> Path:
    return wheel.build()


@pytest.fixture(scope="module")
def metadata(built: Path) -> dict[str, list[str]]:
    """The wheel's own description, as pip reads it."""
    with zipfile.ZipFile(built) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        message = HeaderParser().parsestr(archive.read(name).decode())
    return {key: message.get_all(key, []) for key in message}


def requirements(metadata: dict[str, list[str]]) -> dict[str, Requirement]:
    found = [Requirement(line) for line in metadata["Requires-Dist"]]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def test_the_wheel_has_the_name_that_the_notebooks_ask_for(built: Path) -> None:
    assert built.name == wheel.name()
    name, version, _, tags = parse_wheel_filename(built.name)
    assert name == "upright"
    assert {str(tag) for tag in tags} == {"py3-none-any"}
    assert str(version) in built.name


def test_the_wheel_holds_every_module_of_upright_and_the_autograder_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
        modules = {str(path.relative_to(ROOT)) for folder in PACKAGES for path in (ROOT / folder).glob("**/*.py")}
        data = [f"autograder/report/*.{kind}" for kind in ("html", "css", "js")]
        data += ["autograder/published/*.json", "autograder/solutions.json"]
        data += ["autograder/gradescope/setup.sh", "autograder/gradescope/run_autograder"]
        data += ["upright/widgets/*.js", "upright/widgets/*.css"]
        modules |= {str(path.relative_to(ROOT)) for pattern in data for path in ROOT.glob(pattern)}
        assert files == modules
        for name in files:
            assert archive.read(name) == (ROOT / name).read_bytes()


@pytest.mark.parametrize("package", sorted(set(canary.wheel_requirements()) & set(COLAB["packages"])))
def test_its_requirements_admit_what_colab_has(metadata: dict[str, list[str]], package: str) -> None:
    requirement = requirements(metadata)[package]
    there = COLAB["packages"][package]
    assert requirement.specifier.contains(there), f"{requirement} would change Colab's {there}"


def test_its_requirements_admit_our_own_pins(metadata: dict[str, list[str]]) -> None:
    here = lock.versions((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    for name, requirement in requirements(metadata).items():
        assert requirement.specifier.contains(here[name]), f"{requirement} does not admit {here[name]}"


def test_it_needs_neither_torch_nor_unless_asked_ray(metadata: dict[str, list[str]]) -> None:
    found = requirements(metadata)
    assert "torch" not in found
    assert str(found["ray"].marker) == 'extra == "cluster"'


def test_it_runs_on_colabs_python_and_on_the_oldest_that_the_course_takes(metadata: dict[str, list[str]]) -> None:
    (python,) = metadata["Requires-Python"]
    specifier = Requirement(f"python{python}").specifier
    assert specifier.contains(COLAB["python"])
    assert specifier.contains("3.11.0")
    assert not specifier.contains("3.10.9")
    assert Version(metadata["Version"][0]) > Version("0")


def test_every_package_that_upright_imports_is_required_or_installed_by_name(metadata: dict[str, list[str]]) -> None:
    # `upright.rllib` imports Ray and torch; the install cell brings the one, Colab has the other.
    given = {"upright", "ray", "torch"} | {name.replace("-", "_") for name in requirements(metadata)}
    imported = set()
    for path in (ROOT / "upright").glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imported |= {name.split(".")[0].lower() for name in names}
    assert not imported - given - {name.lower() for name in sys.stdlib_module_names}


def test_built_again_the_wheel_has_the_same_bytes(built: Path, shared: TinyBook) -> None:
    before = built.read_bytes()
    built.unlink()
    for path in (shared.root / "upright").glob("*.py"):
        os.utime(path, (1.7e9, 1.7e9))
    assert wheel.build().read_bytes() == before


def test_the_wheel_is_built_again_only_when_a_part_of_it_is_newer(tiny: TinyBook) -> None:
    path = tiny.root / "_build" / wheel.name()
    path.parent.mkdir()
    path.write_bytes(b"kept")
    assert wheel.build() == path
    assert path.read_bytes() == b"kept"
    source = tiny.root / "upright" / "policy.py"
    with source.open("a") as file:
        file.write("\n# changed\n")
    later = path.stat().st_mtime + 10
    os.utime(source, (later, later))
    with zipfile.ZipFile(wheel.build()) as archive:
        assert archive.read("upright/policy.py").endswith(b"# changed\n")


def test_building_leaves_nothing_beside_the_sources(built: Path, shared: TinyBook) -> None:
    assert not [path for path in shared.root.iterdir() if path.suffix == ".egg-info" or path.name == "build"]
