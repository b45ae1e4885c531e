"""Tell the maintainers: open an issue with a title and the text of a file, or bring the open one up to date.

    python -m tools.tell TITLE FILE

For a step that runs after a failure. Without the file, a job that ended before it could write one is what there is to
tell. Where the open issue says something else, a comment tells its readers: a changed text alone notifies nobody. Uses
GitHub's command `gh`, which the workflows have. Exit code: that of gh.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def gh(*arguments: str) -> str:
    return subprocess.run(["gh", "issue", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def tell(title: str, text: str) -> str:
    """What was done. Raises CalledProcessError where gh does."""
    listed = json.loads(gh("list", "--state", "open", "--limit", "500", "--json", "number,title,body"))
    for issue in listed:
        if issue["title"] != title:
            continue
        number = str(issue["number"])
        if _plain(issue["body"]) == _plain(text):
            return f"issue {number} says so already"
        gh("edit", number, "--body", text)
        gh("comment", number, "--body", "This changed: the text above is new.")
        return f"issue {number} says what is known now"
    return gh("create", "--title", title, "--body", text).strip()


def _plain(text: str) -> str:
    """GitHub keeps line ends of its own."""
    return " ".join(text.split())


def ended_early() -> str:
    """What there is to tell of a job that wrote no report."""
    server, repository, run = (os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    log = f"{server}/{repository}/actions/runs/{run}" if run else "that of the last run"
    return f"A job failed and left no report. Its log says why: {log}\n"


def main(arguments: list[str]) -> int:
    title, file = arguments[0], Path(arguments[1])
    try:
        print(tell(title, file.read_text(encoding="utf-8") if file.is_file() else ended_early()))
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
