"""Files and folders become submissions, one a student, and nothing harmful becomes a name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.notebook import InvalidSubmission, read
from autograder.submissions import find

LAB = "lab1_episodes"


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def names(*paths: Path) -> dict[str, Path]:
    return {submission.student: submission.path for submission in find(list(paths), LAB)}


def refusal(*paths: Path) -> str:
    with pytest.raises(UsageError) as caught:
        find(list(paths), LAB)
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_a_bare_files_student_is_its_stem(tmp_path: Path) -> None:
    touch(tmp_path / "ada.ipynb", tmp_path / "bob smith.py", tmp_path / "c.d.PY")
    assert list(names(tmp_path / "ada.ipynb", tmp_path / "bob smith.py", tmp_path / "c.d.PY")) == [
        "ada",
        "bob smith",
        "c.d",
    ]


def test_a_folder_of_downloads_holds_one_file_a_student_and_other_files_do_not_count(tmp_path: Path) -> None:
    touch(tmp_path / "bob.py", tmp_path / "ada.ipynb", tmp_path / "notes.txt", tmp_path / ".hidden.py")
    touch(tmp_path / ".ipynb_checkpoints" / "ada.ipynb")
    assert names(tmp_path) == {"ada": tmp_path / "ada.ipynb", "bob": tmp_path / "bob.py"}


def test_the_current_folder_can_be_given_as_a_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "ada" / LAB / f"{LAB}.ipynb")
    monkeypatch.chdir(tmp_path / "ada")
    assert list(names(Path())) == ["ada"]
    monkeypatch.chdir(tmp_path / "ada" / LAB)
    assert list(names(Path(".."))) == ["ada"]


def test_a_folder_named_like_the_lab_may_hold_downloads(tmp_path: Path) -> None:
    touch(tmp_path / LAB / "ada.py", tmp_path / LAB / "bob.py")
    assert list(names(tmp_path / LAB)) == ["ada", "bob"]


@pytest.mark.parametrize("given", [".", "submitted", f"submitted/ada,submitted/bob/{LAB}"])
def test_nbgraders_folders_are_found_from_above_and_from_within(given: str, tmp_path: Path) -> None:
    submitted = tmp_path / "submitted"
    ada, bob = submitted / "ada" / LAB / f"{LAB}.ipynb", submitted / "bob" / LAB / "mine.ipynb"
    touch(ada, bob, submitted / "bob" / LAB / "timestamp.txt", submitted / "bob" / "lab2_policies" / "other.ipynb")
    touch(submitted / "eve" / "lab2_policies" / "lab2_policies.ipynb", tmp_path / "source" / LAB / f"{LAB}.ipynb")
    assert names(*(tmp_path / part for part in given.split(","))) == {"ada": ada, "bob": bob}


def test_of_several_notebooks_the_one_named_like_the_lab_counts(tmp_path: Path) -> None:
    folder = tmp_path / "submitted" / "ada" / LAB
    touch(folder / f"{LAB}.ipynb", folder / "scratch.ipynb", folder / "helper.py")
    assert names(tmp_path) == {"ada": folder / f"{LAB}.ipynb"}
    (folder / f"{LAB}.ipynb").rename(folder / "final.ipynb")
    assert f"Two submissions of ada: {folder}/final.ipynb and {folder}/scratch.ipynb" in refusal(tmp_path)


def test_a_student_who_handed_in_no_notebook_is_told_so_and_stops_nobody_else(tmp_path: Path) -> None:
    submitted = tmp_path / "submitted"
    touch(submitted / "ada" / LAB / f"{LAB}.ipynb", submitted / "bob" / LAB / "work.zip")
    (submitted / "eve" / LAB).mkdir(parents=True)
    found = names(tmp_path)
    assert found["bob"].name == "work.zip"
    with pytest.raises(InvalidSubmission, match=r"cannot be opened \(No such file or directory\)"):
        read(found["eve"])


def test_two_submissions_of_one_student_are_refused_with_both_files(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "ada.py", tmp_path / "b" / "ada.ipynb")
    assert refusal(tmp_path / "a", tmp_path / "b") == (
        f"Two submissions of ada: {tmp_path}/a/ada.py and {tmp_path}/b/ada.ipynb; keep one of them, or rename one."
    )
    assert "Two submissions of ada" in refusal(tmp_path / "a", tmp_path / "a" / "ada.py")


@pytest.mark.parametrize(
    ("one", "two"), [("ada", "Ada"), ("Zoë", "ZOE\u0308"), ("straße", "STRASSE"), ("e\u0301va", "éva")]
)
def test_names_that_a_file_system_or_a_person_takes_for_one_are_refused(one: str, two: str, tmp_path: Path) -> None:
    touch(tmp_path / "a" / f"{one}.py", tmp_path / "b" / f"{two}.py")
    assert "Two submissions of" in refusal(tmp_path / "a", tmp_path / "b")


def test_a_name_is_kept_in_one_normal_form(tmp_path: Path) -> None:
    touch(tmp_path / "e\u0301va.py")
    assert list(names(tmp_path)) == ["\u00e9va"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("-rf", "starts with a dot or a dash"),
        ("..", "starts with a dot or a dash"),
        ("a\\..\\b", "slash or a backslash"),
        ("two\nlines", "cannot be seen"),
        ("bell\x07", "cannot be seen"),
        ("\x1b[31mred", "cannot be seen"),
        ("exe\u202egnp", "cannot be seen"),
        (" space", "begins or ends with a space"),
        ("x" * 101, "longer than 100 characters"),
        ("名" * 70, "200 bytes"),
        (os.fsdecode(b"caf\xe9"), "not UTF-8"),
    ],
)
def test_a_name_that_could_do_harm_is_refused_and_shown_harmless(name: str, reason: str, tmp_path: Path) -> None:
    touch(tmp_path / f"{name}.py")
    message = refusal(tmp_path / f"{name}.py")
    assert reason in message
    assert message.endswith("rename it.")
    assert "\x1b" not in message
    message.encode("utf-8")


def test_names_with_odd_but_harmless_signs_are_kept(tmp_path: Path) -> None:
    touch(tmp_path / "=cmd|'x'!A0.py", tmp_path / "<b>ada<b>.py", tmp_path / "Müller, Jürgen (1).py")
    assert set(names(tmp_path)) == {"=cmd|'x'!A0", "<b>ada<b>", "Müller, Jürgen (1)"}


def test_a_link_on_the_command_line_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "ada.py")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "bob.py").symlink_to(tmp_path / "real" / "ada.py")
    assert refusal(tmp_path / "link") == f"{tmp_path}/link is a symbolic link; give the file or folder itself."
    assert "bob.py is a symbolic link" in refusal(tmp_path / "bob.py")


def test_a_link_inside_a_folder_costs_its_own_student_only(tmp_path: Path) -> None:
    touch(tmp_path / "down" / "ada.py", tmp_path / "secret.py")
    (tmp_path / "down" / "eve.py").symlink_to(tmp_path / "secret.py")
    found = names(tmp_path / "down")
    assert read(found["ada"]).cells
    with pytest.raises(InvalidSubmission, match="is a symbolic link"):
        read(found["eve"])


@pytest.mark.parametrize("linked", ["eve", f"eve/{LAB}", f"eve/{LAB}/{LAB}.ipynb"])
def test_a_link_to_anothers_work_in_nbgraders_layout_is_not_followed(linked: str, tmp_path: Path) -> None:
    submitted = tmp_path / "submitted"
    touch(submitted / "ada" / LAB / f"{LAB}.ipynb")
    link = submitted / linked
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(submitted / linked.replace("eve", "ada"))
    found = names(tmp_path)
    assert set(found) == {"ada", "eve"}
    with pytest.raises(InvalidSubmission, match="is a symbolic link"):
        read(found["eve"])


def test_archives_are_to_be_unpacked_first(tmp_path: Path) -> None:
    touch(tmp_path / "all.zip", tmp_path / "down" / "ada.py", tmp_path / "down" / "bob.tar.gz")
    assert refusal(tmp_path / "all.zip") == f"{tmp_path}/all.zip is an archive; unpack it and give the folder."
    assert "bob.tar.gz is an archive; unpack it, or move it" in refusal(tmp_path / "down")


def test_what_is_no_submission_is_refused_by_name(tmp_path: Path) -> None:
    touch(tmp_path / "ada.txt")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    assert refusal() == "No submission was given."
    assert refusal(tmp_path / "missing.py") == f"{tmp_path}/missing.py does not exist."
    assert "ada.txt is no submission" in refusal(tmp_path / "ada.txt")
    assert f"empty holds no submission of {LAB}" in refusal(tmp_path / "empty")
    assert "pipe.py is neither a file nor a folder" in refusal(tmp_path / "pipe.py")
    assert "is neither a file nor a folder" in refusal(Path("/dev/null"))
    assert "does not exist" in refusal(Path("a\x00b.py"))


def test_nothing_that_somebody_handed_in_is_passed_over(tmp_path: Path) -> None:
    for name in (
        f"ada/{LAB}.ipynb",
        "Bob Smith/x.py",
        "cy.py",
        "dee_4711_9_essay.pdf",
        "eve_4712_8_lab.py",
        "eve_4712_7_a.pdf",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "pole.png").touch()
    found = {each.student: each.path.name for each in find([tmp_path], LAB)}
    assert found == {
        "Bob Smith": "x.py",
        "ada": f"{LAB}.ipynb",
        "cy": "cy.py",
        "dee_4711": "dee_4711_9_essay.pdf",  # reading it will refuse it, by name
        "eve_4712": "eve_4712_8_lab.py",
    }


def test_what_is_left_out_of_a_folder_and_might_be_somebodys_work_is_told_by_name(tmp_path: Path) -> None:
    taken = (f"ada/{LAB}.ipynb", "bob/x.py", "cy.py", "eve_4712_8_lab.py", "eve_4712_7_a.pdf", "two/a.py", "two/b.py")
    other = ("fay/lab2_policies/lab2_policies.ipynb", "pictures/pole.png", "gus/.git/x.ipynb", ".cache/y.ipynb")
    told = ("hal.pdf", "ivy/week 1/notebook.ipynb", "jo\x1b[31m.txt")
    touch(*(tmp_path / name for name in (*taken, *other, *told)))
    in_doubt: list[str] = []
    passed_over: list[str] = []
    assert len(find([tmp_path], LAB, in_doubt, passed_over)) == 4
    assert [Path(name).name for name in passed_over] == ["hal.pdf", "ivy", "jo.txt"]
    assert len(in_doubt) == 1, "two notebooks of one student are told by another sentence"


@pytest.mark.parametrize("given", ["{0}", "{0}/submitted", "{0}/submitted/ada", f"{{0}}/submitted/ada/{LAB}"])
def test_nbgraders_folders_hold_more_than_submissions_and_nothing_is_told(tmp_path: Path, given: str) -> None:
    touch(tmp_path / "source" / "x.ipynb", tmp_path / "submitted" / "bob" / "other_lab" / "x.ipynb")
    touch(tmp_path / "submitted" / "ada" / LAB / f"{LAB}.ipynb", tmp_path / "submitted" / "ada" / LAB / "data.csv")
    passed_over: list[str] = []
    assert len(find([Path(given.format(tmp_path))], LAB, None, passed_over)) == 1
    assert passed_over == []


def test_what_is_left_out_of_the_current_folder_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "ada.py", tmp_path / "bob.docx")
    monkeypatch.chdir(tmp_path)
    passed_over: list[str] = []
    assert len(find([Path()], LAB, None, passed_over)) == 1
    assert [Path(name).name for name in passed_over] == ["bob.docx"]


def test_a_student_whose_folder_holds_two_notebooks_is_told_by_name(tmp_path: Path) -> None:
    for name in ("ada/a.ipynb", "ada/b.ipynb", "bo/a.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    in_doubt: list[str] = []
    assert [each.student for each in find([tmp_path], LAB, in_doubt)] == ["bo"]
    assert in_doubt[0].startswith("Two submissions of ada: ")
