from __future__ import annotations

import json
from typing import Any

import pytest

from upright import Policy
from upright.checks import exports, lab3
from upright.checks.verdict import NotAnswered, Wrong
from upright.policy import MIME

POLICY = Policy.linear([[0, 0, 0, 0], [0.5, 1, 10, 2]], told="ünï ☃")
OTHER = Policy.linear([[0, 0, 0, 0], [1, 1, 1, 1]])


def bundle(policy: Policy = POLICY) -> dict[str, Any]:
    return exports.bundle(policy, MIME, "A policy.")


def text(policy: Policy = POLICY) -> str:
    return str(bundle(policy)["text/plain"])


def found(*outputs: dict[str, Any]) -> Policy:
    return exports.find(list(enumerate(outputs, 1)), MIME, lab3.load).value


def test_an_export_is_found_by_its_mime_type() -> None:
    assert found({MIME: bundle()[MIME]}) == POLICY


def test_an_export_is_found_in_its_text_when_the_mime_type_was_dropped() -> None:
    assert found({"text/plain": text()}) == POLICY


def test_the_text_begins_with_a_line_for_people() -> None:
    assert text().splitlines()[0] == "A policy."
    assert len(text().splitlines()) == 2


@pytest.mark.parametrize(
    "stored",
    [
        text().splitlines(keepends=True),
        text().replace("\n", "\r\n"),
        list(text()),
        "before\n" + text() + "\nafter\n",
    ],
    ids=["a list of lines", "Windows line ends", "a list of letters", "lines around it"],
)
def test_the_text_is_read_however_a_front_end_stores_it(stored: Any) -> None:
    assert found({"text/plain": stored}) == POLICY


def test_an_export_whose_data_is_stored_as_text_is_read() -> None:
    assert found({MIME: POLICY.dumps()}) == POLICY
    assert found({MIME: [POLICY.dumps()[:50], POLICY.dumps()[50:]]}) == POLICY


def test_an_export_survives_a_notebooks_file() -> None:
    assert found(json.loads(json.dumps(bundle()))) == POLICY


def test_the_last_export_counts() -> None:
    result = exports.find([(2, bundle(OTHER)), (9, bundle()), (11, {"text/plain": "42"})], MIME, lab3.load)
    assert result.value == POLICY
    assert result.cell == 9
    assert result.passed_over == ()


def test_a_damaged_export_is_passed_over_for_an_earlier_one_and_named() -> None:
    result = exports.find([(2, bundle()), (9, {"text/plain": text(OTHER)[:-9]})], MIME, lab3.load)
    assert result.value == POLICY
    assert "cell 9" in result.passed_over[0]


def test_damaged_data_is_replaced_by_the_text_beside_it() -> None:
    assert found({**bundle(), MIME: {"format": "upright-policy/1"}}) == POLICY


@pytest.mark.parametrize(
    "damaged", [text()[:-1], text().replace("10.0", "10.5"), text().replace("sha256:", "sha256:0")]
)
def test_a_text_that_does_not_fit_its_checksum_is_refused(damaged: str) -> None:
    with pytest.raises(Wrong, match="cell 1: the export's text does not fit its checksum"):
        found({"text/plain": damaged})


def test_an_export_that_is_no_policy_is_refused_with_cell_and_field() -> None:
    with pytest.raises(Wrong, match=r"cell 1: field layers\.0\.bias"):
        found({MIME: {**bundle()[MIME], "layers": [{"weight": [[1, 2, 3, 4]], "bias": ["x"], "activation": "relu"}]}})


@pytest.mark.parametrize("outputs", [[], [{}], [{"text/plain": "200.0"}], [{"image/png": "x" * 1000}]])
def test_a_notebook_without_an_export_is_told_what_to_do(outputs: list[dict[str, Any]]) -> None:
    with pytest.raises(NotAnswered) as reason:
        found(*outputs)
    assert "save the notebook with its outputs" in reason.value.hint


HEAD = f"{exports.MARK} {MIME} "
NESTED: Any = []
for _ in range(100_000):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    "output",
    [
        {MIME: None},
        {MIME: 5},
        {MIME: ["a", 5]},
        {MIME: NESTED},
        {MIME: "{" * 100_000},
        {MIME: "\ud800"},
        {MIME: {"format": "\ud800"}},
        {MIME: "9" * 5_000_000},
        {MIME: {"observation_size": 10**5000}},
        {MIME: {str(number): 0 for number in range(10_000)}},
        {"text/plain": HEAD + "x"},
        {"text/plain": f"{HEAD}sha256:abc"},
        {"text/plain": f"{HEAD}sha256:\ud800 {{}}"},
        {"text/plain": HEAD + "x" * 5_000_000},
    ],
    ids=range(14),
)
def test_hostile_outputs_are_refused_in_a_sentence(output: dict[str, Any]) -> None:
    with pytest.raises(Wrong) as reason:
        found(output)
    assert len(str(reason.value)) < 400


@pytest.mark.parametrize("stored", [5, None, {"a": 1}, [1, 2], [["x"]]])
def test_a_text_that_is_no_text_holds_no_export(stored: Any) -> None:
    with pytest.raises(NotAnswered):
        found({"text/plain": stored})


def test_only_the_last_exports_of_very_many_are_tried() -> None:
    tried = []

    def load(text: str, source: str) -> Policy:
        tried.append(source)
        return lab3.load(text, source)

    with pytest.raises(Wrong, match="cell 500"):
        exports.find([(number, {MIME: {}}) for number in range(1, 501)], MIME, load)
    assert len(tried) == exports.MAX_TRIED
