"""A lab's page has the code of the students' notebook and the prose of the lab's source."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.lab_pages import lab_page
from extensions.repository import colab_url
from tests.conftest import CHAPTER_HEAD

PAGE = "labs/lab1_episodes"
SOURCE = """\
# Lab 1

Play an {term}`episode`.

```{code-cell} ipython3
### BEGIN SOLUTION
return total
### END SOLUTION
```
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "lab1_episodes.md"
    path.write_text(CHAPTER_HEAD.format(more="") + SOURCE, encoding="utf-8")
    return path


def students(*cells: tuple[str, str]) -> dict:
    """A student's notebook: the install cell and these cells."""
    made = [{"cell_type": kind, "source": text, "metadata": {}} for kind, text in (("code", "%pip install"), *cells)]
    metadata = {"kernelspec": {"name": "python3"}, "colab": {}, "upright": {"lab": "lab1_episodes"}}
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


FLAT = ("markdown", "# Lab 1\n\nPlay an [episode](https://example.org/glossary.html).")
STUB = ("code", "raise NotImplementedError")


def test_the_code_is_the_students_and_the_prose_is_the_sources(source: Path) -> None:
    prose, code = lab_page(PAGE, students(FLAT, STUB), source)["cells"]
    assert prose["source"].startswith("# Lab 1\n")
    assert prose["source"].endswith("\nPlay an {term}`episode`.")
    assert code["source"] == "raise NotImplementedError"


def test_below_the_title_stands_how_to_get_the_lab(source: Path) -> None:
    prose, _ = lab_page(PAGE, students(FLAT, STUB), source)["cells"]
    title, access = prose["source"].split("\n\n")[:2]
    assert title == "# Lab 1"
    assert colab_url(PAGE) in access
    assert "{download}`lab1_episodes.ipynb <lab1_episodes.ipynb>`" in access


def test_the_page_is_a_notebook_of_python_and_nothing_more(source: Path) -> None:
    assert lab_page(PAGE, students(FLAT, STUB), source)["metadata"] == {"kernelspec": {"name": "python3"}}


@pytest.mark.parametrize("cells", [(FLAT,), (STUB, FLAT), (FLAT, STUB, STUB)])
def test_a_notebook_that_was_not_made_from_this_source_is_refused(source: Path, cells: tuple) -> None:
    with pytest.raises(ValueError, match=r"^labs/lab1_episodes\.ipynb has other cells than .*; run make labs$"):
        lab_page(PAGE, students(*cells), source)
