"""What Colab gets: a notebook per chapter in plain Markdown, and a first cell that installs there, nowhere else."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient
from sphinx.util.nodes import _make_id

from tests.tools.conftest import ROOT, TinyBook, cell
from tools import notebooks, wheel
from tools.chapters import chapters, labs

SITE = "https://upright-course.github.io/upright"


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's address, whatever the environment of the tests says."""
    monkeypatch.setenv("UPRIGHT_SITE", SITE)


def plain(text: str) -> str:
    return notebooks.plain_markdown(text, "book")


def test_plain_markdown_stays_as_it_is() -> None:
    text = (
        "# A title\n\nText with `code`, **bold**, $a_t$ and [a link](https://example.org/x.md).\n\n| a | b |\n|---|---|"
    )
    assert plain(text) == text
    assert plain("") == ""


def test_a_term_becomes_a_link_to_the_glossary() -> None:
    assert plain("An {term}`episode` ends.") == f"An [episode]({SITE}/book/glossary.html#term-episode) ends."


def test_a_term_may_be_called_otherwise_in_the_text() -> None:
    assert plain("{term}`Tasks <task (Ray)>`") == f"[Tasks]({SITE}/book/glossary.html#term-task-Ray)"


def test_a_role_may_go_over_the_end_of_a_line() -> None:
    assert plain("a {term}`vectorised\nenvironment` here") == (
        f"a [vectorised\nenvironment]({SITE}/book/glossary.html#term-vectorised-environment) here"
    )


def test_a_citation_becomes_names_and_years_with_a_link_to_the_references() -> None:
    assert plain("{cite}`schulman2017`") == f"([Schulman 2017]({SITE}/book/references.html))"
    assert plain("{cite:p}`silver2017,vinyals2019`") == f"([Silver 2017; Vinyals 2019]({SITE}/book/references.html))"


def test_a_link_to_another_page_leads_to_the_site() -> None:
    assert plain("[PPO](ppo.md) and [clip](ppo.md#the-clip)") == (
        f"[PPO]({SITE}/book/ppo.html) and [clip]({SITE}/book/ppo.html#the-clip)"
    )


def test_a_link_to_a_lab_leads_to_its_page_on_the_site() -> None:
    assert plain("[lab 1](../labs/lab1_episodes.ipynb)") == f"[lab 1]({SITE}/labs/lab1_episodes.html)"


def test_a_labs_links_and_terms_lead_to_the_book() -> None:
    text = "[PPO](../book/ppo.md), [lab 2](lab2_policies.ipynb), {term}`episode`, {cite}`schulman2017`"
    assert notebooks.plain_markdown(text, "labs") == (
        f"[PPO]({SITE}/book/ppo.html), [lab 2]({SITE}/labs/lab2_policies.html), "
        f"[episode]({SITE}/book/glossary.html#term-episode), ([Schulman 2017]({SITE}/book/references.html))"
    )


def test_an_admonition_becomes_a_quote_under_its_title() -> None:
    assert plain(":::{admonition} Read {term}`this <policy>`\n:class: tip\n\nText.\n\n- a\n:::\nAfter.") == (
        f"> **Read [this]({SITE}/book/glossary.html#term-policy)**\n>\n>\n> Text.\n>\n> - a\n\nAfter."
    )


@pytest.mark.parametrize("name", ["note", "tip", "warning"])
def test_a_note_is_titled_by_its_kind(name: str) -> None:
    assert plain(f":::{{{name}}}\nText.\n:::") == f"> **{name.capitalize()}**\n>\n> Text.\n"


def test_a_figure_becomes_an_image_of_the_site_with_its_text_and_caption() -> None:
    assert plain(":::{figure} assets/loop.svg\n:alt: The loop\n:name: loop\n\nThe {term}`agent` acts.\n:::") == (
        f"![The loop]({SITE}/_static/loop.svg)\n\n\nThe [agent]({SITE}/book/glossary.html#term-agent) acts."
    )


QUESTION = """\
:::{question} Which flag is set when `angle > 12`?
- [x] `terminated`, as in {term}`terminated`,
  and `a < b`

  Right: the **rules** ended it.

  ```python
  env.step(0)
  ```
- [ ] `truncated`

  No: see [episodes](episodes.md).
:::
"""


