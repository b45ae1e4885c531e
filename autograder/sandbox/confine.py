"""The inner half of the sandbox: what the process does to itself before it touches anything of a student.

Standard library only, and imported by its path: it must be quick and must not depend on what it protects from.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 1, 4, 38, 22
PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 47, 4
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_READ = 0b1101  # execute, read a file, read a folder
LAST_RIGHT = {1: 12, 2: 13, 3: 14, 4: 14}  # the highest file right that an ABI knows; 15 (ioctl) from ABI 5
RULE_PATH_BENEATH = 1
WRITTEN = ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern")  # whoever may write there has the whole machine
LAST_DESCRIPTOR = 4  # 0 to 2 as ever, 3 questions, 4 answers


def confine(settings: dict[str, Any]) -> None:
    """Apply what the settings ask for; whatever cannot be applied raises OSError, and nothing of the student runs.

    parent: pid of the grader, or None inside a pid namespace; limits: resource name to hard value; uid: user to become,
    or None; home: the folder that may be written; landlock: folders that may be read, or None; landlock_if_known: the
    same where the kernel has it; seccomp: filter in hex, if the process has none yet.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if settings.get("parent"):
        _prctl(libc, PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != settings["parent"]:
            os._exit(1)
    for descriptor in [int(name) for name in os.listdir("/proc/self/fd")]:
        if descriptor > LAST_DESCRIPTOR:
            with contextlib.suppress(OSError):  # the one that listed the folder is closed already
                os.close(descriptor)
    # Where a whole container runs out of memory, this goes first, and not the grader.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    for name, value in settings.get("limits", {}).items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        # One second more to the kernel's own end: until then a signal tells that it was processor time.
        most = value + 1 if name == "RLIMIT_CPU" else value
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (min(value, most), most))
    os.umask(0o077)
    os.chdir(settings["home"])
    if settings.get("uid"):
        _become(libc, settings["uid"])
    _prctl(libc, PR_SET_NO_NEW_PRIVS, 1)
    _prctl(libc, PR_SET_DUMPABLE, 0)
    if settings.get("uid") and settings.get("parent"):
        _prctl(libc, PR_SET_PDEATHSIG, signal.SIGKILL)  # changing the user cleared it
    readable = settings.get("landlock")
    if readable is None and landlock_abi(libc):
        readable = settings.get("landlock_if_known")
    if readable is not None:
        landlock(libc, readable, settings["home"])
    if settings.get("seccomp"):
        _seccomp(libc, bytes.fromhex(settings["seccomp"]))


def _prctl(libc: ctypes.CDLL, *args: int) -> None:
    numbers = [*args, 0, 0, 0, 0][:5]
    if libc.prctl(*[ctypes.c_ulong(number) for number in numbers]) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {args[0]}: {os.strerror(ctypes.get_errno())}")


def _become(libc: ctypes.CDLL, uid: int) -> None:
    """Give up root, its groups and every capability, for good."""
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # A change of user leaves the inheritable set as it is: version 3 of the call, this process, three empty sets.
    if libc.capset(struct.pack("Ii", 0x20080522, 0), bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (uid, uid, uid):
        raise OSError(1, "the process could not become an unprivileged user")


def landlock_abi(libc: ctypes.CDLL) -> int:
    """The kernel's Landlock version, 0 without it."""
    return max(0, libc.syscall(LANDLOCK_CREATE, None, 0, 1))


def landlock(libc: ctypes.CDLL, readable: list[str], home: str) -> None:
    """Allow reading below `readable`, everything below `home`, a few devices, and nothing else."""
    abi = landlock_abi(libc)
    if abi < 1:
        raise OSError(ctypes.get_errno(), "this kernel has no Landlock")
    all_rights = (1 << (LAST_RIGHT.get(abi, 15) + 1)) - 1
    # handled_access_fs, handled_access_net (TCP bind and connect), scoped (abstract sockets, signals)
    attributes = [all_rights, 0b11 if abi >= 4 else 0, 0b11 if abi >= 6 else 0]
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    data = struct.pack("3Q", *attributes)[:size]
    ruleset = libc.syscall(LANDLOCK_CREATE, data, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    rules = [(path, LANDLOCK_READ) for path in readable] + [(home, all_rights)]
    rules += [(path, 0b110) for path in ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")]
    for path, rights in rules:
        _allow(libc, ruleset, path, rights)
    if libc.syscall(LANDLOCK_RESTRICT, ruleset, 0) != 0:
        raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not os.path.isdir(path):
        rights &= 0b111 | 1 << 14
    data = struct.pack("=Qi", rights, parent)
    if libc.syscall(LANDLOCK_ADD, ruleset, RULE_PATH_BENEATH, data, 0) != 0:
        raise OSError(ctypes.get_errno(), f"landlock_add_rule {path}")
    os.close(parent)


def _seccomp(libc: ctypes.CDLL, program: bytes) -> None:
    class Program(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    filled = Program(len(program) // 8, program)
    if libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(filled), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def probe() -> list[str]:
    """What this process could still do and must not: the words complete "code inside could still ..."."""
    import socket

    found = []
    for family, address in ((socket.AF_INET, ("127.0.0.1", 9)), (socket.AF_UNIX, "\0upright")):
        try:
            socket.socket(family, socket.SOCK_STREAM).bind(address)
            found.append("open a socket")
        except OSError:
            pass
    for path in ("/etc/shadow", "/root/.bashrc", "/proc/1/environ", *WRITTEN):
        try:
            with open(path, "ab" if path in WRITTEN else "rb") as file:
                if path in WRITTEN or file.read(1):
                    found.append(f"open {path}")
        except OSError:
            pass
    if os.geteuid() == 0:
        found.append("act as root")
    try:
        os.chroot("/")
        found.append("call chroot")
    except OSError:
        pass
    return found
