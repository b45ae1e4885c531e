"""The sandboxes, best first: what each wraps around the runner, and how each is found to work or not."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox import filters, identity, process
from autograder.sandbox.cgroup import Cgroup
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Process
from autograder.sandbox.runtime import Runtime

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    # One thread each: a submission has one core, and threads count as processes.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
NOBODY = 65_534


@dataclass(frozen=True)
class Backend:
    """name: as results tell it. start(limits, runtime, modules, probe): a new process that runs the runner inside."""

    name: str
    start: Callable[..., Process]


@dataclass(frozen=True)
class Finding:
    """Whether a back end works on this machine, and if not, why and what would mend it."""

    name: str
    works: bool
    reason: str


def _settings(runtime: Runtime, modules: tuple[str, ...], probe: bool, **confine: Any) -> str:
    return json.dumps({"path": runtime.path, "modules": modules, "probe": probe, "confine": confine})


def _rlimits(limits: Limits, cgroup: Cgroup | None) -> dict[str, int]:
    """Limits of each process. Address space is not memory: with a cgroup it only has to be finite."""
    return {
        "RLIMIT_CPU": int(limits.cpu_s),
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NPROC": limits.processes * (2 if cgroup else 1),  # the group tells that its limit was met
        "RLIMIT_NOFILE": 256,
        "RLIMIT_CORE": 0,
        "RLIMIT_STACK": 64_000_000,
        "RLIMIT_AS": limits.memory_bytes * (8 if cgroup else 1) + 1_000_000_000,
    }


def _bubblewrap(program: str, runtime: Runtime, limits: Limits, walls: str, settings: str) -> list[str]:
    """The command line. bubblewrap itself starts with an empty environment (it is process 1 inside); what is inside
    gets ours."""
    command = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    command += ["--die-with-parent", "--hostname", "sandbox", "--proc", "/proc", "--dev", "/dev"]
    # First, since the interpreter or the course may lie below /tmp.
    command += ["--perms", "1777", "--size", str(limits.tmp_bytes), "--tmpfs", "/tmp"]
    # Folders above what is bound would be private to root otherwise, and empty they hold no secret.
    above = {str(parent) for path in runtime.readable for parent in Path(path).parents} - {
        "/",
        "/tmp",
        *runtime.readable,
    }
    for folder in sorted(above):
        if not any(folder.startswith(path + "/") for path in runtime.readable):
            command += ["--perms", "0755", "--dir", folder]
    for path in runtime.readable:
        if Path(path).is_symlink():
            command += ["--symlink", str(Path(path).readlink()), path]
        else:
            command += ["--ro-bind", path, path]
    command += ["--remount-ro", "/"]
    for name, value in {**ENVIRONMENT, "HOME": "/tmp"}.items():
        command += ["--setenv", name, value]
    return [*command, *walls.split(), "--", runtime.python, "-I", "-S", runtime.runner, settings]


def _start_bubblewrap_root(
    limits: Limits, runtime: Runtime, modules: tuple[str, ...] = (), probe: bool = False
) -> Process:
    """As root without a user namespace: with one, the process inside would still be root to the rest of the host."""
    program, refused = _program(), filters.program()  # before anything is made that would be left when these fail
    uid = identity.take()
    cgroup = Cgroup.make(limits)
    settings = _settings(
        runtime,
        modules,
        probe,
        home="/tmp",
        uid=uid,
        limits=_rlimits(limits, cgroup),
        seccomp=refused.hex(),
    )
    walls = "--cap-drop ALL --cap-add CAP_SETUID --cap-add CAP_SETGID --cap-add CAP_SETPCAP"
    command = _bubblewrap(program, runtime, limits, walls, settings)
    return process.start(command, {}, limits, cgroup, uid)


def _start_bubblewrap_user(
    limits: Limits, runtime: Runtime, modules: tuple[str, ...] = (), probe: bool = False
) -> Process:
    """As an ordinary user. Inside, bubblewrap's own process has the same user as the code, and so has /dev: the code is
    kept from that process by Landlock, that process is under the same filter, and /dev is read-only."""
    program, refused = _program(), filters.program()
    cgroup = Cgroup.make(limits)
    settings = _settings(runtime, modules, probe, home="/tmp", limits=_rlimits(limits, cgroup), landlock_if_known=["/"])
    walls = f"--unshare-user --disable-userns --uid {NOBODY} --gid {NOBODY} --cap-drop ALL --remount-ro /dev"
    walls += f" --seccomp {process.FILTER}"
    command = _bubblewrap(program, runtime, limits, walls, settings)
    return process.start(command, {}, limits, cgroup, filter_program=refused)


def _program() -> str:
    program = shutil.which("bwrap")
    if program is None:
        raise FileNotFoundError(2, "bubblewrap is not installed", "bwrap")
    return program


def _start_landlock(limits: Limits, runtime: Runtime, modules: tuple[str, ...] = (), probe: bool = False) -> Process:
    """Without any namespace, as in an ordinary container: another user, and what a process can deny itself."""
    readable = [*runtime.readable, "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"]
    return _start_as_user(limits, runtime, modules, probe, landlock=readable)


def _start_user(limits: Limits, runtime: Runtime, modules: tuple[str, ...] = (), probe: bool = False) -> Process:
    """As `_start_landlock` where the kernel has no Landlock: what every user may read can be read, and what every user
    may write can be written. Only for a container that holds one submission and ends with it."""
    return _start_as_user(limits, runtime, modules, probe)


def _start_as_user(
    limits: Limits, runtime: Runtime, modules: tuple[str, ...], probe: bool, landlock: list[str] | None = None
) -> Process:
    refused = filters.program()
    uid = identity.take()
    cgroup = Cgroup.make(limits)
    home = identity.home(uid)
    settings = _settings(
        runtime,
        modules,
        probe,
        home=str(home),
        uid=uid,
        parent=os.getpid(),
        limits=_rlimits(limits, cgroup),
        landlock=landlock,
        seccomp=refused.hex(),
    )
    environment = {**ENVIRONMENT, "HOME": str(home), "TMPDIR": str(home)}
    command = [runtime.python, "-I", "-S", runtime.runner, settings]
    return process.start(command, environment, limits, cgroup, uid, home)


def _start_unsafe(limits: Limits, runtime: Runtime, modules: tuple[str, ...] = (), probe: bool = False) -> Process:
    """No walls at all: limits on each process, and a process group that is killed at the end."""
    import tempfile

    home = Path(tempfile.mkdtemp(prefix="upright-unsafe-"))
    limited = {name: value for name, value in _rlimits(limits, None).items() if name != "RLIMIT_NPROC"}
    settings = _settings(runtime, modules, probe, home=str(home), parent=os.getpid(), limits=limited)
    environment = {**ENVIRONMENT, "HOME": str(home), "TMPDIR": str(home)}
    return process.start([runtime.python, "-I", "-S", runtime.runner, settings], environment, limits, None, None, home)


UNSAFE = Backend("unsafe", _start_unsafe)
BACKENDS = (
    Backend("bubblewrap-root", _start_bubblewrap_root),
    Backend("bubblewrap-userns", _start_bubblewrap_user),
    Backend("landlock", _start_landlock),
)
USER = Backend("user", _start_user)  # chosen by its name alone
PROBE_LIMITS = Limits(10, 10, 10, 10, 500_000_000, 16, 1_000_000, 1_000_000)


def find(backend: Backend, runtime: Runtime) -> Finding:
    """Start a process under the back end, let it try what it must not be able to do, and see."""
    root = os.geteuid() == 0
    if backend.name in ("bubblewrap-root", "landlock", USER.name) and not root:
        return Finding(backend.name, False, "it needs root; run the grader as root, in a container for example")
    if backend.name == "bubblewrap-userns" and root:
        return Finding(backend.name, False, "root does not use it: inside, the code would still be root to the host")
    try:
        if backend.name in ("landlock", USER.name) and (folder := runtime.hidden_from(identity.first())):
            reason = f"other users may not enter {folder}; use a Python and packages that all may read"
            return Finding(backend.name, False, reason)
        return _told(backend, backend.start(PROBE_LIMITS, runtime, (), True))
    except ImportError as error:
        return Finding(backend.name, False, f"{error}; pip install pyseccomp, and the Debian package libseccomp2")
    except FileNotFoundError as error:
        return Finding(backend.name, False, f"{error.filename} is missing; on Debian: apt-get install bubblewrap")
    except (OSError, identity.NoIdentity) as error:
        return Finding(backend.name, False, str(error))


def _told(backend: Backend, started: Process) -> Finding:
    answer, printed = _read(started.answers, 10.0), b""
    if not answer:
        printed = _read(started.log, 0.2)
    started.wait(0.5)
    ended = started.stop()
    try:
        leaks = json.loads(answer)
    except ValueError:
        said = printed.decode("utf-8", "replace").strip().splitlines()
        how = f"signal {signal.Signals(ended.signal).name}" if ended.signal else f"exit code {ended.exit_code}"
        return Finding(
            backend.name, False, f"it does not start here ({said[-1] if said else how}){_advice(backend, said)}"
        )
    if leaks:
        return Finding(backend.name, False, f"code inside it could still {' and '.join(leaks)}")
    return Finding(backend.name, True, "works")


def _advice(backend: Backend, said: list[str]) -> str:
    text = " ".join(said)
    if "bubblewrap" in backend.name and any(
        word in text for word in ("namespace", "Operation not permitted", "uid map")
    ):
        return (
            "; this machine or container refuses namespaces: sysctl kernel.unprivileged_userns_clone=1 and "
            "kernel.apparmor_restrict_unprivileged_userns=0, or docker run --security-opt seccomp=unconfined"
        )
    if "Unknown option" in text:
        return "; it is too old: bubblewrap 0.8 or later is needed"
    if "Permission denied" in text:
        return "; the interpreter or its packages cannot be read by other users"
    return ""


def _read(descriptor: int, seconds: float) -> bytes:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return os.read(descriptor, 65_536) if waiting.poll(int(seconds * 1000)) else b""
