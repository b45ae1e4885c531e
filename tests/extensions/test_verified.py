"""Each chapter says when it last ran on Colab and with what, and never more than was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from extensions import verified
from extensions.verified import sentence
from tests.conftest import CHAPTER_HEAD
from tests.extensions.conftest import Built
from tools import colab, notebooks
from tools.chapters import ROOT

VERSIONS = {"ray": "2.60.0", "gymnasium": "1.2.2", "torch": "2.11"}
ROW = {"outcome": "passed", "date": "2026-11-23", "versions": VERSIONS, "fingerprint": "a"}
CHANGED = "The page, or what it runs with, has changed since."
RECORD: dict[str, Any] = {"provenance": {"python": "3.13.0"}, "rows": {"book/ppo": ROW}}


def test_a_page_that_ran_tells_when_and_with_which_versions() -> None:
    assert sentence("book/ppo", RECORD, "a") == (
        "Last verified on a simulated Colab: 2026-11-23, with Python 3.13.0, gymnasium 1.2.2, ray 2.60.0."
    )


@pytest.mark.parametrize("record", [{}, RECORD])
def test_a_page_without_a_record_is_told_as_not_verified(record: dict[str, Any]) -> None:
    assert sentence("book/tune", record, "") == "Not yet verified on a simulated Colab."


def test_a_page_that_failed_is_not_told_as_verified() -> None:
    record = {**RECORD, "rows": {"book/ppo": {**ROW, "outcome": "failed"}}}
    assert (
        sentence("book/ppo", record, "a") == "Did not run on a simulated Colab when it was last tried, on 2026-11-23."
    )


def test_a_page_that_changed_since_it_ran_says_so_and_one_without_a_fingerprint_does_not() -> None:
    assert sentence("book/ppo", RECORD, "b").endswith(f"ray 2.60.0. {CHANGED}")
    unknown = {name: value for name, value in ROW.items() if name != "fingerprint"}
    assert CHANGED not in sentence("book/ppo", {**RECORD, "rows": {"book/ppo": unknown}}, "b")


@pytest.mark.parametrize("page", ["book/ppo", "labs/lab1_episodes"])
def test_the_fingerprint_is_of_the_page_as_it_is_and_not_of_the_notebook_of_the_last_build(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colab, "NOTEBOOKS", tmp_path)
    first = verified.fingerprint(page)
    (tmp_path / "book").mkdir(exist_ok=True)
    nbformat.write(notebooks.notebook("book/tune"), tmp_path / "book" / "ppo.ipynb")
    second = verified.fingerprint(page)
    notebooks.write(tmp_path)
    assert first == second == colab.fingerprint(page), "as make colab records it"


@pytest.mark.parametrize(("recorded", "told"), [("today's", False), ("another", True)])
def test_the_sentence_ends_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: str, told: bool) -> None:
    monkeypatch.setattr(verified, "fingerprint", {"one": "today's"}.__getitem__)
    record = {**RECORD, "rows": {"one": {**ROW, "fingerprint": recorded}}}
    (tmp_path / "source" / "tests").mkdir(parents=True)
    (tmp_path / "source" / verified.RECORD).write_text(json.dumps(record))
    page = CHAPTER_HEAD.format(more="") + "# A page\n\nText.\n"
    built = Built(tmp_path, {"one": page, "two": page}, ["extensions.verified"])
    (last,), (unknown,) = (built.tree(name).all("p", "verified") for name in ("one", "two"))
    assert unknown.text == "Not yet verified on a simulated Colab."
    assert last.text.startswith("Last verified on a simulated Colab: 2026-11-23")
    assert last.text.endswith(CHANGED) == told


def test_the_record_in_the_repository_is_of_the_facts_that_are_there() -> None:
    record = json.loads((ROOT / "tests" / "colab.json").read_text(encoding="utf-8"))
    facts = json.loads((ROOT / "tools" / "colab_facts.json").read_text(encoding="utf-8"))
    assert record["provenance"]["colab"] == facts["date"]
    assert record["provenance"]["python"].startswith(facts["python"])
