"""The audit tells what is known to be vulnerable, and never takes silence for safety."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import audit

# The forms of pip-audit 2.10 (`--format json`) and npm 11 (`npm audit --json`), shortened.
SAFE = {"name": "numpy", "version": "2.4.6", "vulns": []}
BAD = {
    "name": "jinja2",
    "version": "2.10",
    "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": ["CVE-2019-10906"], "description": "…"}],
}
SKIPPED = {"name": "torch", "skip_reason": "Dependency not found on PyPI and could not be audited: torch (2.13.0)"}
NPM_BAD = {"vulnerabilities": {"lodash": {"name": "lodash", "severity": "high", "range": "<4.17.21"}}}
NPM_REFUSED = {"message": "405 Method Not Allowed", "statusCode": 405}


def report(*packages: dict) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_vulnerable_version_is_named_with_its_advisory_and_the_version_that_mends_it() -> None:
    assert audit.python_findings(report(SAFE, BAD)) == (["jinja2 2.10: PYSEC-2019-217, mended in 2.10.1"], [])
    assert audit.npm_findings(json.dumps(NPM_BAD)) == (["lodash <4.17.21: high"], [])


@pytest.mark.parametrize("text", ["", report()])
def test_an_index_that_gives_no_answer_is_told(text: str) -> None:
    assert audit.python_findings(text) == ([], ["the Python package index could not be asked"])


def test_packages_that_were_not_looked_up_are_counted() -> None:
    assert audit.python_findings(report(SAFE, SKIPPED)) == (
        [],
        ["the Python package index says nothing about 1 packages"],
    )


@pytest.mark.parametrize(("text", "reason"), [("", "no answer"), (json.dumps(NPM_REFUSED), "405 Method Not Allowed")])
def test_an_npm_that_refuses_is_told_with_its_reason(text: str, reason: str) -> None:
    assert audit.npm_findings(text) == ([], [f"npm's index could not be asked ({reason})"])


@pytest.mark.parametrize(
    ("python", "npm", "code"),
    [
        (report(SAFE), '{"vulnerabilities": {}}', 0),
        (report(BAD), json.dumps(NPM_REFUSED), 1),
        (report(SAFE), json.dumps(NPM_BAD), 1),
        (report(SAFE), json.dumps(NPM_REFUSED), 2),
        ("", '{"vulnerabilities": {}}', 2),
    ],
)
def test_the_exit_code_tells_vulnerable_from_not_looked_up(
    python: str,
    npm: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(audit, "python_report", lambda: python)
    monkeypatch.setattr(audit, "npm_report", lambda: npm)
    monkeypatch.setattr(audit, "REPORT", tmp_path / "audit.md")
    audit.REPORT.write_text("of last week")
    assert audit.main() == code
    assert audit.REPORT.exists() is (code != 0)
    assert ("No locked package is known to be vulnerable." in capsys.readouterr().out) is (code == 0)


def test_the_issue_says_what_is_vulnerable_and_what_was_not_looked_up() -> None:
    both = audit.issue(["jinja2 2.10: bad"], ["npm's index could not be asked"])
    assert both == (
        "These locked packages are known to be vulnerable:\n\n- jinja2 2.10: bad\n\n"
        "Not everything was looked up:\n\n- npm's index could not be asked\n"
    )
    assert "vulnerable" not in audit.issue([], ["npm's index could not be asked"])
    assert "looked up" not in audit.issue(["jinja2 2.10: bad"], [])
