"""Write one clean .ipynb per chapter, for Colab and for download: no outputs, plain Markdown, an install cell first.

The students' labs lie beside them: what Colab's buttons open is all on one branch, published in one go. They are made
from their sources, since those in `labs/` may name another site than the settings do, or hold somebody's work.

python -m tools.notebooks [FOLDER]       default: _build/notebooks, the content of the branch `notebooks`

Exit code 1 with a sentence when a source cannot become a lab; then the notebooks are left as they were.
"""

from __future__ import annotations

import html
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import nbformat

from extensions.questions import verdict
from extensions.repository import site_url
from tools import wheel
from tools.chapters import BUILD, ROOT, chapters, labs, read_chapter

INSTALL = '''\
# On Colab this installs what the course needs, in about a minute. Anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    %env UPRIGHT_SITE={site}
    %pip install --quiet "{site}/{wheel}" "{ray}"'''

KEPT_METADATA = ("tags",)
ROLE_TERM = re.compile(r"\{term\}`([^`<]+?)(?:\s*<([^`>]+)>)?`")
ROLE_CITE = re.compile(r"\{cite(?::\w)?\}`([^`]+)`")
LINK = re.compile(r"(?<!\!)\]\((?!https?:|mailto:|#)([^)#\s]+)\.(?:md|ipynb)(#[^)\s]*)?\)")
DIRECTIVE = re.compile(r"^(:{3,})\{(\w+)\}[ ]*(.*)$")
CODE_FENCE = re.compile(r"^\s*(`{3,}|~{3,})([^`]*)$")
OPTION = re.compile(r"^:(\w+):\s*(.*)$")


def write(folder: Path) -> list[Path]:
    """Write the notebook of every chapter and lab below `folder`, in place of what was there. Returns the files."""
    made = {folder / f"{page}.ipynb": notebook(page) for page in chapters()}
    made |= {folder / f"{page}.ipynb": lab(page) for page in labs()}
    for parent in {path.parent for path in made}:
        parent.mkdir(parents=True, exist_ok=True)
        for old in set(parent.glob("*.ipynb")) - set(made):
            old.unlink()
    for path, each in made.items():
        nbformat.write(each, path)
    return list(made)


def lab(page: str) -> nbformat.NotebookNode:
    """A lab as students get it."""
    from tools.labs import SOLUTIONS, student_notebook  # not above: it makes its notebooks with this module

    return student_notebook(SOLUTIONS / f"{Path(page).name}.md")


def notebook(
    page: str, folder: str | None = None, kept_metadata: tuple[str, ...] = KEPT_METADATA
) -> nbformat.NotebookNode:
    """A chapter as the notebook that a student opens in Colab. Its links start from `folder`, if not from its own."""
    found = read_chapter(page)
    cells = [nbformat.v4.new_code_cell(install_cell(), id="install")]
    for number, cell in enumerate(found.cells):
        if cell.cell_type == "markdown":
            cell.source = plain_markdown(cell.source, folder or str(Path(page).parent))
        cell.metadata = {key: cell.metadata[key] for key in kept_metadata if key in cell.metadata}
        cell.id = f"cell-{number}"
        cells.append(cell)
    metadata = {
        "kernelspec": found.metadata.kernelspec,
        "language_info": {"name": "python"},
        "colab": {"provenance": []},
    }
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def install_cell() -> str:
    """The first cell, the same in every notebook."""
    return INSTALL.format(site=site_url(), wheel=wheel.name(), ray=pin("ray"))


def pin(package: str) -> str:
    """The line of requirements.txt that pins a package. Raises LookupError."""
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        requirement = line.split("#")[0].strip()
        if re.match(rf"{package}(\[|==)", requirement):
            return requirement
    raise LookupError(f"requirements.txt has no pin for {package}")


