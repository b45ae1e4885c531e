"""What a reader may do with the course, and how to cite it."""

from __future__ import annotations

import tomllib

import yaml

from tools.chapters import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LICENCE = (ROOT / "LICENSE").read_text(encoding="utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_the_licence_covers_every_folder_that_holds_code_or_text() -> None:
    folders = {path.parent.relative_to(ROOT).parts[0] for path in ROOT.glob("[a-z]*/*.[pm][yd]")}
    assert {f for f in folders - {"node_modules"} if f"{f}/" not in LICENCE} == set()


def test_the_citation_has_what_its_format_requires_and_the_packages_version() -> None:
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert str(CITATION["version"]) == PROJECT["version"]


def test_the_citation_names_no_repository_that_a_fork_would_have_to_change() -> None:
    assert "github" not in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
