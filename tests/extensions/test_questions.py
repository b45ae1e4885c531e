"""A question on a page: every answer opens by itself, without a script, and explains itself."""

from __future__ import annotations

import pytest

from extensions.questions import verdict
from tests.extensions.conftest import Built, Element

QUESTION = """# Page

Before.

:::{question} Which flag is set when `angle` > 12?
- [x] `terminated` & done

  Right: the *rules* ended it.

  - a list
  - in an explanation
- [ ] truncated

  No: see [the index](index.md).

  ```python
  env.step(0)
  ```
- [ ] *both*

  No.
:::

After.
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(tmp_path_factory.mktemp("questions"), {"page": QUESTION}, ["extensions.questions"])


@pytest.fixture(scope="module")
def question(built: Built) -> Element:
    (found,) = built.tree("page").all("div", "question")
    return found


@pytest.fixture(scope="module")
def answers(question: Element) -> list[Element]:
    return question.all("details")


def test_a_good_question_builds_without_a_warning(built: Built) -> None:
    assert built.warnings == []


def test_the_question_comes_first_with_its_markup(question: Element) -> None:
    (asked,) = question.all("p", "question-text")
    assert asked.text == "Which flag is set when angle > 12?"
    assert [code.text for code in asked.all("code")] == ["angle"]


def test_each_answer_is_an_element_that_opens_without_a_script(built: Built, answers: list[Element]) -> None:
    assert len(answers) == 3
    assert all("open" not in answer.attributes for answer in answers)
    assert not [tag for answer in answers for tag in answer.all("script") + answer.all("input")]


def test_right_and_wrong_answers_are_told_apart_in_the_markup(answers: list[Element]) -> None:
    assert [answer.classes for answer in answers] == [["answer", "right"], ["answer", "wrong"], ["answer", "wrong"]]


def test_what_a_reader_chooses_is_the_answer_without_its_mark(answers: list[Element]) -> None:
    summaries = [answer.all("summary") for answer in answers]
    assert [len(found) for found in summaries] == [1, 1, 1]
    assert [found[0].text.strip() for found in summaries] == ["terminated & done", "truncated", "both"]
    assert summaries[0][0].all("code")[0].text == "terminated"
    assert summaries[2][0].all("em")[0].text == "both"


def test_an_explanation_may_hold_all_that_a_page_may(answers: list[Element]) -> None:
    explanations = [answer.all("div", "explanation")[0] for answer in answers]
    assert "Right: the rules ended it." in explanations[0].text
    assert [item.text.strip() for item in explanations[0].all("li")] == ["a list", "in an explanation"]
    assert [link.attributes["href"] for link in explanations[1].all("a")] == ["index.html"]
    assert "env.step(0)" in explanations[1].all("pre")[0].text
    assert "[x]" not in "".join(explanation.text for explanation in explanations)


def test_the_page_goes_on_after_the_question(built: Built) -> None:
    (body,) = built.tree("page").all("section")
    assert [found.text for found in body.all("p") if found.text in ("Before.", "After.")] == ["Before.", "After."]


def ask(content: str) -> str:
    return f"# Page\n\nBefore.\n\n:::{{question}} Which?\n{content}\n:::\n"


WRITE = "write - [x] or - [ ], the answer, an empty line, the explanation"
TWO = "a question needs two answers or more, and one of them marked [x]"
BAD = {
    "unexplained": ("- [x] yes\n- [ ] no\n\n  No.", WRITE),
    "unmarked": ("- yes\n\n  Right.\n- [ ] no\n\n  No.", WRITE),
    "marked-otherwise": ("- [X] yes\n\n  Right.\n- [ ] no\n\n  No.", WRITE),
    "empty": ("-\n- [x] yes\n\n  Right.", WRITE),
    "alone": ("- [x] yes\n\n  Right.", TWO),
    "without-answers": ("Only text.", TWO),
    "none-right": ("- [ ] yes\n\n  No.\n\n- [ ] no\n\n  No.", TWO),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Built:
    pages = {name: ask(content) for name, (content, _) in BAD.items()}
    return Built(tmp_path_factory.mktemp("refused"), pages, ["extensions.questions"])


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_question_is_an_error_with_page_line_and_what_to_write(refused: Built, name: str) -> None:
    (told,) = [line for line in refused.warnings if f"/{name}.md:" in line]
    assert f"/{name}.md:5: ERROR: " in told
    assert BAD[name][1] in told
    assert not refused.tree(name).all("details")


@pytest.mark.parametrize(
    ("right", "explanation", "told"),
    [
        (True, "Right: the rules ended it.", ""),
        (False, "No. It came from outside.", ""),
        (True, "**Right**, and more.", ""),
        (False, "Not quite: it is the sum.", "No."),
        (True, "You can see it above.", "Right."),
        (False, "Nothing ended it.", "No."),
    ],
)
def test_right_and_wrong_are_told_in_words(right: bool, explanation: str, told: str) -> None:
    assert verdict(right, explanation) == told
