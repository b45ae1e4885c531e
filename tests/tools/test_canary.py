"""The canary tells what of Colab's runtime has changed and matters, and never takes silence for no change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import canary

HEAD = "# Do not modify this file directly; it is generated\n"
TORCH = "torch @ https://download.pytorch.org/whl/cpu/torch-{}%2Bcpu-cp313-cp313-manylinux_2_28_x86_64.whl"


@pytest.fixture(autouse=True)
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the text of an issue goes; there is one of last week."""
    path = tmp_path / "build" / "canary.md"
    path.parent.mkdir()
    path.write_text("of last week")
    monkeypatch.setattr(canary, "REPORT", path)
    return path


@pytest.fixture
def versions() -> dict[str, str]:
    """Colab as the facts have it."""
    return dict(canary.facts()["packages"])


def lists(folder: Path, versions: dict[str, str], python: str = "3.13.15", ubuntu: str = "22.04.5") -> Path:
    """Colab's lists in their published form."""
    lines = [TORCH.format(value) if name == "torch" else f"{name}=={value}" for name, value in versions.items()]
    (folder / "pip-freeze.txt").write_text(HEAD + "\n".join([*lines, "unrelated==1.0"]) + "\n", encoding="utf-8")
    told = f"{HEAD}Ubuntu {ubuntu} LTS\nPython {python}\nR version 4.5.1 (2025-06-13)\n"
    (folder / "os-info.txt").write_text(told, encoding="utf-8")
    return folder


def test_the_runtime_of_the_facts_has_no_differences(
    tmp_path: Path, versions: dict[str, str], report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert canary.main([str(lists(tmp_path, versions))]) == 0
    assert "nothing that matters" in capsys.readouterr().out
    assert not report.exists()


@pytest.mark.parametrize(
    ("package", "version", "told"),
    [
        ("ipywidgets", "7.8.0", "| ipywidgets | 7.7.1 | 7.8.0 | run make colab |"),
        ("ipywidgets", "9.0.0", "the first cell would change it: the course takes ipywidgets"),
        ("torch", "2.12.1", "| torch | 2.11.0 | 2.12.1 | run make colab |"),
        ("Click", "9.0", "| click | 8.4.2 | 9.0 | run make colab |"),
        ("ray", "2.60.0", "| ray | absent | 2.60.0 | there before the first cell |"),
    ],
)
def test_a_difference_that_matters_is_named(
    package: str, version: str, told: str, tmp_path: Path, versions: dict[str, str], report: Path
) -> None:
    versions.pop(package.lower(), "")
    versions[package] = version
    assert canary.main([str(lists(tmp_path, versions))]) == 1
    assert told in report.read_text(encoding="utf-8")


def test_a_small_change_of_what_the_course_does_not_use_itself_does_not_matter(
    tmp_path: Path, versions: dict[str, str]
) -> None:
    versions["click"] = "8.99"
    assert canary.main([str(lists(tmp_path, versions))]) == 0


def test_a_package_that_is_gone_is_named(
    tmp_path: Path, versions: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    del versions["anywidget"]
    assert canary.main([str(lists(tmp_path, versions))]) == 1
    assert "| anywidget | 0.9.21 | gone |" in capsys.readouterr().out


def test_another_python_or_ubuntu_is_named(
    tmp_path: Path, versions: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert canary.main([str(lists(tmp_path, versions, python="3.14.1", ubuntu="24.04.1"))]) == 1
    printed = capsys.readouterr().out
    assert "| Python | 3.13 | 3.14 |" in printed
    assert "| Ubuntu | 22.04 | 24.04 |" in printed


def test_what_the_lists_say_cannot_become_a_mention_or_a_link_of_the_issue() -> None:
    told = canary.report(canary.facts(), [("a|b", "<img>", "@all #1", "[x](y)")])
    assert "| a\\|b | \\<img\\> | \\@all \\#1 | \\[x\\](y) |" in told


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("pip-freeze.txt", "<html>not found</html>", "no line names a package"),
        ("pip-freeze.txt", None, "cannot be read"),
        ("os-info.txt", "Ubuntu 22.04.4 LTS\n", "no line names Python"),
    ],
)
def test_lists_that_cannot_be_read_are_no_agreement(
    name: str,
    text: str | None,
    told: str,
    tmp_path: Path,
    versions: dict[str, str],
    report: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = lists(tmp_path, versions) / name
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    assert canary.main([str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert name in printed.err
    assert told in printed.err
    assert printed.out == ""
    written = report.read_text(encoding="utf-8")
    assert written.startswith("What Colab has now is not known. ")
    assert told in written


def test_without_a_network_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(canary, "LISTS", "http://127.0.0.1:9")
    assert canary.main([]) == 2
    assert "http://127.0.0.1:9/pip-freeze.txt cannot be read" in capsys.readouterr().err


def test_the_facts_name_a_date_a_source_and_every_package_that_they_watch() -> None:
    known = canary.facts()
    assert known["date"] >= "2026-08-19"
    assert known["source"].startswith("https://")
    assert set(known["watched"]) <= set(known["packages"])
    assert set(known["changed"]) <= set(known["packages"])
    assert not set(known["absent"]) & set(known["packages"])
    assert set(canary.wheel_requirements()) <= set(known["packages"]) | set(known["absent"])
