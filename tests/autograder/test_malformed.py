"""Every reader of what strangers write, given what is nearly right: it reads it, or refuses it in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from autograder.text import harmless
from tests.autograder.malformed import nearly
from tests.autograder.readers import CELLS, POLICY, READERS, exported
from upright.policy import MIME

FEW, MANY = settings(max_examples=6), settings(max_examples=200)


def read_or_refused(name: str, content: bytes) -> None:
    reader = READERS[name]
    try:
        reader.read(content)
    except reader.refused as reason:
        said = str(getattr(reason, "message", reason))
        assert said.strip()
        assert said == harmless(said), said
        assert "\n" not in said
        assert len(said) < 2_000


@pytest.mark.parametrize("name", READERS)
def test_a_reader_reads_what_is_right(name: str) -> None:
    assert READERS[name].read(READERS[name].whole) is not None


@pytest.mark.parametrize("name", READERS)
@FEW
@given(some.data())
def test_what_is_nearly_right_is_read_or_refused_in_a_sentence(name: str, drawn: some.DataObject) -> None:
    read_or_refused(name, drawn.draw(nearly(READERS[name].whole)))


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
@MANY
@given(some.data())
def test_200_inputs_that_are_nearly_right_are_read_or_refused(name: str, drawn: some.DataObject) -> None:
    read_or_refused(name, drawn.draw(nearly(READERS[name].whole)))


def broken(count: int) -> list[bytes]:
    """That many different files near to a notebook, the same ones each time."""
    found: dict[bytes, None] = {}

    @settings(max_examples=20 * count, database=None)
    @given(nearly(CELLS))
    def collect(content: bytes) -> None:
        if len(found) < count:
            found[content] = None

    collect()
    return list(found)


@pytest.mark.parametrize("count", [10, pytest.param(200, marks=(pytest.mark.slow, pytest.mark.timeout(900)))])
def test_a_class_full_of_broken_notebooks_has_a_result_each_and_the_whole_one_its_grade(
    count: int, tmp_path: Path
) -> None:
    files = broken(count)
    assert len(files) == count
    (tmp_path / "in").mkdir()
    for number, content in enumerate(files):
        (tmp_path / "in" / f"broken{number:03}.ipynb").write_bytes(content)
    (tmp_path / "in" / "whole.ipynb").write_bytes(exported(POLICY, MIME))
    given = ["grade", tmp_path / "in", "--lab", "lab3_ppo", "--out", tmp_path / "out", "--seed", 1]
    done = subprocess.run([sys.executable, "-m", "autograder", *map(str, given)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    results = [json.loads(path.read_text()) for path in (tmp_path / "out" / "results" / "lab3_ppo").iterdir()]
    assert len(results) == count + 1
    assert {result["outcome"] for result in results} <= {"passed", "failed", "invalid_submission"}
    whole = next(result for result in results if result["student"] == "whole")
    assert whole["score"] > 0
    assert all(result["score"] == 0 for result in results if result is not whole)
    assert all(result["notes"] for result in results if result["outcome"] == "invalid_submission")
