"""`make namespaces` lets ordinary users make what the autograder's sandbox is made of, or says how."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import environment


def test_namespaces_are_allowed_where_the_kernel_has_a_switch_and_left_alone_elsewhere(tmp_path: Path) -> None:
    switch = tmp_path / "restrict"
    environment.allow_namespaces(str(switch))
    assert not switch.exists()
    switch.write_text("1\n")
    environment.allow_namespaces(str(switch))
    assert switch.read_text() == "0\n"


def test_without_root_the_command_is_told_that_allows_namespaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = tmp_path / "restrict"
    switch.write_text("1\n")
    monkeypatch.setattr(environment, "may_be_root", lambda: False)
    with pytest.raises(environment.Stop, match=r"sudo sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0"):
        environment.allow_namespaces(str(switch))
    assert switch.read_text() == "1\n"
