"""The `question` directive: a question whose answers each explain themselves when chosen. No script, no data sent.

    :::{question} Which flag is set when the pole passes 12 degrees?
    - [x] `terminated`

      Right: the environment's own rules ended the episode.
    - [ ] `truncated`

      No: truncation comes from outside.
    :::

Each answer becomes a `<details>` element, which works with a mouse, a finger, a keyboard and a screen reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MARK = re.compile(r"\[([ x])\]\s*")


class Answer(nodes.General, nodes.Element):
    """One answer; its first child is what the reader chooses, the others are the explanation."""


class Question(SphinxDirective):
    """See the module's text. Fewer than two answers, none right, or one unexplained is an error in the source."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        question = nodes.container(classes=["question"])
        asked, messages = self.parse_inline(self.arguments[0])
        question += nodes.paragraph("", "", *asked, *messages, classes=["question-text"])
        items = [item for item in self.parse_content_to_nodes() if isinstance(item, nodes.bullet_list)]
        answers = [self._answer(item) for items_list in items for item in items_list.children]
        if len(answers) < 2 or not any(found["right"] for found in answers):
            raise self.error("a question needs two answers or more, and one of them marked [x]")
        question += answers
        return [question]

    def _answer(self, item: nodes.Node) -> Answer:
        choice, *explanation = item.children or [nodes.paragraph()]
        match = MARK.match(choice.astext())
        text = next(iter(choice.findall(nodes.Text)), None)
        if not match or text is None or not explanation:
            found = " ".join(item.astext().split())[:40]
            raise self.error(f"“{found}”: write - [x] or - [ ], the answer, an empty line, the explanation")
        text.parent.replace(text, nodes.Text(MARK.sub("", str(text), count=1)))
        return Answer("", choice, *explanation, right=match.group(1) == "x")


def _visit(self: Any, node: Answer) -> None:
    kind = "right" if node["right"] else "wrong"
    self.body.append(f'<details class="answer {kind}"><summary>')
    choice = node.children[0]
    for child in choice.children:
        child.walkabout(self)
    self.body.append('</summary><div class="explanation">')
    told = verdict(node["right"], "".join(child.astext() for child in node.children[1:]))
    if told:
        self.body.append(f"<p>{told}</p>")
    for child in node.children[1:]:
        child.walkabout(self)
    self.body.append("</div></details>\n")
    raise nodes.SkipNode


def verdict(right: bool, explanation: str) -> str:
    """The word that says whether an answer is right, unless the explanation begins with such a word itself."""
    if re.match(r"\W*(Right|Yes|No|Wrong)\b", explanation):
        return ""
    return "Right." if right else "No."


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(Answer, html=(_visit, None))
    app.add_directive("question", Question)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
