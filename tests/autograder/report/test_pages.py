"""A page holds what its reader may see, and what came from a submission is text on it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from autograder.gradebook import Gradebook
from autograder.grades import Grade, grades
from autograder.report import pages
from autograder.report.summary import Summary
from tests.autograder.report import classes
from upright.replay import Replay


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grade]:
    folder = tmp_path_factory.mktemp("class")
    classes.small(folder)
    with Gradebook.open(folder) as book:
        return {grade.student: grade for grade in grades(book)}


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def test_a_students_page_says_points_message_and_hint(found: dict[str, Grade]) -> None:
    text = soup(pages.student_page(found["ada"])).get_text(" ")
    for told in (
        "6 of 10 points",
        "Handed in by ada as ada.py.",
        "Mean return 9.",
        "expected at least 195",
        "Hint: A pole that leans",
    ):
        assert told in " ".join(text.split())


def test_times_are_told_as_people_write_them_whatever_their_zone(found: dict[str, Grade]) -> None:
    assert pages.moment("2026-12-03T20:00:30+01:00") == "2026-12-03 19:00 UTC"
    grade = found["ada"]
    assert grade.row is not None
    handed_in = replace(grade, row=replace(grade.row, submitted_at="2026-12-03T20:00:30+01:00"))
    assert "as ada.py at 2026-12-03 19:00 UTC." in soup(pages.student_page(handed_in)).get_text(" ")


def test_a_students_page_is_the_same_whenever_the_same_grade_was_given(found: dict[str, Grade]) -> None:
    grade = found["ada"]
    assert grade.row is not None
    again = replace(grade, row=replace(grade.row, graded_at="2027-01-01T00:00:00+00:00"))
    assert pages.student_page(again) == pages.student_page(grade)


def test_a_students_page_names_nobody_else_no_flag_and_no_seed(found: dict[str, Grade]) -> None:
    page = pages.student_page(found["ada"])
    assert "equal to that of" not in page
    assert not re.search(r"\b(ben|chen|dora)\b", page)
    assert "seeds" not in page
    assert json.loads(str(soup(page).find(id="replays").string))[0]["replay"]["seed"] is None  # type: ignore[union-attr]


def test_the_replay_on_a_page_is_valid_and_begins_where_it_went_wrong(found: dict[str, Grade]) -> None:
    place = soup(pages.student_page(found["ada"])).find(id="replays")
    shown = json.loads(str(place.string))[0]  # type: ignore[union-attr]
    assert Replay.parse(shown["replay"], "page").terminated
    assert shown["step"] == classes.fallen().replay_step


def test_only_a_page_with_a_replay_carries_the_player(found: dict[str, Grade]) -> None:
    assert len(pages.student_page(found["ben"])) < 15_000
    assert "<script" not in pages.student_page(found["ben"])
    assert 'class="replay"' in pages.student_page(found["ada"])


def test_a_score_that_does_not_exist_is_a_dash(found: dict[str, Grade]) -> None:
    assert "– of 10 points" in pages.student_page(found["dora"])


def test_the_policy_of_a_page_has_the_hash_of_each_script_and_style(found: dict[str, Grade]) -> None:
    rows = [pages.row(grade) for grade in found.values()]
    for text in (pages.student_page(found["ada"]), pages.class_page([], rows)):
        page = soup(text)
        policy = str(page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"])  # type: ignore[index]
        inline = [one for one in page.find_all(["script", "style"]) if one.get("type") != "application/json"]
        digests = [base64.b64encode(hashlib.sha256(str(one.string).encode()).digest()).decode() for one in inline]
        assert digests
        assert all(f"'sha256-{digest}'" in policy for digest in digests)
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy


def test_hostile_names_messages_and_outputs_are_text_only(found: dict[str, Grade]) -> None:
    grade = found[classes.HOSTILE]
    summary = Summary(grade.lab, grade.max_score)
    summary.add(grade)
    for text in (pages.student_page(grade), pages.class_page([summary], [pages.row(grade)])):
        page = soup(text)
        assert page.find("img") is None
        assert all("boom" not in str(one) or one.get("type") == "application/json" for one in page.find_all("script"))
        assert "boom()" in page.get_text()
        assert "\u202e" not in text
        assert "\x00" not in text
        assert len(text) < 200_000


def test_the_file_names_of_students_are_safe_and_differ() -> None:
    names = [
        "../../etc/passwd",
        "con",
        "Ada",
        "ada",
        "a/b",
        "a\\b",
        "",
        ".",
        "x" * 10_000,
        "李",
        "Zoë",
        "\x00",
        "\ud800",
    ]
    found = [pages.slug(name) for name in names]
    assert all(re.fullmatch(r"[a-z0-9-]{12,80}", name) for name in found)
    assert len(set(found)) == len(names)
    assert pages.slug("Ada Lovelace").startswith("ada-lovelace-")


def test_lateness_is_told_in_days_hours_and_minutes() -> None:
    assert pages.duration(3 * 3600 + 130) == "3 h 2 min"
    assert pages.duration(26 * 3600) == "1 d 2 h"


def test_an_empty_gradebook_says_so() -> None:
    page = pages.class_page([], [])
    assert "The gradebook is empty" in page
    assert "<script" not in page
