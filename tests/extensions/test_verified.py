"""Each chapter says when it last ran on Colab and with what, and never more than was recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extensions.verified import sentence
from tools.chapters import ROOT

ROW = {"outcome": "passed", "date": "2026-11-23", "versions": {"ray": "2.60.0", "gymnasium": "1.2.2", "torch": "2.11"}}
RECORD: dict[str, Any] = {"provenance": {"python": "3.13.0"}, "rows": {"book/ppo": ROW}}


def test_a_page_that_ran_tells_when_and_with_which_versions() -> None:
    assert sentence("book/ppo", RECORD) == (
        "Last verified on a simulated Colab: 2026-11-23, with Python 3.13.0, gymnasium 1.2.2, ray 2.60.0."
    )


@pytest.mark.parametrize("record", [{}, RECORD])
def test_a_page_without_a_record_is_told_as_not_verified(record: dict[str, Any]) -> None:
    assert sentence("book/tune", record) == "Not yet verified on a simulated Colab."


def test_a_page_that_failed_is_not_told_as_verified() -> None:
    record = {**RECORD, "rows": {"book/ppo": {**ROW, "outcome": "failed"}}}
    assert sentence("book/ppo", record) == "Did not run on a simulated Colab when it was last tried, on 2026-11-23."


def test_the_record_in_the_repository_is_of_the_facts_that_are_there() -> None:
    record = json.loads((ROOT / "tests" / "colab.json").read_text(encoding="utf-8"))
    facts = json.loads((ROOT / "tools" / "colab_facts.json").read_text(encoding="utf-8"))
    assert record["provenance"]["colab"] == facts["date"]
    assert record["provenance"]["python"].startswith(facts["python"])
