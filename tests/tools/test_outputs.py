"""What an executed chapter shows is checked: no traceback, no warning, no log; and every claim of its prose holds."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.outputs import problems, text_of

PNG = "iVBORw0KGgo="
VIDEO = '<video><source src="data:video/mp4;base64,AAAA" type="video/mp4"></video>'


def stream(text: str, name: str = "stdout") -> nbformat.NotebookNode:
    return new_output("stream", name=name, text=text)


def shown(**data: str) -> nbformat.NotebookNode:
    """A rich output; the key `image_png` stands for image/png."""
    return new_output("display_data", data={key.replace("_", "/", 1): value for key, value in data.items()})


def chapter(*outputs: nbformat.NotebookNode, **metadata: Any) -> nbformat.NotebookNode:
    """A notebook of a text and one code cell with these outputs."""
    code = new_code_cell("code", outputs=list(outputs), metadata=metadata)
    return new_notebook(cells=[new_markdown_cell("text"), code], metadata={"source_map": [10, 20]})


def found(*outputs: nbformat.NotebookNode, **metadata: Any) -> list[str]:
    """The problems of such a notebook, without the place."""
    places = problems("book/ppo", chapter(*outputs, **metadata), claims=[])
    where = "book/ppo.md, line 21 (cell 2): "
    assert all(place.startswith(where) for place in places)
    return [place.removeprefix(where) for place in places]


@pytest.mark.parametrize(
    "text",
    [
        "Mean return over 100 fresh episodes: 199.3",
        "iteration 3: 2,560 steps",
        "A warning: mind the step. The INFO desk is closed. No errors.",
        "2026-11-22 is the date of this build",
        "the process (pidgin) writes",
        "",
    ],
)
def test_ordinary_text_is_no_problem(text: str) -> None:
    assert found(stream(text)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("fine\nTraceback (most recent call last)\n  File", "a traceback: Traceback (most recent call last)"),
        ("\x1b[0;31mKeyError\x1b[0m   Traceback (most recent call last)", "a traceback: Traceback"),
        ("/x/y.py:3: DeprecationWarning: old", "a warning: DeprecationWarning: old"),
        ("fine\nWARNING: something", "a warning: WARNING: something"),
        ("2026-11-22 18:00:00,123\tINFO worker.py:1 -- Started", "a line of a log: 2026-11-22 18:00:00,123"),
        ("2026-11-22 18:00:00,123 WARNING tune.py -- old", "a line of a log: 2026-11-22 18:00:00,123 WARNING"),
        ("\x1b[2m2026-11-22 18:00:00\tERROR x.py -- no", "a line of a log: "),
        ("(raylet) Spilled 2 MiB", "a line of a log: (raylet"),
        ("(pid=1234) hello", "a line of a log: (pid=1"),
        ("\x1b[36m(PPO pid=1234)\x1b[0m hello", "a line of a log: (PPO pid=1"),
        ("(autoscaler +2s) Tip: use ray status", "a line of a log: (autoscaler"),
        ("ALSA lib confmisc.c:855", "a line of a log: ALSA lib"),
        ("[W 1122 18:00 socket.cpp]", "a line of a log: [W 1122"),
    ],
)
def test_noise_in_what_a_cell_prints_is_named_with_its_line(text: str, problem: str) -> None:
    (sentence,) = found(stream(text))
    assert sentence.startswith(f"its output holds {problem}")
    assert "\n" not in sentence


@pytest.mark.parametrize("kind", ["text_plain", "text_markdown"])
def test_noise_in_what_a_cell_shows_is_named_too(kind: str) -> None:
    assert found(shown(**{kind: "UserWarning: no"})) == ["its output holds a warning: UserWarning: no"]


def test_anything_on_stderr_is_refused_with_its_first_line() -> None:
    assert found(stream("\n 50%|####\nmore", name="stderr")) == ["wrote to stderr: 50%|####"]
    assert found(stream("\n", name="stderr")) == []


def test_a_cell_that_expects_a_warning_must_have_one() -> None:
    warning = stream("x.py:1: UserWarning: after the end\n  env.step(0)", name="stderr")
    assert found(warning, tags=["expects-warning"]) == []
    assert found(tags=["expects-warning"]) == ["is tagged expects-warning, but gave none"]
    assert found(stream("hello", name="stderr"), tags=["expects-warning"]) == [
        "is tagged expects-warning, but gave none"
    ]
    assert found(stream("UserWarning: x"), tags=["expects-warning"]) == ["is tagged expects-warning, but gave none"]


def test_a_cell_that_raised_is_refused_even_where_execution_went_on() -> None:
    error = new_output("error", ename="KeyError", evalue="'obs'", traceback=[])
    assert found(error) == ["raised KeyError: 'obs'"]


def test_an_image_needs_a_text_for_those_who_cannot_see_it() -> None:
    (sentence,) = found(shown(image_png=PNG))
    assert "without a text for those who cannot see it" in sentence
    assert found(shown(image_png=PNG), mystnb={"image": {"alt": ""}}) == [sentence]
    assert found(shown(image_png=PNG), mystnb={"image": {"alt": "a curve"}}) == []


def test_every_problem_of_every_cell_is_told() -> None:
    notebook = chapter(stream("x", name="stderr"), shown(image_png=PNG))
    notebook.cells.append(new_code_cell("more", outputs=[stream("(raylet) y")]))
    notebook.metadata.source_map.append(30)
    told = problems("book/ppo", notebook, claims=[{"video": True}])
    assert [sentence.split(":")[0] for sentence in told] == [
        "book/ppo.md, line 21 (cell 2)",
        "book/ppo.md, line 21 (cell 2)",
        "book/ppo.md, line 31 (cell 3)",
        "book/ppo.md, claims",
    ]


def claim(claimed: Any, *outputs: nbformat.NotebookNode, **metadata: Any) -> str | None:
    """The problem with one claim about such a notebook, without the place."""
    told = problems("book/ppo", chapter(*outputs, **metadata), claims=[claimed])
    assert len(told) <= 1
    return told[0].removeprefix("book/ppo.md, claims: ") if told else None


MEAN = r"Mean: ([\d.,-]+)"


@pytest.mark.parametrize("text", ["Mean: 195", "Mean: 199.98", "Mean: 2,000", "The end. Mean: 195.0."])
def test_a_number_that_is_large_enough_keeps_its_claim(text: str) -> None:
    assert claim({"prints": MEAN, "at_least": 195}, stream(text)) is None


@pytest.mark.parametrize("text", ["Mean: 194.99", "Mean: -200", "Mean: 0"])
def test_a_number_that_is_too_small_breaks_its_claim(text: str) -> None:
    number = text.removeprefix("Mean: ")
    assert claim({"prints": MEAN, "at_least": 195}, stream(text)) == (
        f"{MEAN} printed {number}, outside of {{'at_least': 195}}"
    )


def test_a_number_that_is_too_large_breaks_its_claim() -> None:
    assert claim({"prints": MEAN, "at_most": 5, "at_least": 1}, stream("Mean: 5.5")) == (
        f"{MEAN} printed 5.5, outside of {{'at_most': 5, 'at_least': 1}}"
    )


def test_a_number_that_is_none_breaks_its_claim() -> None:
    assert "outside of" in str(claim({"prints": "Mean: (.*)", "at_least": 1}, stream("Mean: nan")))


def test_a_claim_holds_for_each_of_the_numbers_that_are_printed() -> None:
    assert claim({"prints": MEAN, "at_least": 1}, stream("Mean: 5\n"), shown(text_markdown="Mean: 2")) is None
    assert claim({"prints": MEAN, "at_least": 3}, stream("Mean: 5\n"), shown(text_plain="Mean: 2")) is not None


def test_a_claim_about_text_that_is_not_printed_is_broken() -> None:
    assert claim({"prints": "solved"}, stream("not yet")) == "nothing printed matches solved"
    assert claim({"prints": "solved"}, stream("solved", name="stdout")) is None


def test_a_claim_that_finds_no_number_is_named() -> None:
    assert claim({"prints": "Mean: .*", "at_least": 1}, stream("Mean: 5")) == (
        "Mean: .* found “Mean: 5”, but its first group there is no number"
    )
    assert "is no number" in str(claim({"prints": "Mean: (.*)", "at_least": 1}, stream("Mean: many")))


def test_a_claim_that_is_no_regular_expression_is_named() -> None:
    assert str(claim({"prints": "Mean (", "at_least": 1}, stream("Mean (5"))).startswith("Mean ( is no regular")


def test_a_claim_about_a_figure_wants_an_image_with_that_text() -> None:
    clip = {"figure": "clipped objective"}
    alt = {"image": {"alt": "PPO's clipped objective"}}
    assert claim(clip, shown(image_png=PNG), mystnb=alt) is None
    assert claim(clip, shown(image_png=PNG), mystnb={"image": {"alt": "returns"}}) == (
        "no figure whose alt text contains “clipped objective”"
    )
    assert claim(clip, mystnb=alt) is not None, "an alt text without an image shows nothing"


def test_a_claim_about_a_video_wants_one_in_the_page() -> None:
    assert claim({"video": True}, shown(text_html=VIDEO)) is None
    assert claim({"video": True}, stream("agent.mp4")) == "no video"


@pytest.mark.parametrize("nonsense", [{}, {"print": "x"}, "prints", None, {"video": False}, 7])
def test_what_is_no_claim_is_named(nonsense: Any) -> None:
    assert str(claim(nonsense)).startswith(f"{nonsense!r} is not a claim; write prints")


def test_an_unknown_bound_is_named() -> None:
    assert claim({"prints": "x", "atleast": 3}, stream("x")) == "unknown field atleast; use at_least or at_most"


def test_the_text_of_a_chapter_is_what_its_cells_print_and_show_and_not_its_prose() -> None:
    found = text_of(chapter(stream("a"), shown(text_plain="b", text_html="c"), shown(text_markdown="d")))
    assert found.split() == ["a", "b", "d"]
