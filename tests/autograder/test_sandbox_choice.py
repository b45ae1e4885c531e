"""Which sandbox is chosen, and what is said where none works; and the parts that all of them stand on."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

import autograder
from autograder.sandbox import BACKENDS, Limits, NoSandbox, Runtime, cgroup, choose, identity, scratch, survey
from autograder.sandbox.backends import find
from autograder.sandbox.cgroup import Cgroup
from tests.autograder.conftest import LIMITS, Box, ask

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="users can be set aside by root only")
NAMES = ["bubblewrap-root", "bubblewrap-userns", "landlock"]


def test_a_back_end_that_works_is_chosen_by_its_name(box: Box) -> None:
    if box.foreign:
        pytest.skip("root does not choose the user namespace")
    assert choose(name=box.backend.name, runtime=box.runtime).name == box.backend.name


@ROOT_ONLY
def test_a_user_alone_is_taken_only_by_its_name(everyones: Runtime) -> None:
    assert choose(name="user", runtime=everyones).name == "user"
    assert "user" not in [finding.name for finding in survey(everyones)]
    with pytest.raises(NoSandbox, match=r"works here\. user: other users may not enter"):
        choose(name="user", runtime=replace(everyones, python="/root/python"))


def test_every_back_end_is_surveyed_best_first(everyones: Runtime) -> None:
    findings = survey(everyones)
    assert [finding.name for finding in findings] == NAMES
    assert all(finding.reason for finding in findings)


def test_without_bubblewrap_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    name = "bubblewrap-root" if os.geteuid() == 0 else "bubblewrap-userns"
    with pytest.raises(NoSandbox, match=rf"{name}: bwrap is missing; on Debian: apt-get install bubblewrap"):
        choose(name=name)


def test_where_nothing_works_every_back_end_is_named_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, everyones: Runtime
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    python = private / "python"
    python.symlink_to(everyones.python)
    with pytest.raises(NoSandbox) as caught:
        choose(runtime=replace(everyones, python=str(python)))
    assert all(f"{name}: " in str(caught.value) for name in NAMES)


def test_a_start_that_fails_leaves_no_control_group(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made: list[Cgroup] = []
    make = Cgroup.make

    def counted(limits: Limits) -> Cgroup | None:
        if group := make(limits):
            made.append(group)
        return group

    monkeypatch.setattr(Cgroup, "make", counted)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not any(find(backend, Runtime.detect()).works for backend in BACKENDS[:2])
    assert [folder for group in made for folder in group.folders if folder.exists()] == []


def test_a_container_without_control_groups_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cgroup, "MOUNT", tmp_path)  # as where nothing is mounted at /sys/fs/cgroup
    assert Cgroup.make(LIMITS) is None
    (tmp_path / "cgroup.subtree_control").write_text("")  # as in an ordinary container of version 2
    assert Cgroup.make(LIMITS) is None


def test_an_interpreter_that_other_users_cannot_reach_is_named(everyones: Runtime, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "packages").mkdir()
    hidden = replace(everyones, path=(str(private / "packages"),)).hidden_from(64_123)
    assert hidden is not None
    assert not Path(hidden).stat().st_mode & stat.S_IXOTH
    assert everyones.hidden_from(64_123) is None


def test_unsafe_must_be_asked_for_and_says_so_by_its_name(everyones: Runtime) -> None:
    backend = choose(unsafe=True)
    assert backend.name == "unsafe"
    process = backend.start(LIMITS, everyones)
    ask(process, "import time\ntime.sleep(60)")
    home = process.home
    assert home is not None
    assert home.is_dir()
    assert process.stop().signal == signal.SIGKILL
    assert not home.exists()


@pytest.mark.parametrize(
    ("uid_map", "lowest"),
    [
        ("         0          0 4294967295\n", 1_900_000_000),
        ("0 100000 65536\n", 40_000),
        ("0 1000 1\n1 100000 65535\n", 40_000),
    ],
)
def test_a_container_that_knows_few_users_gets_low_ones(uid_map: str, lowest: int) -> None:
    assert identity.first(uid_map) == lowest


def test_a_container_that_knows_one_user_is_told_what_it_lacks() -> None:
    with pytest.raises(identity.NoIdentity, match=r"knows too few users; give it a range of 65,536"):
        identity.first("0 1000 1\n")


@ROOT_ONLY
def test_two_graders_never_hold_the_same_user() -> None:
    own = identity.take()
    answer, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(told, str(identity.take()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(answer, 100)) != own
    os.close(answer)
    os.close(told)
    assert identity.take() != own
    identity.give_back(own)


@ROOT_ONLY
def test_the_users_processes_cannot_defend_themselves_against_their_end() -> None:
    uid = identity.take()
    child = os.fork()
    if child == 0:
        os.setresuid(uid, uid, uid)
        while True:  # kills whatever this user may kill, again and again
            try:
                os.kill(-1, signal.SIGKILL)
            except OSError:
                time.sleep(0)
    time.sleep(0.1)
    identity.kill_all(uid)
    assert identity.processes(uid) == []
    identity.give_back(uid)


def test_files_are_counted_with_those_in_folders_below(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(bytes(100_000))
    assert not scratch.exceeds(tmp_path, 200_000)
    assert scratch.exceeds(tmp_path, 50_000)


def test_links_are_not_followed_when_files_are_counted_or_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(bytes(500_000))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    assert not scratch.exceeds(inside, 100_000)
    scratch.remove(inside)
    assert not inside.exists()
    assert (outside / "kept").exists()


def test_a_folder_that_may_not_be_entered_is_removed(tmp_path: Path) -> None:
    closed = tmp_path / "folder" / "closed"
    closed.mkdir(parents=True)
    (closed / "file").touch()
    closed.chmod(0)
    scratch.remove(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_too_deep_a_folder_exceeds_every_limit_and_is_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(400):
        os.mkdir("d" * 20, dir_fd=here)
        inner = os.open("d" * 20, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert scratch.exceeds(top, 10**12)
    scratch.remove(top)
    assert not top.exists()


@ROOT_ONLY
def test_a_course_that_lies_below_tmp_is_seen_inside() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        here = Runtime.detect()
        for package in ("autograder", "upright"):
            shutil.copytree(Path(autograder.__file__).parent.parent / package, folder / package)
        packages = tuple(path for path in here.path if "site-packages" in path)
        runner = str(folder / "autograder" / "runner.py")
        runtime = replace(here, path=(name, *packages), readable=(*here.readable, name), runner=runner)
        assert find(BACKENDS[0], runtime).works
