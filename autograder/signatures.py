"""Signatures of an answer: hashes that are equal where two answers are the same but for names and comments.

    python -m autograder.signatures      keeps those of the course's own solutions in autograder/solutions.json

A submission's code is parsed here, and neither imported nor run.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.notebook import Cell, Source
from autograder.runner import code_of
from upright import checks
from upright.checks.verdict import Lab, NotAnswered, Wrong

if TYPE_CHECKING:
    from upright.policy import Policy

# What every right student writes alike is short. Below so many nodes of the syntax tree an answer is not compared: in
# the solutions td_target has 31, run_episode 74, step_batch 248; all of lab 1 has 128, all of lab 2 109.
MIN_NODES = 100
MAX_NODES = 20_000  # of all functions; a longer answer is not compared
MAX_SOURCE = 200_000  # characters of a cell that is parsed
DECIMALS = 6  # of preferences: equal networks differ by rounding, near the 16th, and others from the second on
PUBLISHED = "published "  # the kind of what is nearly equal to a published policy, before its name
SOLUTIONS = Path(__file__).with_name("solutions.json")


def signatures(lab: str, source: Source) -> dict[str, str]:
    """SHA-256 by kind: `code` and `code FUNCTION`; `weights` and `preferences` of a policy, and `published NAME` where
    it is nearly equal to a published one; `outputs` of a search; `file` of the whole, if there is an answer in it at
    all."""
    spec = checks.lab(lab)
    found = of_code(spec, source.cells) if spec.functions else of_data(lab, source)
    if found:
        found["file"] = source.sha256
    return found


def of_code(lab: Lab, cells: Iterable[Cell]) -> dict[str, str]:
    """Signatures of a lab's functions; none for what was not answered, or cannot be parsed within the bounds."""
    defined: dict[str, ast.stmt] = {}
    for cell in cells:
        for node in _parsed(cell.source):
            for name in _names(node):
                defined[name] = node
    try:
        texts = {name: _normalised(name, defined, lab.functions) for name in lab.functions if name in defined}
    except (RecursionError, MemoryError):
        return {}
    answered = {name: text for name, (text, _) in texts.items() if text}
    size = sum(nodes for _, nodes in texts.values())
    if not answered or size > MAX_NODES:
        return {}
    found = {f"code {name}": _hash(answered[name]) for name in answered if texts[name][1] >= MIN_NODES}
    if len(answered) > 1 and size >= MIN_NODES:
        found["code"] = _hash(json.dumps(answered, sort_keys=True))
    return found


def of_data(lab: str, source: Source) -> dict[str, str]:
    """Signatures of what a lab's notebook exports; none without a valid export."""
    from upright.checks import exports, lab3, lab5

    try:
        if lab == lab3.LAB.name:
            policy = exports.find(source.outputs, lab3.MIME, lab3.load).value
            return of_policy(policy)
        search = lab5.read(source.outputs)
        return {"outputs": _hash(search.value.dumps())} if isinstance(search, exports.Found) else {}
    except (Wrong, NotAnswered):
        return {}


def of_policy(policy: Policy) -> dict[str, str]:
    """Signatures of a network: of its weights, and of what it prefers, which hidden units in another order, or logits
    on another scale, do not change."""
    from autograder import published  # only here: numpy is slow to load, and a command that exports needs none

    found = {"weights": _hash(json.dumps([layer.model_dump(mode="json") for layer in policy.layers]))}
    preferences = published.fingerprint(policy)
    if preferences.any():
        found["preferences"] = _hash(json.dumps((preferences.round(DECIMALS) + 0.0).tolist()))  # + 0.0: no -0.0
    return found | {f"{PUBLISHED}{one.name}": _hash(one.dumps()) for one, _ in published.near(policy)}


@cache
def known() -> dict[str, dict[str, str]]:
    """Signatures of the course's own solutions, by lab and kind."""
    return json.loads(SOLUTIONS.read_text(encoding="utf-8"))


def _parsed(source: str) -> list[ast.stmt]:
    if len(source) > MAX_SOURCE:
        return []
    try:
        return ast.parse(code_of(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _names(node: ast.stmt) -> list[str]:
    """What a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _normalised(name: str, defined: dict[str, ast.stmt], fixed: tuple[str, ...]) -> tuple[str, int]:
    """A function, and after it what it uses of the student's other definitions, as text without names; its nodes.

    Empty if there is no answer in it. The lab's own functions keep their names.
    """
    if _unanswered(defined[name]):
        return "", 0
    used: list[ast.stmt] = []
    waiting, nodes = [name], 0
    while waiting and nodes <= MAX_NODES:
        node = defined[waiting.pop(0)]
        if node in used:
            continue
        used.append(node)
        for one in ast.walk(node):
            nodes += 1
            if isinstance(one, ast.Name) and one.id in defined and one.id not in fixed:
                waiting.append(one.id)
    if nodes > MAX_NODES:
        return "", nodes
    module = _Bare().visit(ast.Module(body=copy.deepcopy(used), type_ignores=[]))
    free = set(fixed)
    bound = {one for node in ast.walk(module) for one in _binds(node)} - free
    renamed: dict[str, str] = {}
    _rename(module, bound, renamed)
    return _text(module), sum(1 for _ in ast.walk(module))


def _text(node: object) -> str:
    """A syntax tree as text, without its empty fields: which of them there are, and which `ast.dump` shows, depends on
    the version of Python."""
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value is not None and value != [])
        return f"{type(node).__name__}({', '.join(f'{name}={_text(value)}' for name, value in fields)})"
    return f"[{', '.join(map(_text, node))}]" if isinstance(node, list) else repr(node)


def _unanswered(node: ast.stmt) -> bool:
    body = _without_text(node.body) if isinstance(node, ast.FunctionDef) else []
    return isinstance(node, ast.FunctionDef) and all(isinstance(one, ast.Raise | ast.Pass) for one in body)


def _without_text(body: list[Any]) -> list[Any]:
    """Statements without docstrings and other constants that stand alone, such as `...`."""
    return [one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]


class _Bare(ast.NodeTransformer):
    """Takes away what changes nothing: docstrings and annotations."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for field in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, field, None), list):
                setattr(node, field, _without_text(getattr(node, field)))
        for field in ("annotation", "returns", "type_comment"):
            if hasattr(node, field):
                setattr(node, field, None)
        return node


def _binds(node: ast.AST) -> list[str]:
    """The names that a node binds."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        return [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ExceptHandler) and node.name:
        return [node.name]
    return []


def _rename(node: ast.AST, bound: set[str], renamed: dict[str, str]) -> None:
    """Number the bound names in the order in which they first come."""
    for field in ("id", "arg", "name"):
        old = getattr(node, field, None)
        if isinstance(old, str) and old in bound and not isinstance(node, ast.alias):
            setattr(node, field, renamed.setdefault(old, f"v{len(renamed)}"))
    for child in ast.iter_child_nodes(node):
        _rename(child, bound, renamed)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def main() -> None:
    from tools import labs  # only in the repository, where the solutions are

    found = {}
    for lab in checks.LABS:
        spec = checks.lab(lab)
        if spec.functions:
            notebook = labs.instructor_notebook(labs.SOLUTIONS / f"{lab}.md")
            code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "install"]
            graded = [cell.source for cell in code if "demo" not in cell.metadata.get("tags", [])]
            found[lab] = of_code(spec, [Cell(number, text) for number, text in enumerate(graded, 1)])
    SOLUTIONS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(SOLUTIONS)


if __name__ == "__main__":
    main()
