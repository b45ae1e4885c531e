"""Students meet no solution and no mistake: not in labs, not on the site, not in a notebook, not in the wheel."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import book, labs, wheel
from tools.chapters import BUILD, ROOT, pages

REGION = re.compile(r"(?s)### BEGIN SOLUTION\n(.*?)### END SOLUTION")
MARKS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "solutions/mistakes")
# Pictures, fonts and styles; everything else is read.
NO_TEXT = {".png", ".svg", ".ico", ".woff2", ".woff", ".ttf", ".css", ".mp4", ".inv", ".map", ".gif", ".jpg"}


def squeezed(text: str) -> str:
    """Text as words, so that neither layout nor a notebook's or a page's way to write a line matters."""
    return " ".join(re.sub(r"\\n|\\t", " ", text.replace('\\"', '"')).split())


def shown(path: str, content: bytes) -> str:
    """What a reader of the file sees."""
    text = content.decode("utf-8", errors="replace")
    if path.endswith(".html"):
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    if path.endswith(".ipynb"):
        text = re.sub(r'\\n",\n\s*"', " ", text)
    return squeezed(text)


def secrets() -> dict[str, str]:
    """What nobody may find, by a name: each solution, and each common mistake."""
    found = {}
    for source in labs.sources():
        for number, region in enumerate(REGION.findall(source.read_text(encoding="utf-8")), 1):
            found[f"{source.stem}, solution {number}"] = squeezed(region)
    for path in sorted((labs.SOLUTIONS / "mistakes").glob("*.py")):
        for cell in path.read_text(encoding="utf-8").split("\n# %% ")[1:]:
            title, _, code = cell.partition("\n")
            # A mistake of a line or two may look like a line of a chapter; its title still gives it away.
            found[f"{path.stem}, {title}, its title"] = squeezed(title)
            if len(squeezed(code)) > 200:
                found[f"{path.stem}, {title}"] = squeezed(code)
    return found


SECRETS = secrets()


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.glob("**/*")):
        if path.is_file() and path.suffix == ".whl":
            with zipfile.ZipFile(path) as archive:
                # METADATA is README.md, which tells authors how a solution is marked.
                names = [name for name in archive.namelist() if not name.endswith(".dist-info/METADATA")]
                yield from ((f"{path.name}/{name}", archive.read(name)) for name in names)
        elif path.is_file() and path.suffix not in NO_TEXT:
            yield str(path.relative_to(folder)), path.read_bytes()


def leaks(folder: Path) -> list[tuple[str, str]]:
    found = []
    for path, content in files(folder):
        text = shown(path, content)
        found += [(path, mark) for mark in MARKS if mark in text]
        found += [(path, name) for name, secret in SECRETS.items() if secret in text]
    return found


def test_there_is_something_to_hide_of_every_lab() -> None:
    for source in labs.sources():
        assert any(name.startswith(f"{source.stem}, solution") for name in SECRETS), source.name
    assert all(len(secret) > 15 for secret in SECRETS.values())


def test_a_solution_would_be_found_in_a_notebook_and_on_a_page(tmp_path: Path) -> None:
    labs.write_course(tmp_path)
    found = {name for _, name in leaks(tmp_path)}
    assert {name for name in SECRETS if ", solution" in name} <= found
    region = REGION.findall((labs.SOLUTIONS / "lab1_episodes.md").read_text(encoding="utf-8"))[0]
    words = "".join(f"<span>{html.escape(word)}</span>" for word in re.split(r"(\s)", region))
    (tmp_path / "page.html").write_text(f"<pre>{words}</pre>", encoding="utf-8")
    assert ("page.html", "lab1_episodes, solution 1") in leaks(tmp_path)


@pytest.mark.parametrize(
    "folder", [labs.LABS, book.SITE, BUILD / "notebooks"], ids=["labs", "the site with the wheel", "notebooks"]
)
def test_what_students_get_holds_no_solution_and_no_mistake(folder: Path) -> None:
    assert list(files(folder)), "nothing to look at; build the book first: make book"
    assert leaks(folder) == []


def test_the_site_holds_no_file_of_the_solutions() -> None:
    names = {path.name for path in (ROOT / "solutions").glob("**/*") if path.is_file()}
    assert not [path for path, _ in files(book.SITE) if Path(path).name in names or "solutions/" in path]
    assert any(path.startswith(wheel.name()) for path, _ in files(book.SITE))


def test_every_lab_is_a_page_of_the_book() -> None:
    assert [page for page in pages() if page.startswith("labs/")] == [f"labs/{path.stem}" for path in labs.sources()]
