"""A fork changes one line, the repository, and everything points to the fork."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.build import copied_tree
from extensions import repository
from tests.browser.conftest import visit
from tools import serve
from tools.chapters import BUILD, ROOT, chapters, labs, pages

OWNER, NAME = repository.slug().split("/")
# How files name the repository that this one is: in the address of its code, and in that of its site.
OURS = (f"github.com/{OWNER}/{NAME}", f"{OWNER.lower()}.github.io/{NAME}")
GIT = ["git", "-c", "user.name=fork", "-c", "user.email=fork@example.org"]


@pytest.fixture(scope="module")
def fork() -> Iterator[Path]:
    """A repository of its own, with all that is committed here and one changed line."""
    with copied_tree() as folder:
        for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "the course"]):
            subprocess.run([*GIT, *command], cwd=folder, check=True)
        for name in (".venv", "node_modules"):
            (folder / name).symlink_to(ROOT / name)
        config = folder / "_config.yml"
        text = config.read_text(encoding="utf-8")
        changed = re.sub(r"(?m)^  url: .*$", "  url: https://github.com/ada/rl-course", text, count=1)
        assert changed != text
        config.write_text(changed, encoding="utf-8")
        yield folder


def run(fork: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(fork), "UPRIGHT_REPOSITORY": "", "UPRIGHT_SITE": ""}
    done = subprocess.run([".venv/bin/python", *command], cwd=fork, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def strangers(folder: Path) -> list[str]:
    """The text files below a folder that still name our repository."""
    texts = [path for path in folder.rglob("*") if path.suffix in (".html", ".ipynb", ".md", ".json", ".js", ".xml")]
    assert texts
    return [str(path) for path in texts if any(ours in path.read_text(encoding="utf-8") for ours in OURS)]


def test_the_address_stands_in_one_line_and_in_what_is_generated_from_it() -> None:
    patterns = [word for ours in OURS for word in ("-e", ours)]
    command = ["git", "grep", "-lF", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.split()
    assert {name for name in listed if not name.startswith(("labs/", "tests/"))} == {"_config.yml"}


def test_a_forks_notebooks_and_labs_install_from_the_fork(fork: Path) -> None:
    run(fork, "-m", "tools.labs")
    run(fork, "-m", "tools.notebooks")
    assert strangers(fork / "labs") == strangers(fork / "_build" / "notebooks") == []
    for page in ("book/ppo", "labs/lab3_ppo"):
        text = (fork / "_build" / "notebooks" / f"{page}.ipynb").read_text(encoding="utf-8")
        assert "https://ada.github.io/rl-course/upright-" in text


@pytest.fixture
def published(fork: Path, tmp_path: Path) -> dict[str, Path]:
    """What the fork has published, by branch: built, pushed into a bare repository, and checked out from there."""
    # What was executed here is executed: a fork's restored cache.
    shutil.copytree(BUILD / "executed", fork / "_build" / "executed", dirs_exist_ok=True)
    run(fork, "-m", "tools.book")
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    run(fork, "-m", "tools.publish", str(remote))
    folders = {branch: tmp_path / branch for branch in ("gh-pages", "notebooks")}
    for branch, folder in folders.items():
        subprocess.run(["git", "clone", "-q", "--branch", branch, str(remote), str(folder)], check=True)
    return folders


@pytest.mark.slow
def test_a_fork_publishes_a_site_whose_buttons_open_what_it_has_published(
    fork: Path, published: dict[str, Path], chromium: Browser
) -> None:
    site = published["gh-pages"]
    assert strangers(site) == strangers(published["notebooks"]) == strangers(fork / "labs") == []
    assert (site / ".nojekyll").is_file()
    assert list(site.glob("upright-*.whl")), "what the first cell of a notebook installs"
    server = serve.listen(site, port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://{serve.HOST}:{server.server_port}"
    context = chromium.new_context()
    seen = visit(context, address)
    links = set()
    for page in pages():
        found = seen.open(f"{address}/{page}.html").locator("a[href*='colab.research']")
        links |= set(found.evaluate_all("links => links.map(link => link.href)"))
    assert seen.errors == seen.foreign == []
    assert len(links) == len(chapters()) + len(labs())
    for link in links:
        path = link.removeprefix("https://colab.research.google.com/github/ada/rl-course/blob/notebooks/")
        assert (published["notebooks"] / path).is_file(), link
    context.close()
    server.shutdown()
    server.server_close()
