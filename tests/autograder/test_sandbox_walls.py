"""What code inside each sandbox can see and do: everything is really tried there."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyseccomp
import pytest

from autograder.sandbox.filters import REFUSED
from tests.autograder.conftest import Box

ROOT = Path(__file__).resolve().parents[2]
CLONE_NEWUSER, SIGCHLD, TIOCSTI, ENOSYS, EPERM = 0x10000000, 17, 0x5412, 38, 1
LOOKING = """
import ctypes, json, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)

def attempt(action, *args):
    try:
        return "worked" if action(*args) is not False else "no"
    except OSError as error:
        return type(error).__name__

def error_of(name, *args):
    ctypes.set_errno(0)
    return ctypes.get_errno() if getattr(libc, name)(*map(ctypes.c_ulong, args)) == -1 else 0

def connect(family, address, kind):
    socket.socket(family, kind).connect(address)

header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
"""


def _look(box: Box, **questions: str) -> dict[str, Any]:
    """What each expression gives inside, as JSON."""
    answers = ", ".join(f"{name!r}: {expression}" for name, expression in questions.items())
    seen = box.run(f"{LOOKING}\nprint('ANSWERS' + json.dumps({{{answers}}}))")
    assert "ANSWERS" in seen.printed, seen
    answered: dict[str, Any] = json.loads(seen.printed.split("ANSWERS")[1])
    return answered


def test_numpy_works_inside(box: Box) -> None:
    assert _look(box, found="float(__import__('numpy').linalg.norm([3.0, 4.0]))") == {"found": 5.0}


def test_files_of_the_host_cannot_be_read(box: Box, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    paths = (secret, "/etc/shadow", "/etc/passwd", "/etc/hostname", ROOT / "README.md", ROOT / "tests" / "conftest.py")
    existing = [str(path) for path in paths if Path(path).exists()]
    answers = _look(box, found=f"{{path: attempt(open, path) for path in {existing!r}}}")
    assert "worked" not in answers["found"].values(), answers


def test_nothing_can_be_written_except_in_the_own_folder(box: Box) -> None:
    folders = ["/", "/etc", "/usr", "/var/tmp", "/run", "/dev", "/dev/shm", *box.runtime.path]
    inside = _look(
        box,
        there=f"{{path: attempt(open, path + '/upright-test', 'w') for path in {folders!r}}}",
        at_home="attempt(open, os.environ['HOME'] + '/upright-test', 'w')",
    )
    assert inside["at_home"] == "worked"
    assert "worked" not in inside["there"].values(), inside["there"]


def test_the_kernels_settings_can_neither_be_read_where_it_matters_nor_written(box: Box) -> None:
    written = ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger"]
    read = ["/proc/kcore", "/sys/kernel/security/lsm", "/sys/class/dmi/id/product_serial"]
    answers = _look(
        box,
        written=f"[path for path in {written!r} if attempt(open, path, 'a') == 'worked']",
        read=f"[path for path in {read!r} if attempt(open, path) == 'worked']",
        listed="[path for path in ('/sys/block', '/sys/fs/cgroup') if attempt(os.listdir, path) == 'worked']",
    )
    assert answers == {"written": [], "read": [], "listed": []}


def test_the_graders_environment_is_nowhere(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_SECRET", "hidden")
    inside = _look(
        box,
        own="dict(os.environ)",
        first="[name for name in ('environ', 'mem', 'maps') if attempt(open, '/proc/1/' + name, 'rb') == 'worked']",
        seen="attempt(os.listdir, '/proc') == 'worked' and [pid for pid in os.listdir('/proc') if pid.isdigit()] or []",
    )
    assert set(inside["own"]) <= {
        *("HOME", "TMPDIR", "PATH", "LANG", "LC_CTYPE", "PWD"),
        *("PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"),
    }
    assert inside["first"] == []
    assert len(inside["seen"]) <= 3, "processes of the host are to be seen"


def test_the_user_is_nobody_of_the_host_and_has_no_capabilities(box: Box) -> None:
    inside = _look(
        box,
        ids="[*os.getresuid(), *os.getresgid()]",
        groups="os.getgroups()",
        root="attempt(os.setuid, 0)",
        locked="libc.prctl(39, 0, 0, 0, 0)",
        bounding="max(libc.prctl(23, capability, 0, 0, 0) for capability in range(40))",
        held="error_of('capget', ctypes.addressof(header), ctypes.addressof(sets)) or bytes(sets).hex().strip('0')",
    )
    assert len(set(inside["ids"])) == 1
    assert inside["ids"][0] >= 40_000
    assert set(inside["groups"]) <= {inside["ids"][0]}
    assert inside["root"] != "worked"
    assert inside["held"] == "", "a capability is effective, permitted or inheritable"
    assert inside["bounding"] == 0
    assert inside["locked"] == 1, "no_new_privs is not set"


def test_only_the_five_descriptors_are_open(box: Box) -> None:
    with Path("/etc/passwd").open() as file:
        os.set_inheritable(file.fileno(), True)
        inside = _look(box, found="[n for n in range(4096) if attempt(os.fstat, n) == 'worked']")
    assert inside["found"] == [0, 1, 2, 3, 4]


@contextmanager
def _listening() -> Iterator[tuple[int, str]]:
    name = f"\0upright-test-{id(object())}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix:
        unix.bind(name)
        yield tcp.getsockname()[1], name


def test_no_socket_reaches_the_host(box: Box) -> None:
    with _listening() as (port, name):
        inside = _look(
            box,
            tcp=f"attempt(connect, socket.AF_INET, ('127.0.0.1', {port}), socket.SOCK_STREAM)",
            tcp6="attempt(connect, socket.AF_INET6, ('::1', 80), socket.SOCK_STREAM)",
            udp="attempt(connect, socket.AF_INET, ('127.0.0.1', 53), socket.SOCK_DGRAM)",
            abstract=f"attempt(connect, socket.AF_UNIX, {name!r}, socket.SOCK_DGRAM)",
            netlink="attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))",
            pair=f"attempt(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', {name!r}))",
        )
    assert set(inside.values()) == {"PermissionError"}


def test_every_refused_system_call_is_refused(box: Box) -> None:
    numbers = {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in REFUSED}
    known = {name: number for name, number in numbers.items() if number >= 0}
    assert len(known) > 80
    inside = _look(box, found=f"{{name: error_of('syscall', number) for name, number in {known!r}.items()}}")
    assert {name: error for name, error in inside["found"].items() if error != EPERM} == {}


def test_new_namespaces_are_refused_however_they_are_asked_for(box: Box) -> None:
    clone, clone3 = (pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in ("clone", "clone3"))
    inside = _look(
        box,
        clone=f"error_of('syscall', {clone}, {CLONE_NEWUSER | SIGCHLD}, 0, 0, 0, 0)",
        clone3=f"error_of('syscall', {clone3}, 0, 0)",
    )
    assert inside == {"clone": EPERM, "clone3": ENOSYS}


def test_a_terminal_cannot_be_typed_into_by_setting_bits_that_the_kernel_ignores(box: Box) -> None:
    inside = _look(box, plain=f"error_of('ioctl', 0, {TIOCSTI})", upper=f"error_of('ioctl', 0, {TIOCSTI | 1 << 32})")
    assert inside == {"plain": EPERM, "upper": EPERM}


def test_threads_and_child_processes_still_work(box: Box) -> None:
    command = [box.runtime.python, "-I", "-S", "-c", "print(7)"]
    assert _look(
        box,
        child=f"int(__import__('subprocess').run({command!r}, capture_output=True).stdout)",
        thread="list(__import__('concurrent.futures').futures.ThreadPoolExecutor(2).map(abs, [-1, -2]))",
    ) == {"child": 7, "thread": [1, 2]}
