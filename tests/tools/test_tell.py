"""The maintainers are told once: a second finding changes the open issue. `gh` is a stand-in that keeps its calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import tell

GH = """#!/bin/sh
printf '%s\\n' "$*" >> {folder}/calls
case "$2" in
  list) cat {folder}/issues.json ;;
  create) echo https://github.com/a/b/issues/8 ;;
esac
exit {code}
"""


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the open issues and, after a call, what gh was asked."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "gh").write_text(GH.format(folder=tmp_path, code=0))
    (programs / "gh").chmod(0o755)
    (tmp_path / "issues.json").write_text("[]")
    (tmp_path / "found.md").write_text("news")
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return tmp_path


def calls(gh: Path) -> list[str]:
    return (gh / "calls").read_text().splitlines()


def test_a_first_finding_opens_an_issue(gh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell.main(["Colab changed", str(gh / "found.md")]) == 0
    assert calls(gh)[1] == f"issue create --title Colab changed --body-file {gh}/found.md"
    assert capsys.readouterr().out == "https://github.com/a/b/issues/8\n"


def test_a_second_finding_changes_the_open_issue_of_that_very_title(gh: Path) -> None:
    issues = [{"number": 3, "title": "Colab changed my life"}, {"number": 5, "title": "Colab changed"}]
    (gh / "issues.json").write_text(json.dumps(issues))
    assert tell.main(["Colab changed", str(gh / "found.md")]) == 0
    assert calls(gh)[1:] == [f"issue edit 5 --body-file {gh}/found.md"]


def test_without_a_finding_nobody_is_told(gh: Path) -> None:
    assert tell.main(["Colab changed", str(gh / "none.md")]) == 0
    assert not (gh / "calls").exists()


def test_an_error_of_gh_is_the_exit_code(gh: Path) -> None:
    (gh / "bin" / "gh").write_text(GH.format(folder=gh, code=4))
    assert tell.main(["Colab changed", str(gh / "found.md")]) == 4
