"""The status page shows what was recorded, and what was not as missing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from docutils import nodes

from extensions import status
from tools import check

SCORES = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 99}
LIGHTHOUSE = {"provenance": {"lighthouse": "13.5.0", "date": "2026-11-23"}, "rows": {"book/ppo": SCORES}}
AXE = {"provenance": {"axe-core": "4.14.1", "date": "2026-11-22"}, "rows": {"book/ppo": {"light": [], "dark": ["a"]}}}


def cells(found: list[nodes.Node]) -> list[list[str]]:
    """The text of every row of every table."""
    rows = [row for node in found for row in node.findall(nodes.row)]
    return [[str(entry.astext()) for entry in row.findall(nodes.entry)] for row in rows]


def sentences(found: list[nodes.Node]) -> str:
    return " ".join(node.astext() for node in found if isinstance(node, nodes.paragraph))


def test_a_page_is_shown_with_its_scores_and_the_rules_that_fail() -> None:
    found = status._pages(LIGHTHOUSE, AXE)
    assert cells(found)[1] == ["ppo", "98", "100", "100", "99", "1"]
    assert "Lighthouse 13.5.0 of 2026-11-23; axe-core 4.14.1 of 2026-11-22." in sentences(found)


def test_what_was_not_measured_is_shown_as_missing() -> None:
    other: dict[str, Any] = {**AXE, "rows": {"search": {"light": []}}}
    assert cells(status._pages(LIGHTHOUSE, other))[1:] == [
        ["ppo", "98", "100", "100", "99", "missing"],
        ["search", *["missing"] * 4, "missing"],
    ]
    assert "axe-core: missing" in sentences(status._pages(LIGHTHOUSE, {}))


def test_without_any_record_a_sentence_says_so() -> None:
    assert cells(status._pages({}, {})) == []
    assert "have not been recorded yet" in sentences(status._pages({}, {}))
    assert "have not been recorded yet" in sentences(status._checks({}, {}))


def test_links_are_told_with_their_date_and_their_absence_too() -> None:
    record = {"date": "2026-11-23", "followed": 120, "broken": ["https://a.org"]}
    assert status._links(record) == "Of 120 links to other sites 1 led nowhere on 2026-11-23."
    assert "have not been followed yet" in status._links({})


def test_a_long_check_is_shown_with_its_outcome_and_date_and_one_without_a_record_as_missing() -> None:
    known = {"outcome": "passed", "date": "2026-11-23", "detail": "<b>all</b>", "seconds": 3, "fingerprint": "a"}
    found = cells(status._checks({"slow": known}, {"slow": "a", "build": "b"}))[1:]
    assert [row[0] for row in found] == list(check.CHECKS)
    assert found[0] == ["slow", "passed", "2026-11-23", "<b>all</b>"]
    assert found[-1] == ["build", "missing", "missing", ""]


def test_a_check_whose_files_changed_since_is_no_longer_shown_as_simply_passed() -> None:
    known = {"outcome": "passed", "date": "2026-11-23", "detail": "", "seconds": 3, "fingerprint": "a"}
    assert cells(status._checks({"slow": known}, {"slow": "b"}))[1][1] == "passed; files changed since"
    assert cells(status._checks({"slow": known}, {}))[1][1] == "passed"


def test_todays_fingerprints_are_of_every_check_and_outside_of_git_nothing_is_said_of_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(check, "ROOT", tmp_path)
    assert status._fingerprints() == {}
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert status._fingerprints() == {name: check.fingerprint(each) for name, each in check.CHECKS.items()}
    monkeypatch.setenv("PATH", "")
    assert status._fingerprints() == {}, "no git at all"


def test_how_a_page_ran_as_on_colab_is_shown_with_its_time_and_download() -> None:
    row = {"outcome": "passed", "date": "2026-11-23", "seconds": 27.9, "install_seconds": 14.6}
    known = {"colab": "2026-08-19", "python": "3.13.0", "hardware": "AMD EPYC, 2 cores"}
    found = status._colab({"provenance": known, "rows": {"book/ppo": {**row, "download_megabytes": 87.6}}})
    assert cells(found)[1] == ["ppo", "passed", "2026-11-23", "27.9", "14.6 s", "87.6 MB"]
    assert "Colab of 2026-08-19, simulated with Python 3.13.0 on AMD EPYC, 2 cores." in sentences(found)
    assert "Nothing has been run as on Colab yet" in sentences(status._colab({}))
