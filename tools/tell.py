"""Tell the maintainers: open an issue with a title and the text of a file, or bring the open one up to date.

    python tools/tell.py TITLE FILE

For a step that runs after a failure, and with any Python, because the failure may have been to install one. Without the
file, a job that ended before it could write one is what there is to tell. Below the text stands where the log is. Where
the open issue says something else, a comment tells its readers: a changed text alone notifies nobody. Uses GitHub's
command `gh`, which the workflows have. Exit code: that of gh.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

NO_REPORT = "A job failed before it could say why.\n"
LOG = "The log of the last run: "


def gh(*arguments: str) -> str:
    return subprocess.run(["gh", "issue", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def tell(title: str, text: str) -> str:
    """What was done. Raises CalledProcessError where gh does."""
    body = text + log()
    listed = json.loads(gh("list", "--state", "open", "--limit", "500", "--json", "number,title,body"))
    for issue in listed:
        if issue["title"] != title:
            continue
        number = str(issue["number"])
        gh("edit", number, "--body", body)
        if _words(issue["body"]) == _words(body):
            return f"issue {number} says so already"
        gh("comment", number, "--body", "This changed: the text above is new.")
        return f"issue {number} says what is known now"
    return gh("create", "--title", title, "--body", body).strip()


def log() -> str:
    """Where the log of this run of a workflow is; empty outside of one."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    if not all(os.environ.get(name) for name in names):
        return ""
    server, repository, run = (os.environ[name] for name in names)
    return f"\n{LOG}{server}/{repository}/actions/runs/{run}\n"


def _words(text: str) -> list[str]:
    """What a text says: GitHub keeps line ends of its own, and the log of another run is no news."""
    return [word for line in text.splitlines() if not line.startswith(LOG) for word in line.split()]


def main(arguments: list[str]) -> int:
    title, file = arguments[0], Path(arguments[1])
    try:
        print(tell(title, file.read_text(encoding="utf-8") if file.is_file() else NO_REPORT))
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
