"""Where a control would be dead, its page shows the code, a sentence, and the way to a living one."""

from __future__ import annotations

import nbformat
import pytest

from extensions.repository import colab_url
from tests.conftest import CHAPTER_HEAD
from tests.extensions.conftest import Built, Element

CHAPTER = (
    CHAPTER_HEAD.format(more="")
    + """# Page

```{code-cell} ipython3
:tags: [kernel-only]

from ipywidgets import interact
interact(show, angle=(0.0, 12.0))
```

Between.

```{code-cell} ipython3
print("plain")
```
"""
)
NOTEBOOK_OUTPUT = {
    "data": {"text/plain": "interactive(children=(FloatSlider()))", "text/html": "<b>dead control</b>"},
    "metadata": {},
    "output_type": "display_data",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("kernel_only")
    return Built(folder, {"page": CHAPTER}, ["extensions.kernel_only"])


@pytest.fixture(scope="module")
def with_output(tmp_path_factory: pytest.TempPathFactory) -> Element:
    """The control's cell of a page whose notebook, by mistake, still holds its output."""
    folder = tmp_path_factory.mktemp("with_output")
    tagged = nbformat.v4.new_code_cell("interact(show)", metadata={"tags": ["kernel-only"]})
    tagged.outputs = [nbformat.from_dict(NOTEBOOK_OUTPUT)]
    plain = nbformat.v4.new_code_cell("show()", outputs=[nbformat.from_dict(NOTEBOOK_OUTPUT)])
    title = nbformat.v4.new_markdown_cell("# Kept")
    (folder / "source").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[title, tagged, plain]), folder / "source" / "kept.ipynb")
    return Built(folder, {}, ["extensions.kernel_only"]).tree("kept")


def test_the_page_builds_without_a_warning(built: Built) -> None:
    assert built.warnings == []


def test_the_code_stays(built: Built) -> None:
    (cell,) = built.tree("page").all("div", "tag_kernel-only")
    (code,) = cell.all("pre")
    assert code.text.strip() == "from ipywidgets import interact\ninteract(show, angle=(0.0, 12.0))"


def test_a_sentence_stands_after_the_code_and_leads_to_this_page_in_colab(built: Built) -> None:
    (cell,) = built.tree("page").all("div", "tag_kernel-only")
    (note,) = cell.all("div", "kernel-only")
    assert note.text.strip() == (
        "The control of this cell needs Python running behind it. To use it, open this chapter in Colab."
    )
    (link,) = note.all("a")
    assert link.attributes["href"] == colab_url("page")
    assert cell.children.index(note) == max(n for n, child in enumerate(cell.children) if isinstance(child, Element))


def test_a_cell_without_the_tag_has_no_such_sentence(built: Built) -> None:
    assert len(built.tree("page").all("div", "kernel-only")) == 1
    assert len(built.tree("page").all("div", "cell")) == 2


def test_the_output_of_such_a_cell_never_reaches_the_page(with_output: Element) -> None:
    (control,) = with_output.all("div", "tag_kernel-only")
    assert not control.all("div", "cell_output")
    assert "dead control" not in control.text
    assert "interact(show)" in control.text


def test_the_output_of_any_other_cell_does(with_output: Element) -> None:
    assert [found.text.strip() for found in with_output.all("div", "cell_output")] == ["dead control"]
