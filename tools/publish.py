"""Publish the built site and the notebooks that its buttons open, both or neither.

    python -m tools.publish [REMOTE]       default: origin

The site goes to the branch `gh-pages`, the notebooks to the branch `notebooks`, in one atomic push: no button ever
points at what is not there. The site's branch holds one commit, so that old sites do not make the repository heavy. Of
the old site it keeps the wheels of other versions, which notebooks that students saved install, and the file in which
GitHub Pages keeps a domain. A branch that holds the same files already is left as it is. The working tree and its index
are not touched.

Exit code 0; 1 with a sentence when there is nothing to publish, or when the remote refuses.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from extensions.repository import NOTEBOOK_BRANCH
from tools.chapters import BUILD, ROOT, chapters, labs, pages

SITE_BRANCH = "gh-pages"
KEPT = re.compile(r"upright-[^/]+\.whl|CNAME")  # of the site that was published before
SITE, NOTEBOOKS = BUILD / "site", BUILD / "notebooks"
AUTHOR = {
    "GIT_AUTHOR_NAME": "Upright",
    "GIT_AUTHOR_EMAIL": "upright@users.noreply.github.com",
    "GIT_COMMITTER_NAME": "Upright",
    "GIT_COMMITTER_EMAIL": "upright@users.noreply.github.com",
}


class PublishError(Exception):
    """Why nothing was published; the message says what to do."""


def git(*arguments: str, **environment: str) -> str:
    """What a git command prints. Raises PublishError with its message."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise PublishError(f"git {arguments[0]} failed, and nothing was published: {done.stderr.strip()[-800:]}")
    return done.stdout.strip()


def check() -> None:
    """Raises PublishError where a page or a notebook was not built."""
    wanted = [SITE / f"{page}.html" for page in pages()] + [NOTEBOOKS / f"{page}.ipynb" for page in chapters() + labs()]
    missing = [str(path.relative_to(BUILD)) for path in wanted if not path.is_file()]
    if missing:
        raise PublishError(f"{', '.join(missing[:3])} and so {len(missing)} files are missing. First: make book")


def tree(folder: Path, kept: list[str]) -> str:
    """The id of a git tree that holds the folder, and nothing that git ignores elsewhere is left out.

    kept: lines of `git ls-tree`, files of another tree to be there too, unless the folder has one of that name.
    """
    with tempfile.TemporaryDirectory() as name:
        index = {"GIT_INDEX_FILE": str(Path(name) / "index"), "GIT_WORK_TREE": str(folder)}
        git("add", "--all", "--force", ".", **index)
        if folder == SITE:
            # Else GitHub Pages leaves out every folder whose name begins with an underscore.
            empty = git("hash-object", "-w", "--stdin", "-t", "blob")
            git("update-index", "--add", "--cacheinfo", f"100644,{empty},.nojekyll", **index)
        for mode, _, blob, name in (line.split(maxsplit=3) for line in kept):
            if not (folder / name).exists():
                git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{name}", **index)
        return git("write-tree", **index)


def kept(commit: str) -> list[str]:
    """What a published site leaves to the next one, as lines of `git ls-tree`."""
    lines = git("ls-tree", commit).splitlines() if commit else []
    return [line for line in lines if KEPT.fullmatch(line.split(maxsplit=3)[3])]


def published(remote: str) -> dict[str, str]:
    """The commits of the two branches on the remote, by branch; those that are there."""
    lines = git("ls-remote", "--heads", remote, SITE_BRANCH, NOTEBOOK_BRANCH).splitlines()
    return {name.removeprefix("refs/heads/"): commit for commit, name in (line.split() for line in lines)}


def publish(remote: str) -> list[str]:
    """Publish, and return the branches that changed. Raises PublishError; then both branches are as they were."""
    check()
    source = git("rev-parse", "HEAD")
    before = published(remote)
    changed, arguments = [], []
    for branch, folder in ((NOTEBOOK_BRANCH, NOTEBOOKS), (SITE_BRANCH, SITE)):
        old = before.get(branch, "")
        if old:
            git("fetch", "--quiet", "--no-tags", remote, old)
        wanted = tree(folder, kept(old) if folder == SITE else [])
        if old and git("rev-parse", f"{old}^{{tree}}") == wanted:
            continue
        # nbgitpuller brings students' copies forward, so that the notebooks need a history.
        parent = ["-p", old] if old and branch == NOTEBOOK_BRANCH else []
        commit = git("commit-tree", wanted, *parent, "-m", f"Built from {source}", **AUTHOR)
        changed.append(branch)
        # The lease: who published meanwhile is not overwritten.
        arguments += [f"--force-with-lease=refs/heads/{branch}:{old}", f"{commit}:refs/heads/{branch}"]
    if changed:
        options = [each for each in arguments if each.startswith("--")]
        git("push", "--quiet", "--atomic", *options, remote, *(each for each in arguments if each not in options))
    return changed


def main(arguments: list[str]) -> int:
    remote = arguments[0] if arguments else "origin"
    try:
        changed = publish(remote)
    except PublishError as error:
        print(f"upright: {error}", file=sys.stderr)
        return 1
    print(f"published: {', '.join(changed)}" if changed else "nothing to publish: the remote has these files already")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
