"""`autograder doctor` tells what works here, and what would mend what does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder import doctor
from autograder.sandbox import NoSandbox, choose


def _chosen() -> str | None:
    try:
        return choose().name
    except NoSandbox:
        return None


def test_the_sandbox_that_the_grader_uses_is_marked_and_decides_the_exit_code() -> None:
    lines, code = doctor.report()
    chosen = _chosen()
    assert code == (0 if chosen else 4)
    assert [line.split()[1] for line in lines if line.split()[0] == "used"] == ([chosen] if chosen else [])


def test_every_back_end_that_does_not_work_has_a_reason() -> None:
    lines, _ = doctor.report()
    found = {line.split()[1]: line.split()[2:] for line in lines if line.split()[0] in ("used", "works", "no")}
    assert list(found) == ["bubblewrap-root", "bubblewrap-userns", "landlock"]
    assert all(found[line.split()[1]] for line in lines if line.split()[0] == "no")


def test_missing_bubblewrap_is_told_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    lines, code = doctor.report()
    name = "bubblewrap-root" if os.geteuid() == 0 else "bubblewrap-userns"
    (line,) = [line for line in lines if name in line]
    assert "apt-get install bubblewrap" in line
    assert code == (0 if _chosen() else 4)


@pytest.mark.parametrize("part", ["user", "bubblewrap", "seccomp", "Landlock", "cgroup", "Python"])
def test_each_part_that_a_sandbox_stands_on_is_told(part: str) -> None:
    lines, _ = doctor.report()
    (line,) = [line for line in lines if line.startswith(f"  {part} ")]
    assert len(line.split()) > 1
