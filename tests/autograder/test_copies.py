"""Copies are flagged in pairs with the evidence: never the course's own given code, never with a penalty."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from autograder import copies, exports, published, signatures
from autograder.gradebook import Gradebook
from autograder.grades import grades
from autograder.notebook import Cell, Source
from tests.autograder.command import HONEST
from tests.autograder.fixtures import result
from tests.autograder.test_published import disturbed, network, permuted, scaled, shifted
from tests.upright.checks.mistakes import mistakes, solution, untouched
from upright import checks
from upright.checks.exports import bundle
from upright.policy import MIME, Policy

LAB = "lab1_episodes"
LABS = [name for name in checks.LABS if checks.lab(name).functions]
RENAMED = '''
def evaluate(env, policy, episodes):
    """My own words."""
    return [run_episode(env, policy) for number in range(episodes)]


def run_episode(world: object, agent) -> float:
    state, info = world.reset()  # begin
    points = 0.0
    while True:
        state, gain, over, cut, info = world.step(agent(state))
        points += gain
        if over or cut: return points


def td_target(r, v, over, cut, g):
    return (r if over
        else r + g * v)
'''


def of(lab: str, *sources: str) -> dict[str, str]:
    return signatures.of_code(checks.lab(lab), [Cell(number, text) for number, text in enumerate(sources, 1)])


def test_names_comments_layout_annotations_and_magics_change_nothing() -> None:
    other = RENAMED.replace("info = world.reset", "_ = world.reset").replace("over, cut, info", "over, cut, _")
    assert of(LAB, "%matplotlib inline\n" + other) == of(LAB, HONEST) != {}


def test_what_the_code_does_changes_its_signature() -> None:
    other = HONEST.replace("reward + gamma * next_value", "gamma * next_value + reward")
    assert of(LAB, other)["code"] != of(LAB, HONEST)["code"]


def test_a_function_that_only_calls_another_is_compared_with_what_it_calls() -> None:
    through = (
        HONEST.replace("def run_episode", "def mine")
        + "\ndef run_episode(env, policy):\n    return mine(env, policy)\n"
    )
    assert of(LAB, through) == of(LAB, through.replace("mine", "yours")) != {}
    assert of(LAB, through) != of(LAB, through.replace("total += reward", "total -= reward"))


@pytest.mark.parametrize("lab", LABS)
def test_the_notebook_as_students_get_it_has_no_signature(lab: str) -> None:
    assert of(lab, *untouched(lab)) == {}


@pytest.mark.parametrize("lab", LABS)
def test_no_two_of_the_collected_mistakes_are_alike(lab: str) -> None:
    solved = solution(lab)
    found = [of(lab, *solved, mistake.source) for mistake in mistakes(lab)]
    unlike = [one for signature in found for one in signature.items() if one not in of(lab, *solved).items()]
    assert len(unlike) == len(set(unlike)) > 5


@pytest.mark.parametrize("lab", LABS)
def test_the_course_s_own_solutions_are_known_as_they_are_today(lab: str) -> None:
    assert signatures.known()[lab] == of(lab, *solution(lab)) != {}


@pytest.mark.parametrize(
    "source",
    [
        "def td_target(:",
        "def td_target(r):\n    return " + "(" * 5_000 + ")" * 5_000,
        "def td_target(r):\n    return " + "-" * 50_000 + "1",
        "def td_target(r):\n    return " + "r + " * 30_000 + "1",
        "def td_target(r):\n    return '\\ud800\\N{no such name}'",
        "x = [" + "0," * 300_000 + "]",
        "def a(): return b()\ndef b(): return a()\ndef td_target(): return a()",
    ],
)
def test_hostile_code_has_at_most_no_signature(source: str) -> None:
    assert isinstance(of(LAB, source, HONEST.replace("td_target", "other")), dict)


def record(book: Gradebook, student: str, signature: dict[str, str], score: float = 7.5) -> None:
    book.record(result(student, score=score, signatures=signature, submission_sha256=student))


def test_pairs_are_told_with_the_evidence_and_cost_nothing(tmp_path: Path) -> None:
    one = {**of(LAB, RENAMED), "file": "12"}
    with Gradebook.open(tmp_path) as book:
        for student, signature in {"ada": {**one, "file": "34"}, "bob": one, "eve": one, "zoe": {}}.items():
            record(book, student, signature)
        exports.write_all(tmp_path, book)
        found = {grade.student: grade for grade in grades(book)}
    assert {grade.score for grade in found.values()} == {7.5}
    assert {grade.student: grade.row.result.flags for grade in found.values() if grade.row} == {
        "ada": ["As bob, eve: the same code but for names and comments, in all functions."],
        "bob": ["As eve: the same file.", "As ada, eve: the same code but for names and comments, in all functions."],
        "eve": ["As bob: the same file.", "As ada, bob: the same code but for names and comments, in all functions."],
        "zoe": [],
    }
    with (tmp_path / "copies.csv").open(newline="") as file:
        rows = [(row["student"], row["other"], row["evidence"][:13]) for row in csv.DictReader(file)]
    assert rows == [
        ("ada", "bob", "the same code"),
        ("ada", "eve", "the same code"),
        ("bob", "eve", "the same code"),
        ("bob", "eve", "the same file"),
    ]
    assert "As bob, eve" in json.loads((tmp_path / "results" / LAB / "ada.json").read_text())["flags"][0]


def test_the_courses_own_solution_is_told_as_that(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        for student in ("ada", "bob"):
            record(book, student, of(LAB, *solution(LAB)))
        found = copies.flags(book, LAB)
        assert list(copies.pairs(book, LAB)) == []
        pairs = [(pair.student, pair.other, pair.students) for pair in copies.of_solution(book, LAB)]
        assert pairs == [(student, "(the course's own solution)", 2) for student in ("ada", "bob")]
        exports.write_copies(tmp_path, book)
        assert (tmp_path / "copies.csv").read_text().count("in all functions") == 2
    told = ["As the course's own solution: the same code but for names and comments, in all functions."]
    assert found == {"ada": told, "bob": told}


def test_an_earlier_attempt_counts_and_ones_own_does_not(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        record(book, "ada", {"weights": "same"})
        book.record(result("ada", signatures={"weights": "same"}, submission_sha256="second"))
        assert copies.flags(book, LAB) == {}
        record(book, "bob", {"weights": "same"})
        book.record(result("bob", signatures={"weights": "other"}, submission_sha256="second"))
        assert copies.flags(book, LAB) == {"ada": ["As bob: identical weights."], "bob": ["As ada: identical weights."]}


def test_a_large_group_gives_as_many_pairs_as_students_and_short_flags(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        for number in range(200):
            record(book, f"s{number:03d}", {"code": "same"})
        assert len(list(copies.pairs(book, LAB))) == 199
        found = copies.flags(book, LAB)
    assert found["s150"] == [
        "As s000, s001, s002 and 196 more: the same code but for names and comments, in all functions."
    ]


def of_network(data: dict[str, Any]) -> dict[str, str]:
    """The signatures of a notebook of lab 3 that exports this policy."""
    outputs = [(1, bundle(Policy.parse(data), MIME, ""))]
    return signatures.signatures("lab3_ppo", Source([], outputs, "ab"))


def test_a_policy_is_known_by_its_weights_however_it_was_trained() -> None:
    one = scaled(network(0), 1.0)
    assert of_network({**one, "trained": {"by": "me"}}) == of_network(one)
    assert set(of_network(one)) == {"weights", "preferences", "file"}
    assert not set(of_network(one).values()) - {"ab"} & set(of_network(scaled(network(1), 1.0)).values())
    assert signatures.signatures("lab3_ppo", Source([], [], "ab")) == {}


@pytest.mark.parametrize("hidden", [permuted, shifted, lambda policy: scaled(policy, 3.5)])
def test_a_policy_whose_weights_were_rearranged_is_known_by_what_it_prefers(hidden: Any) -> None:
    mine, copied = of_network(network(0)), of_network(hidden(network(0)))
    assert copied["weights"] != mine["weights"]
    assert copied["preferences"] == mine["preferences"]


def test_policies_that_prefer_nothing_are_not_alike() -> None:
    assert "preferences" not in of_network(scaled(network(0), 0.0))


def test_equal_weights_are_told_once_and_rearranged_ones_for_what_they_are(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        for student, data in {"ada": network(0), "bob": network(0), "eve": permuted(network(0))}.items():
            record(book, student, {**of_network(data), "file": student})
        found = copies.flags(book, LAB)
    alike = "identical outputs at 256 observations, though the weights may differ"
    assert found == {
        "ada": ["As bob: identical weights.", f"As bob, eve: {alike}."],
        "bob": ["As ada: identical weights.", f"As ada, eve: {alike}."],
        "eve": [f"As ada, bob: {alike}."],
    }


def test_a_published_policy_is_named_beside_everybody_who_handed_it_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.keep("original", "a page", Policy.parse(network(0)), tmp_path / "published")
    known = published.known(tmp_path / "published")
    monkeypatch.setattr(published, "known", lambda: known)
    with Gradebook.open(tmp_path) as book:
        for student, data in {"ada": disturbed(network(0), 0.003), "bob": network(0), "eve": network(1)}.items():
            record(book, student, {**of_network(data), "file": student})
        assert list(copies.pairs(book, LAB)) == []
        exports.write_copies(tmp_path, book)
        assert copies.flags(book, LAB) == {}, "the result of each says it already"
    with (tmp_path / "copies.csv").open(newline="") as file:
        rows = [
            tuple(row[name] for name in ("student", "other", "evidence", "students")) for row in csv.DictReader(file)
        ]
    told = ("(published: original, a page)", "nearly identical weights", "2")
    assert rows == [("ada", *told), ("bob", *told)]
