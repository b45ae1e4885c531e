"""Which files are submissions of a lab, and whose. Nothing of them is read here."""

from __future__ import annotations

import itertools
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import downloads
from autograder.errors import UsageError
from autograder.text import harmless
from upright.checks import LABS

SUFFIXES = (".ipynb", ".py")
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
SUBMITTED = "submitted"  # nbgrader's folder
CLONED = "-submissions"  # `gh classroom clone student-repos` makes NAME-submissions with a clone NAME-LOGIN for each
MAX_LOOKED_AT = 100
MAX_NAME = 100
MAX_NAME_BYTES = 200  # a file system takes 255 for a file's name; .json and what a temporary file adds come on top
SEPARATORS = "/\\"


@dataclass(frozen=True)
class Submission:
    """path: an .ipynb or .py file; or a link or anything else in its place, which reading it will refuse by name.
    other: another file, which may as well be meant."""

    path: Path
    student: str
    other: Path | None = None


def find(
    paths: list[Path], lab: str, in_doubt: list[str] | None = None, passed_over: list[str] | None = None
) -> list[Submission]:
    """The submissions at `paths`, in a fixed order, one a student.

    A path is an .ipynb or .py file (the student is its stem), a folder of such files, as Canvas or Moodle names them
    too (see autograder.downloads), a folder of repositories that GitHub Classroom's command cloned (the student is the
    login), a folder with a folder for each student, or a folder in nbgrader's layout, `submitted/STUDENT/LAB/`:
    `submitted`, the folder that holds it, or one student's. A symbolic link inside a folder is not followed: it is that
    student's submission, and invalid. So is a file of another kind that Canvas or Moodle names as a student's only one.
    Of one file that Canvas has in several versions, the last counts. A student who handed in several files is left out
    and told in `in_doubt`, a sentence each, if there is such a list. Raises UsageError for anything else, for two
    submissions of one student, and for names that could do harm. What else is in a folder, and might be somebody's
    work, goes into `passed_over` by name.
    """
    found = [submission for path in paths for submission in _at(path, lab)]
    if passed_over is not None:
        passed_over += [_shown(path) for folder in paths for path in _not_taken(folder, lab, found)]
    doubled = [_doubled(one, one.other, f"name it {lab}{one.path.suffix}") for one in found if one.other]
    if doubled and (in_doubt is None or len(doubled) == len(found)):
        raise UsageError(doubled[0])
    if in_doubt is not None:
        in_doubt += doubled
    found = [one for one in found if not one.other]
    if not found:
        raise UsageError("No submission was given.")
    seen: dict[str, Submission] = {}
    for submission in found:
        _check_name(submission)
        # Some file systems and every spreadsheet take Alice and alice for one.
        first = seen.setdefault(_folded(submission.student), submission)
        if first is not submission:
            raise UsageError(_doubled(first, submission.path, "rename one"))
    return found


def _doubled(submission: Submission, other: Path, advice: str) -> str:
    both = f"{_shown(submission.path)} and {_shown(other)}"
    return f"Two submissions of {_shown(submission.student)}: {both}; keep one of them, or {advice}."


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _shown(path: Path | str) -> str:
    """A path for a message, in one line: what is not text in it, as an escape."""
    return harmless(
        os.fsencode(path).decode("utf-8", "backslashreplace").replace("\n", "\\n").replace("\t", "\\t"), 300
    )


def _check_name(submission: Submission) -> None:
    name = submission.student
    if name in (".", "..") or name.startswith((".", "-")):
        reason = "starts with a dot or a dash"
    elif any(sign in name for sign in SEPARATORS):
        reason = "holds a slash or a backslash"
    elif name != harmless(name) or "\n" in name or "\t" in name or name != name.strip():
        reason = "holds a character that cannot be seen, is not UTF-8, or begins or ends with a space"
    elif len(name) > MAX_NAME or len(name.encode()) > MAX_NAME_BYTES:
        reason = f"is longer than {MAX_NAME} characters or {MAX_NAME_BYTES} bytes"
    elif not name:
        reason = "is empty"
    else:
        return
    raise UsageError(f"The name of the student of {_shown(submission.path)} {reason}; rename it.")


def _student(path: Path) -> str:
    return unicodedata.normalize("NFC", path.name)


def _of_file(path: Path) -> Submission:
    stem = unicodedata.normalize("NFC", path.stem)
    return Submission(path, downloads.student(stem) or stem)


