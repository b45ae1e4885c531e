"""What this machine offers to shut code in, told in plain lines, with what would mend what is missing."""

from __future__ import annotations

import ctypes
import os
import shutil

from autograder.sandbox import Runtime, survey
from autograder.sandbox.cgroup import Cgroup
from autograder.sandbox.confine import landlock_abi
from autograder.sandbox.limits import Limits

LIMITS = Limits(1, 1, 1, 1, 64_000_000, 8, 1_000_000, 1_000_000)


def report() -> tuple[list[str], int]:
    """The lines of `autograder doctor`, and its exit code: 0 if a sandbox works, 4 if none does."""
    runtime = Runtime.detect()
    findings = survey(runtime)
    chosen = next((finding.name for finding in findings if finding.works), None)
    lines = ["Sandboxes, best first:"]
    for finding in findings:
        mark = "used" if finding.name == chosen else "works" if finding.works else "no"
        lines.append(f"  {mark:5} {finding.name:18} {'' if finding.works else finding.reason}".rstrip())
    lines += ["What they stand on:", *(f"  {name:12} {told}" for name, told in _parts(runtime))]
    if chosen is None:
        lines.append("No sandbox works here: autograder grade refuses to run code, unless --unsafe is given.")
    return lines, 0 if chosen else 4


def _parts(runtime: Runtime) -> list[tuple[str, str]]:
    group = Cgroup.make(LIMITS)
    if group:
        group.remove()
    try:
        import pyseccomp

        seccomp = f"pyseccomp with libseccomp, level {pyseccomp.get_api()}"
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        seccomp = f"missing ({error}): pip install pyseccomp, and the Debian package libseccomp2"
    abi = landlock_abi(ctypes.CDLL(None, use_errno=True))
    return [
        ("user", "root" if os.geteuid() == 0 else f"uid {os.geteuid()}"),
        ("bubblewrap", shutil.which("bwrap") or "missing: apt-get install bubblewrap"),
        ("seccomp", seccomp),
        ("Landlock", f"version {abi}" if abi else "missing: Linux 5.13 or later has it, if it is switched on"),
        (
            "cgroup",
            f"version {group.version}: memory and processes are counted together"
            if group
            else "none can be made: memory is limited for each process alone",
        ),
        ("Python", runtime.python),
    ]
