"""Write a template repository for GitHub Classroom for each lab: the student's notebook, and a workflow that grades it.

The workflow lies in the student's own repository, where the student can change it: its points are feedback.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from tools import notebooks, wheel
from tools.chapters import ROOT
from upright import checks

HEAD = """\
# GitHub Classroom runs this at each push. It lies in the student's repository, so its points are feedback and no grade:
# instructors grade with `autograder grade`, on their own machine and with a secret seed.
"""
# What a lab needs beside the wheel, which leaves both to whoever wants them.
NEEDED = {"lab4_vectorize": ("torch",), "lab5_tune": ("torch", "ray")}
# Where a student's code runs, it runs in a sandbox: Ubuntu's images lack it, and keep ordinary users from namespaces.
SANDBOX = """\
sudo apt-get update -qq
sudo apt-get install --yes -qq --no-install-recommends bubblewrap libseccomp2
sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 || true
"""
CHECKOUT = "actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8"  # v6.0.1
SETUP_PYTHON = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065"  # v5.6.0
# By tag: GitHub moves it with Classroom, whose reports an older commit may not know. No public workflow was found that
# names a commit of them, so there was none to compare with.
GRADER = "classroom-resources/autograding-command-grader@v1"
REPORTER = "classroom-resources/autograding-grading-reporter@v1"
MINUTES = 20
TORCH_FOR_CPU = "https://download.pytorch.org/whl/cpu"


def write(folder: Path, lab: Path) -> None:
    """Write the template of one lab into `folder`. lab: the student's notebook."""
    workflow = folder / ".github" / "workflows" / "classroom.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(HEAD + yaml.safe_dump(steps(lab.stem), sort_keys=False, width=200), encoding="utf-8")
    shutil.copy(lab, folder)
    shutil.copy(ROOT / "LICENSE", folder)


def steps(lab: str) -> dict[str, Any]:
    """The workflow of a lab: grade once with the command of instructors, then report each check and its points."""
    spec = checks.lab(lab)
    specs = spec.checks
    names = [f"check{number}" for number, _ in enumerate(specs, 1)]
    graded = f"grades/results/{lab}/{lab}.json"
    grading = [
        {"uses": CHECKOUT, "with": {"persist-credentials": False}},
        {"uses": SETUP_PYTHON, "with": {"python-version": "3.12"}},
        *([{"name": "Install the sandbox", "run": SANDBOX}] if spec.functions else []),
        {"name": "Install the grader", "run": install(lab)},
        # A wrong answer does not fail this step. Where nothing could be graded it does fail: the run ends here with the
        # reason in its log, and without points, since they would all be zero.
        {"name": "Grade", "run": f"autograder grade {lab}.ipynb --lab {lab} --out grades --seed 0"},
    ]
    told = [
        {
            "name": check.name,
            "id": name,
            "uses": GRADER,
            "with": {
                "test-name": check.name,
                "command": f"python -P -m autograder.classroom {graded} {number}",
                "timeout": 2,
                "max-score": check.points,
            },
        }
        for number, (name, check) in enumerate(zip(names, specs, strict=True), 1)
    ]
    report = {
        "name": "Report",
        "uses": REPORTER,
        "env": {f"{name.upper()}_RESULTS": f"${{{{ steps.{name}.outputs.result }}}}" for name in names},
        "with": {"runners": ",".join(names)},
    }
    job = {
        "runs-on": "ubuntu-latest",
        "timeout-minutes": MINUTES,
        "if": "github.actor != 'github-classroom[bot]'",
        "steps": [*grading, *told, report],
    }
    return {
        "name": "Autograding Tests",
        "on": {"push": None, "workflow_dispatch": None, "repository_dispatch": None},
        "permissions": {"checks": "write", "actions": "read", "contents": "read"},
        "jobs": {"run-autograding-tests": job},
    }


def install(lab: str) -> str:
    """The commands that install the course's wheel from its site, and what the lab needs beside it."""
    needed = [notebooks.pin(name) for name in NEEDED.get(lab, ())]
    wanted = [f"upright[autograder] @ {notebooks.site_url()}/{wheel.name()}", *needed]
    index = f" --extra-index-url {TORCH_FOR_CPU}" if needed else ""
    return f"pip install --quiet{index} " + " ".join(f'"{one}"' for one in wanted)
