"""The template for GitHub Classroom: its workflow is what Classroom reads, and its commands run here."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from tests.test_workflows import PINNED, WORKFLOWS, actionlint
from tools import classroom, labs
from tools.chapters import ROOT
from upright import checks

LAB = "lab1_episodes"


def workflow(folder: Path, lab: str) -> dict[str, Any]:
    classroom.write(folder, labs.LABS / f"{lab}.ipynb")
    found = yaml.safe_load((folder / ".github" / "workflows" / "classroom.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("lab", checks.LABS)
def test_each_check_is_a_step_with_its_points_and_the_reporter_hears_of_all(lab: str, tmp_path: Path) -> None:
    found = workflow(tmp_path / lab, lab)
    job = found["jobs"]["run-autograding-tests"]
    assert found["permissions"] == {"checks": "write", "actions": "read", "contents": "read"}
    assert job["if"] == "github.actor != 'github-classroom[bot]'"
    *_, report = job["steps"]
    steps = [step for step in job["steps"] if "command-grader" in step.get("uses", "")]
    specs = checks.lab(lab).checks
    assert [(step["name"], step["with"]["max-score"]) for step in steps] == [(s.name, s.points) for s in specs]
    assert sum(step["with"]["max-score"] for step in steps) == labs.POINTS
    assert report["with"]["runners"].split(",") == [step["id"] for step in steps]
    wanted = {f"{step['id'].upper()}_RESULTS": f"${{{{ steps.{step['id']}.outputs.result }}}}" for step in steps}
    assert report["env"] == wanted


@pytest.mark.parametrize("lab", checks.LABS)
def test_actionlint_finds_nothing(lab: str, tmp_path: Path) -> None:
    """One file each: with several of them it runs out of its memory."""
    workflow(tmp_path / lab, lab)
    assert actionlint(tmp_path / lab / ".github" / "workflows" / "classroom.yml") == ""


def test_the_workflows_own_commands_grade_a_lab_whose_first_part_is_solved(tmp_path: Path) -> None:
    template = tmp_path / "template"
    found = workflow(template, LAB)
    book = nbformat.read(template / f"{LAB}.ipynb", as_version=4)
    solved = labs.instructor_notebook(ROOT / "solutions" / f"{LAB}.md")
    answer = next(cell for cell in solved.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "run_episode")
    next(
        cell for cell in book.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "run_episode"
    ).source = answer.source
    nbformat.write(book, template / f"{LAB}.ipynb")
    steps = found["jobs"]["run-autograding-tests"]["steps"]
    grade = next(step["run"] for step in steps if step.get("name") == "Grade")
    programs = Path(sys.executable).parent

    def run(command: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{programs}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
        return subprocess.run(["bash", "-c", command], cwd=template, env=environment, capture_output=True, text=True)

    command = {step["name"]: step["with"]["command"] for step in steps if "command" in step.get("with", {})}
    lost = run(command["td_target: terminated"])
    assert (lost.returncode, lost.stderr) == (2, "")
    assert "there is no result" in lost.stdout
    done = run(grade)
    assert done.returncode == 0, done.stderr
    passed = run(command["run_episode: sums the rewards"])
    assert (passed.returncode, passed.stdout[0]) == (0, "✓")
    failed = run(command["td_target: terminated"])
    assert (failed.returncode, failed.stdout[0]) == (1, "✗")
    assert "td_target is not written yet." in failed.stdout


@pytest.mark.parametrize("lab", checks.LABS)
def test_a_grading_that_fails_ends_the_run_with_its_reason_and_is_no_zero(lab: str, tmp_path: Path) -> None:
    steps = workflow(tmp_path / lab, lab)["jobs"]["run-autograding-tests"]["steps"]
    assert [step for step in steps if "continue-on-error" in step or "if" in step] == []
    place, grade = next((place, step["run"]) for place, step in enumerate(steps) if step.get("name") == "Grade")
    assert place < min(place for place, step in enumerate(steps) if "classroom-resources/" in step.get("uses", ""))
    (tmp_path / lab / f"{lab}.ipynb").unlink()
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-ec", grade], cwd=tmp_path / lab, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"{lab}.ipynb" in done.stderr


@pytest.mark.parametrize("lab", checks.LABS)
def test_a_sandbox_is_installed_where_a_students_code_runs_and_nowhere_else(lab: str, tmp_path: Path) -> None:
    steps = workflow(tmp_path / lab, lab)["jobs"]["run-autograding-tests"]["steps"]
    commands = [step.get("run", "") for step in steps]
    installs = [place for place, command in enumerate(commands) if "bubblewrap libseccomp2" in command]
    assert len(installs) == bool(checks.lab(lab).functions)
    for place in installs:
        assert place < next(later for later, command in enumerate(commands) if command.startswith("autograder grade"))
        assert "apparmor_restrict_unprivileged_userns=0 || true" in commands[place]
        subprocess.run(["bash", "-n", "-c", commands[place]], check=True)


def test_githubs_own_actions_are_those_of_our_workflows_by_commit(tmp_path: Path) -> None:
    ours = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    steps = workflow(tmp_path / LAB, LAB)["jobs"]["run-autograding-tests"]["steps"]
    used = {step["uses"] for step in steps if step.get("uses", "").startswith("actions/")}
    assert len(used) == 2
    assert all(PINNED.fullmatch(action) and f"uses: {action} # " in ours for action in used)


def test_only_classrooms_own_actions_go_by_a_tag(tmp_path: Path) -> None:
    steps = workflow(tmp_path / LAB, LAB)["jobs"]["run-autograding-tests"]["steps"]
    tagged = {step["uses"] for step in steps if "uses" in step and not PINNED.fullmatch(step["uses"])}
    assert tagged == {classroom.GRADER, classroom.REPORTER}
    assert all(re.fullmatch(r"classroom-resources/autograding-[a-z-]+@v1", action) for action in tagged)


def test_what_the_workflow_installs_is_the_wheel_of_the_site_and_the_pins(tmp_path: Path) -> None:
    assert classroom.install(LAB).startswith('pip install --quiet "upright[autograder] @ https://')
    for lab in checks.LABS:
        assert shutil.which("bash")
        subprocess.run(["bash", "-n", "-c", classroom.install(lab)], check=True)
    assert "torch==" in classroom.install("lab4_vectorize")
    assert "ray[rllib,tune]==" in classroom.install("lab5_tune")
