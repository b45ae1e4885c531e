"""The site and its notebooks are published together or not at all, into a real bare repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools.conftest import TinyBook
from tools import publish
from tools.publish import PublishError


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def built(tiny: TinyBook, monkeypatch: pytest.MonkeyPatch) -> TinyBook:
    """A committed book with one chapter, whose site and notebook are built."""
    tiny.chapter("one", "")
    tiny.contents("book/one")
    build = tiny.root / "_build"
    for path in ("site/index.html", "site/book/one.html", "site/_static/style.css", "notebooks/book/one.ipynb"):
        (build / path).parent.mkdir(parents=True, exist_ok=True)
        (build / path).write_text(path)
    (tiny.root / ".gitignore").write_text("_build\n*.css\n")
    git(tiny.root, "init", "-q", "-b", "main")
    git(tiny.root, "add", "book")
    git(tiny.root, "commit", "-qm", "the book")
    for name, path in (("ROOT", "."), ("BUILD", "_build"), ("SITE", "_build/site"), ("NOTEBOOKS", "_build/notebooks")):
        monkeypatch.setattr(publish, name, tiny.root / path)
    return tiny


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    return folder


def files(remote: Path, branch: str) -> list[str]:
    return git(remote, "ls-tree", "-r", "--name-only", branch).splitlines()


def commits(remote: Path) -> dict[str, str]:
    lines = git(remote, "for-each-ref", "--format=%(refname:short) %(objectname)").splitlines()
    return dict(line.split() for line in lines)


def test_the_site_and_the_notebooks_are_published_with_what_git_ignores(built: TinyBook, remote: Path) -> None:
    assert publish.publish(str(remote)) == ["notebooks", "gh-pages"]
    assert files(remote, "gh-pages") == [".nojekyll", "_static/style.css", "book/one.html", "index.html"]
    assert files(remote, "notebooks") == ["book/one.ipynb"]
    assert git(remote, "log", "-1", "--format=%s", "gh-pages") == f"Built from {git(built.root, 'rev-parse', 'HEAD')}"


def test_the_working_tree_and_its_index_stay_as_they_were(built: TinyBook, remote: Path) -> None:
    (built.root / "book" / "new.md").write_text("staged")
    git(built.root, "add", "book/new.md")
    before = git(built.root, "status", "--porcelain")
    publish.publish(str(remote))
    assert git(built.root, "status", "--porcelain") == before
    assert git(built.root, "branch", "--list") == "* main"


def test_what_is_published_already_is_not_published_again(
    built: TinyBook, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish.main([str(remote)]) == 0
    before = commits(remote)
    assert publish.main([str(remote)]) == 0
    assert "nothing to publish" in capsys.readouterr().out
    assert commits(remote) == before
    (built.root / "_build/site/index.html").write_text("news")
    assert publish.publish(str(remote)) == ["gh-pages"]
    assert commits(remote)["notebooks"] == before["notebooks"]
    assert git(remote, "rev-list", "--count", "gh-pages") == "1", "old sites do not make the repository heavy"


def test_students_copies_of_the_notebooks_can_be_brought_forward(built: TinyBook, remote: Path, tmp_path: Path) -> None:
    publish.publish(str(remote))
    git(tmp_path, "clone", "-q", "--branch", "notebooks", str(remote), "student")
    (built.root / "_build/notebooks/book/one.ipynb").write_text("news")
    publish.publish(str(remote))
    git(tmp_path / "student", "pull", "-q", "--ff-only")
    assert (tmp_path / "student" / "book" / "one.ipynb").read_text() == "news"


@pytest.mark.parametrize("branch", ["notebooks", "gh-pages"])
def test_when_one_branch_is_refused_both_stay_as_they_were(built: TinyBook, remote: Path, branch: str) -> None:
    publish.publish(str(remote))
    before = commits(remote)
    for path in ("site/index.html", "notebooks/book/one.ipynb"):
        (built.root / "_build" / path).write_text("news")
    hook = remote / "hooks" / "update"
    hook.write_text(f'#!/bin/sh\n[ "$1" != refs/heads/{branch} ]\n')
    hook.chmod(0o755)
    with pytest.raises(PublishError, match="git push failed, and nothing was published"):
        publish.publish(str(remote))
    assert commits(remote) == before


def test_what_somebody_else_published_meanwhile_is_not_overwritten(
    built: TinyBook, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish.publish(str(remote))
    before = publish.published(str(remote))
    (built.root / "_build/site/index.html").write_text("theirs")
    publish.publish(str(remote))
    theirs = commits(remote)
    (built.root / "_build/site/index.html").write_text("ours")
    monkeypatch.setattr(publish, "published", lambda _: before)
    with pytest.raises(PublishError, match="push failed"):
        publish.publish(str(remote))
    assert commits(remote) == theirs


@pytest.mark.parametrize("missing", ["site/book/one.html", "notebooks/book/one.ipynb"])
def test_a_book_that_is_not_whole_is_not_published(built: TinyBook, remote: Path, missing: str) -> None:
    (built.root / "_build" / missing).unlink()
    with pytest.raises(PublishError, match=rf"^{missing} .*missing\. First: make book$"):
        publish.publish(str(remote))
    assert commits(remote) == {}


def test_a_remote_that_is_not_there_is_a_sentence(built: TinyBook, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main([str(built.root / "nowhere")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("upright: git ls-remote failed, and nothing was published: ")
    assert "Traceback" not in said


def test_the_wheels_of_older_versions_and_the_domain_stay_on_the_site(built: TinyBook, remote: Path) -> None:
    """Notebooks that students saved install the version of their day."""
    site = built.root / "_build" / "site"
    (site / "upright-1.0.0-py3-none-any.whl").write_text("first")
    publish.publish(str(remote))
    clone = built.root / "clone"
    git(built.root, "clone", "-q", "-b", "gh-pages", str(remote), str(clone))
    (clone / "CNAME").write_text("course.example.org")
    git(clone, "add", "CNAME")
    git(clone, "commit", "-qm", "a domain")
    git(clone, "push", "-q", "origin", "gh-pages")
    (site / "upright-1.0.0-py3-none-any.whl").rename(site / "upright-1.1.0-py3-none-any.whl")
    (site / "book" / "one.html").unlink()
    (site / "book" / "one.html").write_text("new")
    assert publish.publish(str(remote)) == ["gh-pages"]
    names = files(remote, "gh-pages")
    assert {"CNAME", "upright-1.0.0-py3-none-any.whl", "upright-1.1.0-py3-none-any.whl"} < set(names)
    assert git(remote, "show", "gh-pages:upright-1.0.0-py3-none-any.whl") == "first"
    assert git(remote, "rev-list", "--count", "gh-pages") == "1"
    assert publish.publish(str(remote)) == []


def test_a_wheel_of_the_same_version_is_the_new_sites(built: TinyBook, remote: Path) -> None:
    wheel = built.root / "_build" / "site" / "upright-1.0.0-py3-none-any.whl"
    for text in ("first", "mended"):
        wheel.write_text(text)
        assert "gh-pages" in publish.publish(str(remote))
        assert git(remote, "show", f"gh-pages:{wheel.name}") == text