def test_a_question_becomes_details_that_open_on_a_click() -> None:
    text = plain(QUESTION)
    assert "**Which flag is set when `angle > 12`?**" in text
    summaries = re.findall(r"<details><summary>(.*?)</summary>\n\n", text)
    term = f'<a href="{SITE}/book/glossary.html#term-terminated">terminated</a>'
    assert summaries == [
        f"<code>terminated</code>, as in {term}, and <code>a &lt; b</code>",
        "<code>truncated</code>",
    ]
    assert text.count("</details>") == 2
    assert "\n\nRight: the **rules** ended it.\n\n```python\nenv.step(0)\n```\n\n</details>" in text
    assert f"\n\nNo: see [episodes]({SITE}/book/episodes.html).\n\n</details>" in text
    assert "[x]" not in text


def test_a_directive_inside_of_another_is_translated_too() -> None:
    assert plain("::::{admonition} Title\n:::{note}\nInner.\n:::\nOuter.\n::::") == (
        "> **Title**\n>\n> > **Note**\n> >\n> > Inner.\n>\n> Outer.\n"
    )


@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
def test_code_stays_as_it_is_whatever_it_holds(fence: str) -> None:
    code = f"{fence}\n{{term}}`episode` [x](ppo.md)\n:::{{note}}\n:::\n{fence}"
    assert plain(f"{code}\n{{term}}`episode`").startswith(f"{code}\n[episode](")


def test_code_that_shows_code_ends_at_its_own_fence() -> None:
    code = "````md\n```\n{term}`a`\n```\n:::{note}\n````"
    assert plain(f"{code}\n\n{{term}}`a`") == f"{code}\n\n[a]({SITE}/book/glossary.html#term-a)"


def test_code_in_an_admonition_may_hold_what_would_end_the_admonition() -> None:
    assert plain(":::{tip}\n```\n:::\n```\nText.\n:::") == "> **Tip**\n>\n> ```\n> :::\n> ```\n> Text.\n"


REAL = chapters()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebooks of the real book."""
    folder = tmp_path_factory.mktemp("notebooks")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("UPRIGHT_SITE", SITE)
        files = notebooks.write(folder)
    assert files == [folder / f"{page}.ipynb" for page in [*REAL, *labs()]]
    return folder


def read(folder: Path, page: str) -> nbformat.NotebookNode:
    return nbformat.read(folder / f"{page}.ipynb", as_version=4)


def prose(notebook: nbformat.NotebookNode) -> str:
    """The text of the notebook's Markdown cells, code aside."""
    text = "\n\n".join(found.source for found in notebook.cells if found.cell_type == "markdown")
    return re.sub(r"(?ms)^\s*(?:> )?```.*?^\s*(?:> )?```|`[^`\n]+`", "", text)


@pytest.mark.parametrize("page", REAL)
def test_a_chapters_notebook_is_valid_and_without_outputs(written: Path, page: str) -> None:
    notebook = read(written, page)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [found for found in notebook.cells if found.cell_type == "code"]
    assert not [found for found in code if found.outputs or found.execution_count]
    assert len({found.id for found in notebook.cells}) == len(notebook.cells)
    assert "source_map" not in notebook.metadata
    assert "claims" not in notebook.metadata


@pytest.mark.parametrize("page", REAL + labs())
def test_a_notebook_holds_all_its_sources_code_and_no_myst(written: Path, page: str) -> None:
    notebook = read(written, page)
    source = (ROOT / f"{page.replace('labs/', 'solutions/')}.md").read_text(encoding="utf-8")
    code = [found for found in notebook.cells if found.cell_type == "code"]
    assert len(code) == source.count("```{code-cell}") + 1
    assert not re.findall(
        r"\{[a-z:-]+\}`|^\s*(?:> )*:{3,}|\{code-cell\}|^\(.*\)=$|^:\w+:", prose(notebook), re.MULTILINE
    )


@pytest.mark.parametrize("page", REAL + labs())
def test_a_notebooks_links_and_pictures_lead_out_of_it(written: Path, page: str) -> None:
    text = prose(read(written, page))
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'href="([^"]+)"', text)
    assert not [target for target in targets if not target.startswith(("https://", "http://", "#", "mailto:"))]
    assert not re.findall(r"!\[\s*\]", text), "a picture without a text"
    pages = {f"{SITE}/{path.relative_to(ROOT).with_suffix('.html')}" for path in (ROOT / "book").glob("*.md")}
    pages |= {f"{SITE}/{page}.html" for page in labs()}
    pages |= {f"{SITE}/_static/{path.name}" for path in (ROOT / "book" / "assets").iterdir()} | {f"{SITE}/index.html"}
    inside = {re.sub("#.*", "", target).replace("/book/../", "/") for target in targets if target.startswith(SITE)}
    assert inside <= pages


