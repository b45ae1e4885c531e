"""Compare what Colab publishes of its runtime with the dated facts that `make colab` simulates.

    python -m tools.canary [FOLDER]      FOLDER holds pip-freeze.txt, os-info.txt; default: they are downloaded

Prints the differences that matter as Markdown, and writes them into _build/canary.md. Exit code 0: none; 1: some; 2:
Colab's lists could not be had or read; _build/canary.md then says why.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tools.chapters import BUILD, ROOT

FACTS = ROOT / "tools" / "colab_facts.json"
REPORT = BUILD / "canary.md"  # the text of an issue
LISTS = "https://raw.githubusercontent.com/googlecolab/backend-info/main"
FILES = ("pip-freeze.txt", "os-info.txt")
TIMEOUT = 60
# A package of the index, or a file: `torch @ https://…/torch-2.11.0%2Bcpu-cp313-….whl`.
FROZEN = re.compile(r"([A-Za-z0-9][\w.-]*)(?:==([\w.!+-]+)| @ \S*/[\w.]+-(\d[\d.]*\d)\S*)")
SYSTEM = {"Python": re.compile(r"(?m)^Python (\d+\.\d+)"), "Ubuntu": re.compile(r"(?m)^Ubuntu (\d+\.\d+)")}


class CanaryError(Exception):
    """Colab's lists cannot be had or read; the message says why and what to do."""


def facts() -> dict[str, Any]:
    """What is known of Colab's runtime: its date, versions of Python and Ubuntu, and packages by canonical name."""
    found: dict[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))
    return found


def published(folder: str | None) -> dict[str, str]:
    """The text of each of FILES, from a folder or from Colab's repository. Raises CanaryError."""
    found = {}
    for name in FILES:
        try:
            if folder is not None:
                found[name] = (Path(folder) / name).read_text(encoding="utf-8")
            else:
                with urllib.request.urlopen(f"{LISTS}/{name}", timeout=TIMEOUT) as answer:
                    found[name] = answer.read().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            place = f"{folder or LISTS}/{name}"
            told = "Try again later, or download the lists and name their folder: python -m tools.canary FOLDER"
            raise CanaryError(f"{place} cannot be read ({error}). {told}") from error
    return found


def packages(text: str) -> dict[str, str]:
    """The versions in a pip-freeze.txt, by canonical name. Raises CanaryError when there are none."""
    matches = [FROZEN.fullmatch(line.strip()) for line in text.splitlines()]
    found: dict[str, str] = {canonicalize_name(match[1]): match[2] or match[3] for match in matches if match}
    if not found:
        raise CanaryError(
            "pip-freeze.txt: no line names a package as NAME==VERSION; look whether its form has changed."
        )
    return found


def system(text: str) -> dict[str, str]:
    """The versions of Python and Ubuntu in an os-info.txt, two numbers each. Raises CanaryError."""
    found = {name: pattern.search(text) for name, pattern in SYSTEM.items()}
    missing = [name for name, match in found.items() if not match]
    if missing:
        raise CanaryError(f"os-info.txt: no line names {' or '.join(missing)}; look whether its form has changed.")
    return {name: match[1] for name, match in found.items() if match}


def differences(known: dict[str, Any], now: dict[str, str], machine: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """What differs and matters: name, version in the facts, version now, and what it means for the course.

    Python, Ubuntu and the packages that the course uses itself count whenever they change; what those bring counts when
    its first number changes or when it is gone.
    """
    found = [
        (name, known[name.lower()], machine[name], "the simulation needs another one")
        for name in SYSTEM
        if machine[name] != known[name.lower()]
    ]
    takes = wheel_requirements()
    for name, before in known["packages"].items():
        after = now.get(name)
        if after is None:
            found.append((name, before, "gone", "the first cell may have to install it"))
        elif after != before and (name in known["watched"] or _major(after) != _major(before)):
            refused = name in takes and not takes[name].specifier.contains(after, prereleases=True)
            meaning = f"the first cell would change it: the course takes {takes[name]}" if refused else "run make colab"
            found.append((name, before, after, meaning))
    found += [(name, "absent", now[name], "there before the first cell") for name in known["absent"] if name in now]
    return found


def _major(version: str) -> str:
    try:
        return str(Version(version).major)
    except InvalidVersion:
        return version


def wheel_requirements() -> dict[str, Requirement]:
    """What the course's wheel asks for, by canonical name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [Requirement(line) for line in project["dependencies"]]
    return {str(canonicalize_name(requirement.name)): requirement for requirement in found}


def report(known: dict[str, Any], found: list[tuple[str, str, str, str]]) -> str:
    """The differences as Markdown. What Colab's lists say is escaped: it ends in an issue."""
    if not found:
        return f"Colab's runtime has nothing that matters and is not in the facts of {known['date']}."
    lines = [
        f"Colab's runtime differs from the facts of {known['date']} (`tools/colab_facts.json`).",
        "",
        "| What | Facts | Colab now | What it means |",
        "|---|---|---|---|",
        *("| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in found),
        "",
        f"Source: {known['source']}. Write the new versions and their date into the facts, then run `make colab`: "
        "it tells whether every chapter and lab still runs.",
    ]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return re.sub(r"([\\|`<>\[\]@#*])", r"\\\1", text)


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print("upright: python -m tools.canary takes at most one folder, which holds Colab's lists.", file=sys.stderr)
        return 2
    known = facts()
    REPORT.unlink(missing_ok=True)
    try:
        texts = published(arguments[0] if arguments else None)
        found = differences(known, packages(texts["pip-freeze.txt"]), system(texts["os-info.txt"]))
    except CanaryError as error:
        print(f"upright: {error}", file=sys.stderr)
        _write(f"What Colab has now is not known. {_escaped(str(error))}")
        return 2
    print(report(known, found))
    if found:
        _write(report(known, found))
    return int(bool(found))


def _write(text: str) -> None:
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
