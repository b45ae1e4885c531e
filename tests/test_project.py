"""What the README promises, and the house rules that a reader of the code would notice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.chapters import ROOT

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
# Mistakes and attacks are lists of small programs.
PYTHON = [name for name in TRACKED if name.endswith(".py") and not name.startswith(("solutions/", "tests/attacks/sub"))]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def test_make_help_lists_every_target_for_people() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    listed = {line.split()[1] for line in told.splitlines()}
    assert listed == targets() - {"install", "install-tests"}
    assert {"serve", "book", "notebooks", "test", "check", "bench", "clean", "help"} <= listed


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_that_a_guide_names_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)(?:^|`)make (?:[A-Z]+=\S+ )?([a-z]+(?:-[a-z]+)*)", text))
    assert named <= targets()
    assert "test" in named


def test_the_two_commands_stand_at_the_top_of_the_readme() -> None:
    top = (ROOT / "README.md").read_text(encoding="utf-8")[:600]
    assert "make serve" in top
    assert "make test" in top


def test_continuous_integration_calls_the_readmes_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_requirements_say_why_gym_is_absent_and_how_to_get_torch_for_a_cpu() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert re.search(r"`gym` itself is absent", text)
    assert "https://download.pytorch.org/whl/cpu" in text
    pins = [line.split("#")[0].strip() for line in text.splitlines() if line.split("#")[0].strip()]
    assert all(re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+", pin) for pin in pins), pins


@pytest.mark.parametrize("name", PYTHON)
def test_a_module_is_short_enough_to_be_read(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 300


def test_the_repository_holds_no_large_file() -> None:
    sizes = {name: (ROOT / name).stat().st_size for name in TRACKED if (ROOT / name).is_file()}
    assert {name: size for name, size in sizes.items() if size > 1_000_000} == {}


def test_upright_imports_neither_the_book_nor_a_tool() -> None:
    for path in Path(ROOT / "upright").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) (tools|extensions|benchmarks|tests)\b", text, re.M), path.name


def test_importing_ray_reads_no_grammar() -> None:
    # Each process of Ray imports Ray, so that a second here is five before training starts; see requirements.txt.
    command = [sys.executable, "-c", "import sys, ray; sys.exit('rfc3987_syntax' in sys.modules)"]
    assert subprocess.run(command, check=False).returncode == 0