def plain_markdown(text: str, folder: str) -> str:
    """MyST Markdown as Markdown that Colab shows: directives and roles become quotes, details and links to the site.

    Relative links start from `folder`, a folder directly below the root of the repository.
    """
    lines = iter(text.splitlines())
    return "\n".join(_translated(lines, None, f"{site_url()}/{folder}"))


def _translated(lines: Iterator[str], fence: str | None, base: str) -> list[str]:
    """The lines up to the closing `fence`, translated; code stays as it is, whatever it holds."""
    found: list[str] = []
    prose: list[str] = []
    code = ""
    for line in lines:
        mark = CODE_FENCE.match(line)
        directive = DIRECTIVE.match(line)
        if code:
            found.append(line)
            if mark and mark[1].startswith(code) and not mark[2].strip():
                code = ""
        elif line.strip() == fence:
            break
        elif mark or directive:
            found += _inline(prose, base)
            prose = []
            if mark:
                code = mark[1]
                found.append(line)
            elif directive:
                inner = _translated(lines, directive[1], base)
                found += _directive(directive[2], directive[3], inner, base)
        else:
            prose.append(line)
    return found + _inline(prose, base)


def _inline(lines: list[str], base: str) -> list[str]:
    """Roles and links between pages, which may go over the end of a line."""
    text = "\n".join(lines)
    book = urljoin(base, "book")
    text = ROLE_TERM.sub(lambda m: f"[{m[1]}]({book}/glossary.html#term-{_anchor(m[2] or m[1])})", text)
    text = ROLE_CITE.sub(lambda m: f"([{_authors(m[1])}]({book}/references.html))", text)
    return LINK.sub(lambda m: f"]({urljoin(base + '/', m[1])}.html{m[2] or ''})", text).split("\n") if lines else []


def _anchor(term: str) -> str:
    return re.sub(r"[^\w-]+", "-", term.strip()).strip("-")


def _authors(keys: str) -> str:
    named = [re.fullmatch(r"([a-z]+)(\d{4})\w*", key.strip()) for key in keys.split(",")]
    return "; ".join(f"{m[1].capitalize()} {m[2]}" for m in named if m)


def _directive(name: str, argument: str, inner: list[str], base: str) -> list[str]:
    options = {}
    while inner and (match := OPTION.match(inner[0])):
        options[match[1]] = match[2]
        inner = inner[1:]
    if name == "figure":
        return [f"![{options.get('alt', '')}]({base.rsplit('/', 1)[0]}/_static/{Path(argument).name})", "", *inner]
    title = "".join(_inline([argument], base)) if name in ("question", "admonition") else name.capitalize()
    if name == "question":
        return ["", f"**{title}**", "", *_answers(inner)]
    return [f"> **{title}**", ">", *[f"> {line}".rstrip() for line in inner], ""]


def _answers(lines: list[str]) -> list[str]:
    """Each answer as a `<details>` element: Colab and Jupyter show its explanation on a click."""
    found: list[str] = []
    _, *pieces = re.split(r"(?m)^- \[([ x])\]\s*", "\n".join(lines))
    for mark, answer in zip(pieces[::2], pieces[1::2], strict=True):
        choice, _, explanation = answer.partition("\n\n")
        told = verdict(mark == "x", explanation)
        explanation = f"{told}\n\n{textwrap.dedent(explanation)}" if told else explanation
        found += [f"<details><summary>{_html(' '.join(choice.split()))}</summary>", ""]
        found += [*textwrap.dedent(explanation).strip("\n").split("\n"), "", "</details>"]
    return [*found, ""]


def _html(text: str) -> str:
    """One line of Markdown as HTML: inside of `<summary>` nobody translates it."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', text)


def main(arguments: list[str]) -> int:
    from tools.labs import LabError

    folder = Path(arguments[0]) if arguments else BUILD / "notebooks"
    try:
        written = write(folder)
    except LabError as error:
        print(f"upright: {error}", file=sys.stderr)
        return 1
    print(f"{len(written)} notebooks in {folder.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
