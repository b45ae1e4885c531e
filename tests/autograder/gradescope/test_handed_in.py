"""Which file of what a student uploaded is graded."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.gradescope import handed_in
from autograder.gradescope.handed_in import find
from autograder.notebook import InvalidSubmission, read

LAB = "lab1_episodes"


def hand_in(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.ipynb"], "a.ipynb"),
        (["Submission/a.IPYNB", "Submission/notes.txt", "helper.py"], "Submission/a.IPYNB"),
        (["a.ipynb", f"sub/{LAB}.ipynb"], f"sub/{LAB}.ipynb"),
        (["a.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb", "__MACOSX/._a.ipynb"], "a.ipynb"),
        (["solution.py", "readme.md"], "solution.py"),
    ],
)
def test_the_one_notebook_is_found_wherever_it_lies(names: list[str], expected: str, tmp_path: Path) -> None:
    assert find(hand_in(tmp_path, *names), LAB) == tmp_path / expected


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], f"No notebook was handed in. Hand in {LAB}.ipynb."),
        (["a.zip", ".hidden.ipynb"], "No notebook was handed in."),
        (["b.ipynb", "a.ipynb"], "2 files .ipynb were handed in (a.ipynb, b.ipynb). Hand in one, or name one of them"),
        ([f"{number}.ipynb" for number in range(9)], "9 files .ipynb were handed in (0.ipynb, 1.ipynb"),
        ([f"a/{LAB}.ipynb", f"b/{LAB}.ipynb"], f"2 files .ipynb were handed in (a/{LAB}.ipynb, b/{LAB}.ipynb)"),
        (["a\x1b[31m.py", "b.py"], "2 files .py were handed in (a.py, b.py)"),
    ],
)
def test_none_or_several_are_named(names: list[str], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSubmission) as caught:
        find(hand_in(tmp_path, *names), LAB)
    assert sentence in str(caught.value)


def test_a_missing_folder_holds_no_notebook(tmp_path: Path) -> None:
    with pytest.raises(InvalidSubmission, match="No notebook was handed in"):
        find(tmp_path / "submission", LAB)


def test_thousands_of_files_are_not_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "MOST_ENTRIES", 3)
    with pytest.raises(InvalidSubmission, match="More than 3 files"):
        find(hand_in(tmp_path, *map(str, range(4))), LAB)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "settings.json"
    secret.write_text("{}")
    folder = hand_in(tmp_path / "submission", "a.txt")
    (folder / "link.ipynb").symlink_to(secret)
    (folder / "all").symlink_to(tmp_path)
    assert find(folder, LAB) == folder / "link.ipynb"
    with pytest.raises(InvalidSubmission, match=r"link.ipynb: it is a symbolic link"):
        read(find(folder, LAB))
