"""Make the files of a release: the wheel, the site and the labs as zips, the notes, and a hash of each.

    python -m tools.release

They lie in _build/release. Exit code 1 with a sentence when the version, the changelog and the tree do not agree.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from tools import book, student_release, wheel
from tools.chapters import BUILD, ROOT

FOLDER = BUILD / "release"


class ReleaseError(Exception):
    """What stands between the tree and a release; the message says what to do."""


def version() -> str:
    """The version that pyproject.toml and CITATION.cff name. Raises ReleaseError."""
    named = str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    cited = str(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")).get("version"))
    if named != cited:
        raise ReleaseError(f"pyproject.toml has version {named} and CITATION.cff {cited}. Make them the same.")
    return named


def notes(number: str) -> str:
    """What CHANGELOG.md says of a version, whose heading has a date. Raises ReleaseError."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"(?ms)^## {re.escape(number)} \(\d{{4}}-\d\d-\d\d\)\n(.*?)(?=^## |\Z)", text)
    if not found:
        raise ReleaseError(f"CHANGELOG.md has no heading like ## {number} (2026-12-31). Give the version its date.")
    if not found[1].strip():
        raise ReleaseError(f"CHANGELOG.md says nothing below ## {number}. Write what changed.")
    return found[1].strip() + "\n"


def check_tree() -> None:
    """A release is what a commit holds. Raises ReleaseError."""
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True).stdout
    if changed:
        raise ReleaseError(f"these files are not committed:\n{changed.rstrip()}\nCommit them, then release.")


def collect(number: str, text: str) -> list[Path]:
    """Copy what was built into FOLDER, beside the notes and the hashes. Returns the files."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    shutil.copy(wheel.build(), FOLDER)
    shutil.copy(BUILD / "upright-site.zip", FOLDER / f"upright-site-{number}.zip")
    shutil.copy(student_release.TARGET, FOLDER / f"upright-labs-{number}.zip")
    (FOLDER / "notes.md").write_text(text, encoding="utf-8")
    files = sorted(FOLDER.iterdir())
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (FOLDER / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    return [*files, FOLDER / "SHA256SUMS"]


def main() -> int:
    try:
        number = version()
        text = notes(number)
        check_tree()
    except ReleaseError as error:
        print(f"upright: {error}", file=sys.stderr)
        return 1
    if book.main() != 0 or student_release.main() != 0:
        return 1
    for path in collect(number, text):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB")
    folder = FOLDER.relative_to(ROOT)
    print(f"To publish:\n  git tag v{number}\n  git push origin v{number}")
    print(f"  gh release create v{number} --notes-file {folder}/notes.md {folder}/upright-* {folder}/SHA256SUMS")
    return 0


if __name__ == "__main__":
    sys.exit(main())
