"""The maintainers are told once: a second finding changes the open issue. `gh` is a stand-in that keeps its calls."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import tell
from tools.chapters import ROOT

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
    monkeypatch.delenv("GITHUB_RUN_ID", raising=False)  # as the workflow that runs these tests has it
    return tmp_path


def calls(gh: Path) -> list[str]:
    return (gh / "calls").read_text().splitlines()


def test_a_first_finding_opens_an_issue(gh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell.main(["Colab changed", str(gh / "found.md")]) == 0
    assert calls(gh)[1] == "issue create --title Colab changed --body news"
    assert capsys.readouterr().out == "https://github.com/a/b/issues/8\n"


def test_a_second_finding_changes_the_open_issue_of_that_very_title_and_tells_its_readers(gh: Path) -> None:
    issues = [
        {"number": 3, "title": "Colab changed my life", "body": ""},
        {"number": 5, "title": "Colab changed", "body": "old news"},
    ]
    (gh / "issues.json").write_text(json.dumps(issues))
    assert tell.main(["Colab changed", str(gh / "found.md")]) == 0
    comment = "issue comment 5 --body This changed: the text above is new."
    assert calls(gh)[1:] == ["issue edit 5 --body news", comment]


def test_the_same_finding_again_disturbs_nobody(gh: Path) -> None:
    (gh / "found.md").write_text("two\nlines\n")
    (gh / "issues.json").write_text(json.dumps([{"number": 5, "title": "Colab changed", "body": "two\r\nlines"}]))
    assert tell.main(["Colab changed", str(gh / "found.md")]) == 0
    assert "issue comment" not in "".join(calls(gh))


def in_a_workflow(monkeypatch: pytest.MonkeyPatch, run: str) -> None:
    for name, value in (("SERVER_URL", "https://github.com"), ("REPOSITORY", "a/b"), ("RUN_ID", run)):
        monkeypatch.setenv(f"GITHUB_{name}", value)


def test_the_place_of_the_log_is_kept_up_to_date_and_is_no_news(gh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = "news\r\nThe log of the last run: https://github.com/a/b/actions/runs/76\r\n"
    (gh / "issues.json").write_text(json.dumps([{"number": 5, "title": "Colab changed", "body": before}]))
    in_a_workflow(monkeypatch, "77")
    assert tell.main(["Colab changed", str(gh / "found.md")]) == 0
    edited = ["issue edit 5 --body news", "The log of the last run: https://github.com/a/b/actions/runs/77"]
    assert [line for line in calls(gh)[1:] if line] == edited


def test_a_job_that_left_no_report_is_told_with_the_place_of_its_log(gh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_a_workflow(monkeypatch, "77")
    assert tell.main(["Colab changed", str(gh / "none.md")]) == 0
    told = "\n".join(calls(gh))
    assert "issue create --title Colab changed --body A job failed before it could say why.\n" in told
    assert "https://github.com/a/b/actions/runs/77" in told


def test_it_runs_with_a_python_that_has_nothing_installed(gh: Path) -> None:
    command = [sys.executable, "-I", "-S", str(ROOT / "tools" / "tell.py"), "Colab changed", str(gh / "found.md")]
    assert subprocess.run(command, cwd=gh, stdout=subprocess.DEVNULL).returncode == 0
    assert "issue create --title Colab changed --body news" in calls(gh)


def test_an_error_of_gh_is_the_exit_code(gh: Path) -> None:
    (gh / "bin" / "gh").write_text(GH.format(folder=gh, code=4))
    assert tell.main(["Colab changed", str(gh / "found.md")]) == 4
