"""Behind the walls that a container of Gradescope leaves, and with what setup.sh installs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.gradescope.run import close
from autograder.sandbox import USER, Runtime
from tests.autograder.command import HONEST
from tests.autograder.conftest import Box
from tests.autograder.gradescope.folders import Root, cells, lay_out

NO_NAMESPACES = "unshare,mount,clone3,setns,pivot_root"
NO_LANDLOCK = "landlock_create_ruleset"
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="users can be set aside by root only")
# The secret seed, and whatever else root keeps beside it.
CURIOUS = """
import glob, os
for path in {paths}:
    try:
        print("READ", path, len(open(path).read()) if not os.path.isdir(path) else os.listdir(path))
    except OSError as error:
        print("refused", os.path.basename(path))
"""


def test_a_hostile_notebook_reads_no_secret_and_writes_no_grade(root: Root) -> None:
    secrets = [
        str(root.file(name)) for name in ("source/settings.json", "submission_metadata.json", "results", "source")
    ]
    forged = f"open({str(root.file('results/results.json'))!r}, 'w').write('{{\"score\": 100}}')"
    root.submit("mine.ipynb", cells(CURIOUS.format(paths=secrets), forged, "import os\nos._exit(0)"))
    found, _ = root.run()
    assert found.score == 0
    assert "READ" not in found.output
    assert found.output.count("refused") >= 4
    assert '"seed"' not in root.file("results/results.json").read_text()


@ROOT_ONLY
@pytest.mark.parametrize(
    ("walls", "sandbox"),
    [pytest.param(NO_NAMESPACES, "landlock", marks=pytest.mark.slow), (f"{NO_NAMESPACES},{NO_LANDLOCK}", "user")],
)
def test_without_namespaces_the_code_runs_as_another_user_that_reads_no_secret(
    walls: str, sandbox: str, open_home: Path
) -> None:
    # Below a folder that every user may enter, as /autograder is: nothing but the modes hides what is in it.
    root = _open_root(open_home)
    secrets = [
        str(root.file(name)) for name in ("source/settings.json", "submission_metadata.json", "results", "source")
    ]
    root.submit("mine.ipynb", cells(HONEST, CURIOUS.format(paths=[*secrets, "/proc/1/environ"])))
    found, printed = root.run(walls)
    assert found.score == 10, found.output
    assert found.extra_data["upright"]["sandbox"] == sandbox
    assert "READ" not in found.output
    assert found.output.count("refused") == 5
    # Instructors are told, students are not.
    assert ("No sandbox works here. bubblewrap-root: " in printed) == (sandbox == "user")
    assert "sandbox" not in found.output


def _open_root(home: Path) -> Root:
    folder = home / f"root-{len(list(home.glob('root-*')))}"
    folder.mkdir()
    root = lay_out(folder, home)
    folder.chmod(0o755)
    root.path.chmod(0o755)
    return root


@ROOT_ONLY
def test_a_folder_of_everybody_can_be_closed_to_a_user_of_its_own(everyones: Runtime) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        shared = Path(name) / "shared"
        shared.mkdir()
        shared.chmod(0o1777)
        source = f"""
try:
    open({str(shared / "file")!r}, "a").close()
    print("WRITTEN")
except OSError as error:
    print(repr(error))
"""
        box = Box(USER, everyones, foreign=False)
        assert "WRITTEN" in box.run(source).printed
        (shared / "file").unlink()
        close([str(shared), "/nowhere/at/all"])
        assert "PermissionError" in box.run(source).printed


@ROOT_ONLY
def test_where_no_sandbox_works_nothing_is_run_and_nobody_gets_a_zero(open_home: Path) -> None:
    root = _open_root(open_home)
    root.submit("mine.ipynb", cells("raise SystemExit"))
    found, printed = root.fail(f"{NO_NAMESPACES},{NO_LANDLOCK},setresuid")
    assert "not your mistake" in found.output
    assert "submit the same file again" in found.output
    assert "No grade: No sandbox works here. user: " in printed


@pytest.mark.slow
def test_what_setup_installs_is_enough_to_grade(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="upright-home-") as name:
        Path(name).chmod(0o755)
        home = Path(name) / "opt"
        root = lay_out(tmp_path, home)
        # With this interpreter, since not every machine that tests may fetch one.
        python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
        environment = {**os.environ, "UPRIGHT_HOME": str(home), "UPRIGHT_PYTHON": python}
        environment.pop("PYTHONPATH", None)
        command = ["bash", str(root.file("source/setup.sh"))]
        done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=280)
        assert done.returncode == 0, done.stderr
        assert "Sandboxes, best first:" in done.stdout
        assert root.file("source").stat().st_mode & 0o077 == 0
        root.submit("mine.ipynb", cells(HONEST))
        assert root.run()[0].score == 10