def test_every_term_that_a_chapter_or_lab_links_is_in_the_glossary(written: Path) -> None:
    glossary = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"(?m)^([^\s:{`#-][^\n]*)\n(?=: |  |\t)", glossary)
    assert len(terms) > 50
    anchors = {_make_id(f"term-{term}") for term in terms}
    linked = {
        (page, anchor)
        for page in REAL + labs()
        for anchor in re.findall(r"glossary\.html#([^)\"]+)", prose(read(written, page)))
    }
    assert not {(page, anchor) for page, anchor in linked if anchor not in anchors}


def test_every_notebook_begins_with_the_same_cell(written: Path) -> None:
    first = {read(written, page).cells[0].source for page in REAL}
    assert first == {notebooks.install_cell()}


def test_written_twice_a_notebook_has_the_same_bytes(written: Path, tmp_path: Path) -> None:
    for path in notebooks.write(tmp_path):
        assert path.read_bytes() == (written / path.relative_to(tmp_path)).read_bytes()


def test_the_install_cell_is_python_and_asks_for_our_wheel_and_the_pinned_ray() -> None:
    source = notebooks.install_cell()
    ast.parse(TransformerManager().transform_cell(source))
    pin = re.search(r"(?m)^ray\[.*?\]==[\d.]+", (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert pin
    assert f'"{SITE}/{wheel.name()}" "{pin[0]}"' in source
    assert f"%env UPRIGHT_SITE={SITE}\n" in source


def test_the_install_cell_does_everything_on_colab_only() -> None:
    tree = ast.parse(TransformerManager().transform_cell(notebooks.install_cell()))
    *imports, condition = tree.body
    assert [ast.unparse(node) for node in imports] == ["import sys"]
    assert isinstance(condition, ast.If)
    assert ast.unparse(condition.test) == "'google.colab' in sys.modules"
    assert len(condition.body) == 2
    assert not condition.orelse


def test_elsewhere_the_install_cell_installs_nothing_and_sets_nothing(tmp_path: Path) -> None:
    # In a real kernel, where pip would fail: what it is asked for is on no index and no network is needed to say so.
    ask = 'import os, sys\nprint(os.environ.get("UPRIGHT_SITE"), "pip" in sys.modules)'
    cells = [nbformat.v4.new_code_cell(source) for source in (notebooks.install_cell(), ask)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    environment = {"PATH": "", "IPYTHONDIR": str(tmp_path)}
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute(env=environment)
    assert notebook.cells[0].outputs == []
    assert notebook.cells[1].outputs[0].text == "None False\n"


def test_a_fork_installs_from_its_own_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPRIGHT_SITE")
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "someone/else")
    assert "https://someone.github.io/else/upright-" in notebooks.install_cell()


def test_only_tags_are_kept_of_a_cells_metadata(tiny: TinyBook) -> None:
    tiny.chapter("plots", "```{code-cell} ipython3\n---\ntags: [hide-input]\nmystnb: {image: {alt: x}}\n---\n1\n```")
    assert notebooks.notebook("book/plots").cells[-1].metadata == {"tags": ["hide-input"]}


def test_a_chapter_that_is_gone_leaves_no_notebook_and_nothing_else_is_touched(tiny: TinyBook) -> None:
    for name in ("old", "new"):
        tiny.chapter(name, cell("1"))
    tiny.contents("book/old", "book/new")
    folder = tiny.root / "branch"
    notebooks.write(folder)
    (folder / ".git").mkdir()
    (folder / "README.md").write_text("kept")
    tiny.contents("book/new")
    assert notebooks.write(folder) == [folder / "book" / "new.ipynb"]
    assert sorted(path.name for path in folder.glob("**/*")) == [".git", "README.md", "book", "new.ipynb"]


def test_the_command_writes_where_it_is_told_and_says_how_many(tiny: TinyBook) -> None:
    tiny.chapter("one", cell("1"))
    tiny.contents("book/one")
    said = tiny.run("tools.notebooks", "elsewhere")
    assert said.returncode == 0, said.stderr
    assert said.stdout == "1 notebooks in elsewhere/\n"
    assert json.loads((tiny.root / "elsewhere" / "book" / "one.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4
