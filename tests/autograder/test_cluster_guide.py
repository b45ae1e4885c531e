"""What autograder/CLUSTER.md tells people to run is what the sandbox needs and what the command takes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import pytest
import yaml

from autograder import __version__
from autograder.cli import parser
from autograder.sandbox import BACKENDS, Runtime
from autograder.sandbox.backends import find
from tools.chapters import ROOT

GUIDE = (ROOT / "autograder" / "CLUSTER.md").read_text(encoding="utf-8")
TRY = """
import json, sys
from autograder.sandbox import BACKENDS, Runtime
from autograder.sandbox.backends import find
landlock = next(backend for backend in BACKENDS if backend.name == "landlock")
print(find(landlock, Runtime(**json.loads(sys.argv[1]))).reason)
"""


@pytest.fixture
def manifest() -> Any:
    (block,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.S)
    return yaml.safe_load(block)


def test_the_manifest_is_a_ray_cluster_of_this_version_whose_head_does_no_work(manifest: Any) -> None:
    assert (manifest["apiVersion"], manifest["kind"]) == ("ray.io/v1", "RayCluster")
    pinned = re.search(r"^ray\[.*\]==(\S+)", (ROOT / "requirements.txt").read_text(), re.M)
    assert pinned is not None
    assert manifest["spec"]["rayVersion"] == pinned[1]
    assert f'"ray[default]=={pinned[1]}"' in GUIDE
    assert manifest["spec"]["headGroupSpec"]["rayStartParams"] == {"num-cpus": "0"}
    groups = [manifest["spec"]["headGroupSpec"], *manifest["spec"]["workerGroupSpecs"]]
    images = [container["image"] for group in groups for container in group["template"]["spec"]["containers"]]
    assert {image.rpartition(":")[2] for image in images} == {__version__}
    assert f"upright-{__version__}-py3-none-any.whl" in GUIDE


def test_every_command_line_of_the_guide_is_one_that_the_command_takes() -> None:
    lines = re.findall(r"autograder (grade [^\n`]*|doctor)", GUIDE)
    assert len(lines) >= 4
    for line in lines:
        parser().parse_args(line.replace("FOLDER", "in").split())


def found_with(capabilities: list[str], runtime: Runtime) -> str:
    """What root with these capabilities alone finds out about the back end landlock."""
    kept = ",".join(f"+{name.lower()}" for name in capabilities)
    given = ["setpriv", f"--bounding-set=-all,{kept}", "--inh-caps=-all", "--no-new-privs", sys.executable, "-c", TRY]
    tried = subprocess.run([*given, json.dumps(asdict(runtime))], cwd=ROOT, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    return tried.stdout


def test_the_manifests_privileges_are_enough_for_a_sandbox_and_fewer_are_told(
    manifest: Any, everyones: Runtime
) -> None:
    landlock = next(backend for backend in BACKENDS if backend.name == "landlock")
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root, with setpriv, can give privileges away")
    if not (here := find(landlock, everyones)).works:
        pytest.skip(f"landlock: {here.reason}")
    (container,) = manifest["spec"]["workerGroupSpecs"][0]["template"]["spec"]["containers"]
    context = container["securityContext"]
    assert context["runAsUser"] == 0
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"]["drop"] == ["ALL"]
    added = context["capabilities"]["add"]
    assert found_with(added, everyones) == "works\n"
    for missing in ("SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE", "KILL"):
        reason = found_with([name for name in added if name != missing], everyones)
        assert reason not in ("works\n", "\n"), missing
