"""The zip: what is in it, and what the command refuses."""

from __future__ import annotations

import json
import stat
import subprocess
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import autograder.gradescope.bundle as made
from autograder.cli import main
from autograder.errors import UsageError
from autograder.gradescope.settings import Settings
from tools import lock
from tools.chapters import ROOT
from upright.checks import LABS


def bundle(folder: Path, *options: object, lab: str = "lab1_episodes") -> zipfile.ZipFile:
    path = folder / "gradescope.zip"
    assert main(["bundle", "gradescope", "--lab", lab, "-o", str(path), *map(str, options)]) == 0
    return zipfile.ZipFile(path)


@pytest.mark.parametrize("lab", LABS)
def test_every_lab_has_a_bundle_with_scripts_that_can_be_run(lab: str, tmp_path: Path) -> None:
    with bundle(tmp_path, lab=lab) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        assert {name for name, mode in modes.items() if mode & stat.S_IXUSR} == {"setup.sh", "run_autograder"}
        assert all(stat.S_ISREG(mode) for mode in modes.values())
        assert modes["settings.json"] & 0o077 == 0
        assert Settings.loads(archive.read("settings.json").decode()).lab == lab
        for script in ("setup.sh", "run_autograder"):
            text = archive.read(script)
            assert text.startswith(b"#!/usr/bin/env bash\n")
            subprocess.run(["bash", "-n"], input=text, check=True)
        assert b"@" not in archive.read("run_autograder").replace(b"[@]", b"").replace(b"$@", b"")


def test_the_same_settings_give_the_same_bytes_and_a_seed_of_ones_own_is_random(tmp_path: Path) -> None:
    texts = []
    for options in (["--seed", 5], ["--seed", 5], [], []):
        with bundle(tmp_path, *options) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert archive.namelist() == sorted(archive.namelist())
        texts.append((tmp_path / "gradescope.zip").read_bytes())
    assert texts[0] == texts[1]
    assert len(set(texts)) == 3


def test_the_zip_with_the_secret_seed_is_for_its_owner_alone(tmp_path: Path) -> None:
    bundle(tmp_path).close()
    assert stat.S_IMODE((tmp_path / "gradescope.zip").stat().st_mode) == 0o600


def test_it_holds_the_whole_package_and_neither_solutions_nor_tests(tmp_path: Path) -> None:
    with bundle(tmp_path) as archive:
        packed = {name.removeprefix("packages/") for name in archive.namelist() if name.startswith("packages/")}
    sources = {
        str(path.relative_to(ROOT)) for package in ("autograder", "upright") for path in (ROOT / package).rglob("*.py")
    }
    assert sources <= packed
    assert not [name for name in packed if "__pycache__" in name or "solutions/" in name]


@pytest.mark.parametrize("lab", LABS)
def test_what_a_lab_installs_is_pinned_as_everywhere_with_hashes(lab: str, tmp_path: Path) -> None:
    everywhere = lock.versions((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    with bundle(tmp_path, lab=lab) as archive:
        direct = archive.read("requirements.txt").decode().splitlines()
        locked = archive.read("requirements.lock").decode()
        uv = archive.read("uv.txt").decode()
    names = [line.split("==")[0].split("[")[0] for line in direct]
    assert sorted(names) == sorted(made.REQUIRED[lab])
    assert all(line.split("==")[1] == everywhere[name] for line, name in zip(direct, names, strict=True))
    assert lock.versions(locked) == everywhere
    assert uv.startswith(f"uv=={everywhere['uv']} \\\n    --hash=sha256:")


def test_torchs_own_requirements_are_named_since_it_comes_without_them(tmp_path: Path) -> None:
    needed = [Requirement(line) for line in requires("torch") or []]
    here = {"platform_system": "Linux", "platform_machine": "x86_64", "python_version": "3.11", "extra": ""}
    names = {one.name for one in needed if one.marker is None or one.marker.evaluate(here)}
    assert {name for name in names if not name.startswith(("nvidia", "cuda", "triton"))} == set(made.TORCH)
    for lab in LABS:
        with bundle(tmp_path, lab=lab) as archive:
            assert ("torch.txt" in archive.namelist()) == (lab in ("lab4_vectorize", "lab5_tune"))


def test_the_settings_are_those_of_the_command(tmp_path: Path) -> None:
    policy = {"format": "upright-grading/1", "deadline": "2026-12-01T00:00:00Z", "late": "zero"}
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    given = ["--policy", tmp_path / "policy.json", "--seed", 7, "--variant", 3, "--minutes", 20, "--leaderboard"]
    with bundle(tmp_path, *given, "--visibility", "after_published", lab="lab3_ppo") as archive:
        found = Settings.loads(archive.read("settings.json").decode())
        assert b" 1185 " in archive.read("run_autograder")
    assert (found.seed, found.variant, found.seconds, found.leaderboard) == (7, 3, 1_200, True)
    assert found.visibility == "after_published"
    assert found.policy is not None
    assert found.policy.late == "zero"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--lab", "lab9"], "--lab lab9: there is no such lab"),
        (["--lab", "lab1_episodes", "--seed", "-1"], "--seed -1: give a whole number"),
        (["--lab", "lab3_ppo", "--variant", "1000000"], "--variant 1000000: give a whole number"),
        (["--lab", "lab5_tune", "--minutes", "5"], "--minutes 5: lab5_tune needs 6.5 to 120."),
        (["--lab", "lab1_episodes", "--minutes", "nan"], "--minutes nan: lab1_episodes needs 2.5 to 120."),
        (["--lab", "lab1_episodes", "--policy", "missing.json"], "--policy missing.json: cannot be read"),
        (["--lab", "lab1_episodes", "-o", "nowhere/x.zip"], "-o nowhere/x.zip: cannot be written"),
        (["--lab", "lab1_episodes", "-o", "."], "-o .: is a folder; give a file."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["bundle", "gradescope", "-o", "x.zip", *arguments]) == 2
    assert f"autograder: {sentence}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_average_of_attempts_is_refused_since_gradescope_keeps_one(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "policy.json"
    path.write_text('{"format": "upright-grading/1", "attempts": "average"}')
    options = ["--lab", "lab1_episodes", "-o", str(tmp_path / "x.zip"), "--policy", str(path)]
    assert main(["bundle", "gradescope", *options]) == 2
    assert "attempts: average is not for Gradescope; give last or best." in capsys.readouterr().err


def test_outside_a_clone_the_missing_pins_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "PACKAGE", tmp_path / "site-packages" / "autograder")
    with pytest.raises(UsageError, match=r"requirements.txt: is missing; run this command in a clone of the course"):
        made.write(tmp_path / "x.zip", Settings(lab="lab1_episodes", seed=1, seconds=600.0))


def test_help_names_the_command(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "bundle" in capsys.readouterr().out


def test_the_readme_tells_the_least_time_of_each_lab() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = "Lab 4 needs {lab4_vectorize:g} at least, lab 5 needs {lab5_tune:g}, the others {lab1_episodes:g}"
    least = {lab: made.needed_seconds(lab) / 60 for lab in LABS}
    assert told.format(**least) in text
    assert least["lab1_episodes"] == least["lab2_policies"] == least["lab3_ppo"]
