"""What a node of a Ray cluster does for the grader: say whether it can grade, and grade one submission.

python -P -m autograder.node SANDBOX UNSAFE        prints why no sandbox works here, or nothing

Ray's own process only passes bytes on. Grading is done by a worker process as on one machine (autograder.pool), which
shuts the student's code in and takes the sandbox down when this process ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from autograder import __version__, parcel, sandbox
from autograder.errors import NoSandboxError
from autograder.pool import Pool

PROBE_SECONDS = 120.0
PREFIX = "upright-node-"
_pools: dict[str, Pool] = {}


def describe(run_code: bool, name: str | None, unsafe: bool) -> dict[str, Any]:
    """version and files: of the grader that is installed here; no_sandbox: why no code can be run here, or empty."""
    return {"version": __version__, "files": files(), "no_sandbox": no_sandbox(name, unsafe) if run_code else ""}


@cache
def files() -> str:
    """SHA-256 of the source of the grader and of the judge: nodes whose sources differ could give other grades."""
    import upright

    found = hashlib.sha256()
    for package in (Path(__file__).parent, Path(upright.__file__).parent):
        for path in sorted(package.rglob("*.py")):
            found.update(f"{path.relative_to(package.parent).as_posix()}\0".encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def no_sandbox(name: str | None, unsafe: bool) -> str:
    """Why no sandbox works on this machine, or nothing. Tried in a process of its own: Ray's has many threads."""
    command = [sys.executable, "-P", "-m", "autograder.node", name or "", "unsafe" if unsafe else ""]
    path = os.pathsep.join(filter(None, [str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH")]))
    try:
        tried = subprocess.run(
            command, capture_output=True, text=True, timeout=PROBE_SECONDS, env={**os.environ, "PYTHONPATH": path}
        )
    except subprocess.TimeoutExpired:
        return f"trying the sandboxes took more than {PROBE_SECONDS:g} s"
    if tried.returncode:
        last = (tried.stderr.strip().splitlines() or [""])[-1]
        return f"trying the sandboxes ended with exit code {tried.returncode} ({last[:300]})"
    return tried.stdout.strip()


def grade(sent: bytes, function: str) -> bytes:
    """Grade what a parcel holds, with Pool's `grade` function, and return the reply. Raises parcel.Damaged."""
    job, data = parcel.unpack(sent)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        path = folder / job.path
        path.write_bytes(data)
        ((_, result),) = _pool(function).results([replace(job, path=str(path))])
        return parcel.reply(result)
    except NoSandboxError as reason:
        _pools.pop(function).__exit__()  # its worker waits for an answer to this job
        return parcel.reply(no_sandbox=str(reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pool(function: str) -> Pool:
    """The one worker of this process. Ray says how many processes grade side by side; none is bound to a core, since
    several nodes may share a machine."""
    if function not in _pools:
        _sweep()
        _pools[function] = Pool(1, function, pinned=False)
    return _pools[function]


def _sweep() -> None:
    """Remove what processes left here that were killed: a submission is nobody else's business."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        number = folder.name.removeprefix(PREFIX).split("-")[0]
        with contextlib.suppress(OSError):
            mine = folder.is_dir() and not folder.is_symlink() and folder.lstat().st_uid == os.geteuid()
            if mine and number.isdigit() and not Path("/proc", number).exists():
                shutil.rmtree(folder)


def main(name: str, unsafe: str) -> None:
    try:
        sandbox.choose(bool(unsafe), name or None)
    except sandbox.NoSandbox as reason:
        print(reason)


if __name__ == "__main__":
    main(*sys.argv[1:])
