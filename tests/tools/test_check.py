"""The long checks: what passed on the same files is left alone, and a failure is recorded, told, and no success."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools import bench, check
from tools.check import Check

COUNT = "import sys; open('runs', 'a').write(' '.join(sys.argv[1:]) + '\\n')"
RECORD = "open('record.json', 'w').write('{\"steps\": 7}')"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with small checks. `good` and `bad` keep their runs and arguments in the file `runs`."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for name in ("used.txt", "other.txt", "record.json"):
        (tmp_path / name).write_text("{}")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    checks = {
        "good": Check(["-c", COUNT], ("used.txt",), again=("--all",)),
        "bad": Check(["-c", f"{COUNT}; sys.exit(3)"], ("used.txt",)),
        "records": Check(["-c", RECORD], ("record.json",), "record.json", lambda record: f"{record['steps']} steps"),
    }
    for name, value in (("ROOT", tmp_path), ("CHECKS", checks), ("RESULT", tmp_path / "check.json")):
        monkeypatch.setattr(check, name, value)
    monkeypatch.setattr(check, "REPORT", tmp_path / "build" / "check.md")
    monkeypatch.setattr(bench, "install", lambda: 0)
    return tmp_path


def runs(root: Path) -> list[str]:
    return (root / "runs").read_text().splitlines()


def recorded(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "check.json").read_text(encoding="utf-8")))


def test_what_passed_is_not_run_again_while_its_files_are_the_same(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main(["good"]) == 0
    (root / "other.txt").write_text("changed")
    assert check.main(["good"]) == 0
    assert len(runs(root)) == 1
    assert f"good: passed on {recorded(root)['good']['date']}, nothing changed since" in capsys.readouterr().out


def test_a_changed_file_runs_it_again(root: Path) -> None:
    check.main(["good"])
    (root / "used.txt").write_text("changed")
    check.main(["good"])
    assert len(runs(root)) == 2


def test_a_changed_command_runs_it_again(root: Path) -> None:
    check.main(["good"])
    check.CHECKS["good"].command.append("more")
    check.main(["good"])
    assert runs(root) == ["", "more"]


def test_asked_for_again_it_runs_and_its_command_is_told_to_skip_nothing(root: Path) -> None:
    check.main(["good"])
    assert check.main(["--again", "good"]) == 0
    assert runs(root) == ["", "--all"]


def test_a_failure_is_recorded_and_told_and_runs_again_though_nothing_changed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert check.main(["bad", "good"]) == 1
    assert recorded(root)["bad"]["outcome"] == "failed, exit code 3"
    assert recorded(root)["good"]["outcome"] == "passed", "the others are run all the same"
    assert len(runs(root)) == 3
    assert "1 passed, 1 failed" in capsys.readouterr().out
    told = check.REPORT.read_text(encoding="utf-8")
    assert "- bad: `python -m tools.check --again bad`\n" in told
    assert "good" not in told


def test_a_report_of_an_earlier_failure_goes_when_all_is_well(root: Path) -> None:
    check.main(["bad"])
    assert check.main(["good"]) == 0
    assert not check.REPORT.exists()


def test_a_recording_is_summed_up_in_a_line_and_is_no_reason_to_run_again(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main(["records"]) == 0
    assert recorded(root)["records"]["detail"] == "7 steps"
    (root / "record.json").write_text("{}")
    assert check.main(["records"]) == 0
    assert "nothing changed since" in capsys.readouterr().out


def test_what_other_checks_record_is_no_reason_to_run_again_unless_pages_read_it(root: Path) -> None:
    (root / "book").mkdir()
    (root / "book" / "data.json").write_text("{}")
    (root / "check.json").write_text("{}")
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    check.CHECKS["pages"] = Check(["-c", "open('book/data.json', 'w').write('[]')"], ("used.txt",), "book/data.json")
    check.CHECKS["all"] = Check(["-c", COUNT], (".",))
    check.main(["all", "records", "all"])
    assert len(runs(root)) == 1
    check.main(["pages", "all"])
    assert len(runs(root)) == 2


def test_without_a_name_every_check_runs(root: Path) -> None:
    assert check.main([]) == 1
    assert list(recorded(root)) == ["good", "bad", "records"]


def test_the_outcome_of_a_check_that_ended_meanwhile_is_kept(root: Path) -> None:
    ends = "import json; json.dump({'other': {'outcome': 'passed'}}, open('check.json', 'w'))"
    check.CHECKS["long"] = Check(["-c", ends], ("used.txt",))
    check.main(["long"])
    assert list(recorded(root)) == ["other", "long"]


def test_a_check_that_there_is_not_is_named_and_nothing_is_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["good", "goood"]) == 2
    assert "no check is called goood; there are good, bad, records." in capsys.readouterr().err
    assert not (root / "check.json").exists()


def test_the_check_on_colab_can_be_told_to_skip_nothing() -> None:
    """It keeps a record of its own for each page, which would let all of them be skipped."""
    assert check.CHECKS["colab"].again == ("--again",)
