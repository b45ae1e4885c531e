"""What CONTRIBUTING.md walks through is done here, file by file and command by command, in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.build import copied_tree
from tools.chapters import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WALK = re.compile(r"<!-- walk: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
# A file's name on a line of its own, if any, and a block of code.
BLOCK = re.compile(
    r"(?:^`(?P<path>[^`\n]+)`\n\n)?^(?P<fence>`{3,})(?P<kind>\w*)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S
)
WALKS = {name: list(BLOCK.finditer(text)) for name, text in WALK.findall(TEXT)}


@pytest.fixture
def copy() -> Iterator[Path]:
    with copied_tree() as folder:
        for name in (".venv", "node_modules"):
            (folder / name).symlink_to(ROOT / name)
        yield folder


@pytest.fixture
def follow(copy: Path) -> Callable[[str], str]:
    """`follow("chapter")` does what the walk says, and gives all that its commands printed."""

    def followed(walk: str) -> str:
        said, path = "", ""
        for block in WALKS[walk]:
            path = block["path"] or path
            if block["kind"] == "sh":
                said += run(copy, block["text"])
            elif block["kind"] == "diff":
                change(copy / path, block["text"])
            else:
                (copy / path).write_text(block["text"], encoding="utf-8")
        return said

    return followed


def change(path: Path, diff: str) -> None:
    """Make a change that is written like a patch without line numbers. What it changes is there exactly once."""
    lines = diff.splitlines()
    before = "\n".join(line[1:] for line in lines if line[0] in " -") + "\n"
    after = "\n".join(line[1:] for line in lines if line[0] in " +") + "\n"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{path.name} does not have, once: {before}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def run(folder: Path, commands: str) -> str:
    # The packages in .venv include the course itself, from where it was installed: the copy comes first.
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(["bash", "-ec", commands], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_there_is_a_walk_for_a_chapter_a_lab_and_a_figure() -> None:
    assert sorted(WALKS) == ["chapter", "figure", "lab"]


def test_the_chapter_becomes_a_notebook_for_colab_and_its_claim_is_checked(
    follow: Callable[[str], str], copy: Path
) -> None:
    assert "coin: done" in follow("chapter")
    notebook = json.loads((copy / "_build" / "notebooks" / "book" / "coin.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert any("coin = random.Random(7)" in source for source in sources)
    assert "google.colab" in sources[0] or "google.colab" in sources[1]
    change(copy / "book" / "coin.md", "-    at_least: 0.45\n+    at_least: 0.95\n")
    with pytest.raises(AssertionError, match=r"1000 flips"):
        run(copy, ".venv/bin/python -m tools.execute coin")


def test_the_labs_solution_gets_ten_points_and_what_students_get_none(follow: Callable[[str], str], copy: Path) -> None:
    assert re.search(r"[1-9]\d* passed", follow("lab")), "the mistakes lose their checks"
    assert "lab6_returns" in (copy / "autograder" / "solutions.json").read_text(encoding="utf-8")
    student = (copy / "labs" / "lab6_returns.ipynb").read_text(encoding="utf-8")
    assert "reversed(rewards)" not in student
    (copy / "handed_in" / "bob.ipynb").write_text(student, encoding="utf-8")
    run(copy, ".venv/bin/python -m autograder grade handed_in --lab lab6_returns --out grades")
    results = copy / "grades" / "results" / "lab6_returns"
    ada, bob = (json.loads((results / f"{name}.json").read_text(encoding="utf-8")) for name in ("ada", "bob"))
    assert (ada["score"], ada["outcome"]) == (10.0, "passed")
    assert bob["score"] == 0
    assert {check["outcome"] for check in bob["checks"]} == {"student_error"}


def test_the_figure_answers_in_a_browser(follow: Callable[[str], str]) -> None:
    assert "1 passed" in follow("figure")
