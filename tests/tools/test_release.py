"""A release is refused until version, changelog and tree agree; then it holds the wheel, the site and the labs."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from tools import release, student_release
from tools.release import ReleaseError

CHANGELOG = (
    "# Changelog\n\n## 1.3.0 (unreleased)\n\nsoon\n\n## 1.2.0 (2026-12-01)\n\n- news\n\n## 1.1.0 (2026-01-01)\n\nold\n"
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with version 1.2.0, committed."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (tmp_path / "CITATION.cff").write_text("version: 1.2.0\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    return tmp_path


def test_the_notes_are_what_the_changelog_says_of_this_version_alone(tree: Path) -> None:
    assert release.version() == "1.2.0"
    assert release.notes("1.2.0") == "- news\n"
    release.check_tree()


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("1.3.0", r"no heading like ## 1\.3\.0 \(2026-12-31\)"), ("9.0", "no heading"), ("1.2", "no heading")],
)
def test_a_version_without_a_date_in_the_changelog_is_refused(tree: Path, number: str, sentence: str) -> None:
    with pytest.raises(ReleaseError, match=sentence):
        release.notes(number)


def test_a_version_about_which_nothing_is_said_is_refused(tree: Path) -> None:
    (tree / "CHANGELOG.md").write_text("## 1.2.0 (2026-12-01)\n\n## 1.1.0 (2026-01-01)\n\nold\n")
    with pytest.raises(ReleaseError, match=r"says nothing below ## 1\.2\.0"):
        release.notes("1.2.0")


def test_a_citation_of_another_version_is_refused(tree: Path) -> None:
    (tree / "CITATION.cff").write_text("version: 1.1.0\n")
    with pytest.raises(ReleaseError, match=r"pyproject\.toml has version 1\.2\.0 and CITATION\.cff 1\.1\.0"):
        release.version()


def test_a_tree_with_changes_is_refused_by_their_names_and_nothing_is_built(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "new.txt").write_text("")
    monkeypatch.setattr(release, "FOLDER", tree / "release")
    assert release.main() == 1
    assert "?? new.txt" in capsys.readouterr().err
    assert not (tree / "release").exists()


def test_the_release_holds_what_was_built_and_a_hash_of_each_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "FOLDER", tmp_path / "release")
    assert student_release.main() == 0
    files = {path.name: path for path in release.collect("1.2.0", "- news\n")}
    (wheel,) = (name for name in files if name.endswith(".whl"))
    assert set(files) == {wheel, "upright-site-1.2.0.zip", "upright-labs-1.2.0.zip", "notes.md", "SHA256SUMS"}
    assert "upright/index.html" in zipfile.ZipFile(files["upright-site-1.2.0.zip"]).namelist()
    assert "upright/labs/lab1_episodes.ipynb" in zipfile.ZipFile(files["upright-labs-1.2.0.zip"]).namelist()
    for line in files["SHA256SUMS"].read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files.pop(name).read_bytes()).hexdigest() == digest
    assert list(files) == ["SHA256SUMS"]
