"""Each chapter is built as a chapter of this book is, and what it shows now is what its sources give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import outputs
from tools.chapters import ROOT, chapters, fingerprint, pages, read_chapter, source_path
from tools.execute import executed

NUMBERED = chapters()[:11]


def text_of(page: str) -> str:
    return source_path(page).read_text(encoding="utf-8")


def tags_of(page: str) -> list[str]:
    return [tag for cell in read_chapter(page).cells for tag in cell.metadata.get("tags", [])]


def test_the_eleven_chapters_the_labs_and_the_pages_to_look_things_up_are_in_order() -> None:
    names = [page.removeprefix("book/") for page in pages()]
    assert names == [
        "index",
        *("what_is_rl", "environments", "episodes", "policies", "policy_gradients", "ppo", "evaluation", "gpu"),
        *("tune", "cluster", "next"),
        *("labs/lab1_episodes", "labs/lab2_policies", "labs/lab3_ppo", "labs/lab4_vectorize", "labs/lab5_tune"),
        *("glossary", "since_2021", "troubleshooting", "references", "status"),
    ]


@pytest.mark.parametrize("page", NUMBERED)
def test_a_chapter_has_objectives_minutes_questions_a_take_away_and_a_next(page: str) -> None:
    text = text_of(page)
    objectives = re.search(r":::\{admonition\} What you will be able to do\n:class: objectives\n(.*?)\n:::", text, re.S)
    assert objectives
    assert len(re.findall(r"^- ", objectives[1], re.M)) == 3
    assert re.search(r"^\*\d+ minutes\.\*", text, re.M)
    headings = re.findall(r"^## (.+)$", text, re.M)
    assert headings[-3:] == ["Check yourself", "What to take away", "Next"]
    assert 2 <= text.count(":::{question}") <= 4
    take_away = text.split("## What to take away")[1].split("## Next")[0]
    assert len(re.findall(r"^- ", take_away, re.M)) == 3


@pytest.mark.parametrize("page", NUMBERED[:9])
def test_chapters_one_to_nine_have_a_control_that_is_never_dead_on_the_page(page: str) -> None:
    assert "kernel-only" in tags_of(page)
    for cell in read_chapter(page).cells:
        if cell.cell_type == "code" and re.search(r"\binteract(ive_output)?\(", cell.source):
            assert "kernel-only" in cell.metadata.get("tags", []), cell.source


@pytest.mark.parametrize("page", NUMBERED)
def test_a_chapter_claims_something_that_the_build_checks(page: str) -> None:
    assert read_chapter(page).metadata.get("claims")


@pytest.mark.parametrize("page", chapters())
def test_what_a_chapter_shows_is_current_and_holds_its_claims(page: str) -> None:
    notebook, source = executed(page), read_chapter(page)
    assert notebook.metadata.upright.fingerprint == fingerprint(page, source)
    assert outputs.problems(page, notebook, source.metadata.get("claims", [])) == []


def test_the_trained_agents_mean_is_at_least_195_and_the_clip_is_plotted() -> None:
    ppo = read_chapter("book/ppo").metadata.claims
    assert any(claim.get("at_least", 0) >= 195 and "fresh" in claim["prints"] for claim in ppo if "prints" in claim)
    clip = read_chapter("book/policy_gradients").metadata.claims
    assert any("clipped objective" in claim.get("figure", "") for claim in clip)


def test_stepping_after_the_end_warns_in_chapter_three() -> None:
    assert "expects-warning" in tags_of("book/episodes")


@pytest.mark.parametrize("page", [page for page in pages() if page != "index"])
def test_a_page_stores_nothing_of_another_site(page: str) -> None:
    embedded = re.findall(r"!\[[^\]]*\]\((https?:[^)]*)\)|:::\{figure\}\s+(https?:\S+)", text_of(page))
    assert embedded == []


@pytest.mark.parametrize("figure", sorted((ROOT / "book" / "assets").glob("*.svg")), ids=lambda path: path.name)
def test_a_drawing_says_what_it_is(figure: Path) -> None:
    text = figure.read_text(encoding="utf-8")
    assert "<title" in text or "aria-label" in text
    assert not re.search(r"(href|src)=\"https?:", text)
