"""What students get for the labs, as one file: the notebooks as they are published, and nothing that helps to cheat."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.book.test_labs import leaks
from tools import labs, student_release


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Path:
    """The release; with a parameter, a pair, that variable has that value."""
    for name in ("UPRIGHT_SITE", "UPRIGHT_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    if hasattr(request, "param"):
        monkeypatch.setenv(*request.param)
    monkeypatch.setattr(student_release, "TARGET", student_release.BUILD / "test-labs.zip")
    monkeypatch.setattr(student_release, "TEMPLATES", student_release.BUILD / "test-classroom.zip")
    assert student_release.main() == 0
    told = "5 labs for students: _build/test-labs.zip; for GitHub Classroom: _build/test-classroom.zip\n"
    assert capsys.readouterr().out == told
    return student_release.TARGET


def test_it_holds_the_published_labs_and_the_licence_and_nothing_else(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    packed.unlink()
    student_release.TEMPLATES.unlink()
    files = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.glob("**/*") if path.is_file()}
    names = {path.name for path in labs.LABS.glob("*.ipynb")}
    assert set(files) == {"upright/LICENSE", *(f"upright/labs/{name}" for name in names)}
    for name in names:
        assert files[f"upright/labs/{name}"].read_bytes() == (labs.LABS / name).read_bytes()
    assert leaks(tmp_path) == []


def test_a_template_for_classroom_holds_the_lab_the_licence_and_the_workflow(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(student_release.TEMPLATES) as archive:
        archive.extractall(tmp_path)
    packed.unlink()
    student_release.TEMPLATES.unlink()
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("**/*") if path.is_file()}
    each = ("LICENSE", ".github/workflows/classroom.yml")
    names = [path.stem for path in labs.LABS.glob("*.ipynb")]
    assert files == {f"upright/{name}/{file}" for name in names for file in (*each, f"{name}.ipynb")}
    assert leaks(tmp_path) == []


@pytest.mark.parametrize(
    ("packed", "site"),
    [
        (("UPRIGHT_SITE", "https://site.example.org/course"), "https://site.example.org/course"),
        (("UPRIGHT_REPOSITORY", "ada/rl"), "https://ada.github.io/rl"),
    ],
    indirect=["packed"],
)
def test_with_another_address_the_labs_and_the_templates_follow_it(packed: Path, tmp_path: Path, site: str) -> None:
    for path in (packed, student_release.TEMPLATES):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / path.stem)
        path.unlink()
    notebooks = list(tmp_path.rglob("*.ipynb"))
    assert len(notebooks) == 2 * len(labs.sources())
    for path in notebooks:
        assert f"{site}/upright-" in path.read_text(encoding="utf-8")
