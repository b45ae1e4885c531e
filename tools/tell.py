"""Tell the maintainers: open an issue with a title and the text of a file, or bring the open one up to date.

    python -m tools.tell TITLE FILE

Uses GitHub's command `gh`, which the workflows have. Without the file there is nothing to tell. Exit code: that of gh.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def gh(*arguments: str) -> str:
    return subprocess.run(["gh", "issue", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def tell(title: str, file: Path) -> str:
    """What was done. Raises CalledProcessError where gh does."""
    listed = json.loads(gh("list", "--state", "open", "--limit", "500", "--json", "number,title"))
    numbers = [str(issue["number"]) for issue in listed if issue["title"] == title]
    if numbers:
        gh("edit", numbers[0], "--body-file", str(file))
        return f"issue {numbers[0]} says what is known now"
    return gh("create", "--title", title, "--body-file", str(file)).strip()


def main(arguments: list[str]) -> int:
    title, file = arguments[0], Path(arguments[1])
    if not file.is_file():
        print(f"{file} is not there: nothing to tell")
        return 0
    try:
        print(tell(title, file))
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