def _at(path: Path, lab: str) -> Iterator[Submission]:
    """The submissions at a path of the command line."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        raise UsageError(f"{_shown(path)} does not exist.") from None
    if stat.S_ISLNK(mode):
        raise UsageError(f"{_shown(path)} is a symbolic link; give the file or folder itself.")
    path = _named(path)
    if stat.S_ISDIR(mode):
        found = list(_in_folder(path, lab))
        if not found:
            raise UsageError(
                f"{_shown(path)} holds no submission of {lab}: neither .ipynb or .py files nor STUDENT/{lab} folders."
            )
        yield from found
    elif not stat.S_ISREG(mode):
        raise UsageError(f"{_shown(path)} is neither a file nor a folder.")
    elif path.suffix.lower() in ARCHIVES:
        raise UsageError(f"{_shown(path)} is an archive; unpack it and give the folder.")
    elif path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{_shown(path)} is no submission: that is an .ipynb file, a .py file, or a folder of them.")
    else:
        yield _of_file(path)


def _named(path: Path) -> Path:
    """The path with its own name, which `.` and `..` have not."""
    return path.resolve() if path.name in ("", "..") else path


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, hidden files left out, in a fixed order."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise UsageError(f"The folder {_shown(folder)} cannot be read ({error.strerror}).") from None


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _in_folder(folder: Path, lab: str) -> Iterator[Submission]:
    if folder.name == lab and folder.absolute().parent.parent.name == SUBMITTED:
        yield _in_assignment(folder, _student(folder.absolute().parent), lab)
    elif os.path.lexists(folder / lab):
        yield _in_assignment(folder / lab, _student(folder.absolute()), lab)
    elif folder.name != SUBMITTED and os.path.lexists(folder / SUBMITTED):
        yield from _at(folder / SUBMITTED, lab)
    else:
        yield from _in_list(folder, lab)


def _in_list(folder: Path, lab: str) -> Iterator[Submission]:
    """The submissions of a folder that holds students' folders or their files."""
    downloaded: dict[str, list[Path]] = {}
    others: dict[str, Path] = {}
    for path in _entries(folder):
        if path.suffix.lower() in SUFFIXES:
            if student := downloads.student(_student(path.with_suffix(""))):
                downloaded.setdefault(student, []).append(path)
            else:
                yield _of_file(path)
        elif path.suffix.lower() in ARCHIVES and not path.is_dir():
            raise UsageError(f"{_shown(path)} is an archive; unpack it, or move it out of the folder.")
        elif path.is_symlink():
            # A student's folder that is a link would let one hand in another's work: reading it refuses the link.
            if os.path.lexists(path / lab):
                yield Submission(path, _student(path))
        elif _is_folder(path) and os.path.lexists(path / lab):
            yield _in_assignment(path / lab, _student(path), lab)
        elif _is_folder(path) and (student := downloads.student(_student(path)) or _login(path)):
            yield _in_assignment(path, student, lab)
        elif _is_folder(path) and not folder.absolute().name.endswith(CLONED) and _has_file(path):
            yield _in_assignment(path, _student(path), lab)
        elif not path.is_dir() and (student := downloads.student(_student(path.with_suffix("")))):
            others.setdefault(student, path)
    # What somebody handed in instead of a notebook is refused by name, and not passed over.
    yield from (Submission(path, student) for student, path in others.items() if student not in downloaded)
    for student, files in downloaded.items():
        chosen = files[0] if len(files) == 1 else downloads.newest(files, lab)
        yield Submission(chosen, student) if chosen else Submission(files[0], student, files[1])


def _not_taken(folder: Path, lab: str, found: list[Submission]) -> Iterator[Path]:
    """What is in a folder of downloads beside submissions: files that are no notebooks, and folders with one deeper."""
    folder = _named(folder)
    listed = _is_folder(folder) and folder.absolute().name not in (lab, SUBMITTED)
    if not listed or any(os.path.lexists(folder / name) for name in (lab, SUBMITTED)):
        return
    taken = {folder / path.relative_to(folder).parts[0] for path in _paths(found) if path.is_relative_to(folder)}
    for path in _entries(folder):
        if path in taken or downloads.student(_student(path.with_suffix(""))):
            continue
        if _holds_notebook(path) if path.is_dir() else path.suffix.lower() not in SUFFIXES:
            yield path


def _paths(found: list[Submission]) -> Iterator[Path]:
    for submission in found:
        yield submission.path
        if submission.other:
            yield submission.other


def _holds_notebook(folder: Path) -> bool:
    """Whether there is a notebook below, of no other lab; links are not followed. Looks at MAX_LOOKED_AT folders."""
    for _, folders, files in itertools.islice(os.walk(folder), MAX_LOOKED_AT):
        folders[:] = [name for name in folders if name not in LABS and not name.startswith(".")]
        if any(Path(name).suffix.lower() == ".ipynb" for name in files):
            return True
    return False


def _has_file(folder: Path) -> bool:
    return any(path.suffix.lower() in SUFFIXES for path in _entries(folder))


def _login(folder: Path) -> str | None:
    """Whose repository a clone is, if GitHub Classroom's command made it."""
    name, above = _student(folder), folder.absolute().parent.name
    start = f"{above.removesuffix(CLONED)}-"
    return name[len(start) :] if above.endswith(CLONED) and name.startswith(start) and name != start else None


def _in_assignment(folder: Path, student: str, lab: str) -> Submission:
    """The one file of `submitted/STUDENT/LAB`: the notebook named like the lab, or the only one."""
    if not _is_folder(folder):
        return Submission(folder, student)
    entries = _entries(folder)
    for suffix in SUFFIXES:
        files = [path for path in entries if path.suffix.lower() == suffix]
        named = [path for path in files if path.stem == lab]
        if named or len(files) == 1:
            return Submission((named or files)[0], student)
        if files:
            return Submission(files[0], student, files[1])
    archives = [path for path in entries if path.suffix.lower() in ARCHIVES]
    return Submission(archives[0] if archives else folder / f"{lab}.ipynb", student)
