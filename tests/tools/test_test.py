"""The quick tests are run in two parts, and end with one exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import test


@pytest.mark.parametrize(
    ("ray", "other", "code"),
    [("False", "True", 1), ("True", "False", 1), (None, "True", 0), (None, None, 5)],
)
def test_both_parts_run_and_a_failure_in_one_is_a_failure(
    ray: str | None, other: str | None, code: int, tmp_path: Path
) -> None:
    head = "import pytest\npytestmark = pytest.mark.ray\n"
    for name, text, outcome in (("ray", head, ray), ("other", "", other)):
        if outcome:
            (tmp_path / f"test_{name}.py").write_text(f"{text}def test_it() -> None:\n    assert {outcome}\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = ray\n    slow\n")
    assert test.tests(["-q", "-n0", "-p", "no:cacheprovider", str(tmp_path)]) == code
