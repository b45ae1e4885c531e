"""An instructor's course in nbgrader: what its database knows, and grades written back, through nbgrader's own API.

Nothing of a submission is run: nbgrader's autograder would do that in this very process.
"""

from __future__ import annotations

import contextlib
import warnings
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from autograder import course, exports, formgrader, submissions, times
from autograder.errors import GradebookError, UsageError
from autograder.gradebook import Gradebook
from autograder.grades import Grade, grades
from autograder.policy import Extension
from autograder.submissions import Submission
from autograder.text import harmless
from upright import checks

DAY_S = 86_400.0
SELF_CHECK = "check_"  # begins the name of each cell that gives points, `check_FUNCTION`


@dataclass
class Written:
    """Students by what came of their grades. scored: theirs is in nbgrader; by_hand: points that a person gave in
    formgrader stay, and count there; unknown: neither in the database nor in the folder; changed: another file was
    handed in since."""

    scored: list[str]
    by_hand: list[str]
    unknown: list[str]
    changed: list[str]


class Course:
    """The course in a folder. Use as a context manager: a database that fails inside is a GradebookError."""

    def __init__(self, folder: Path) -> None:
        """Raises UsageError where no course is, or nbgrader is not installed."""
        self.folder = folder
        self._directory = _directory(folder)
        self._book = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        with contextlib.suppress(SQLAlchemyError):
            self._book.close()
        if isinstance(error, SQLAlchemyError):
            raise self._cannot(error) from None

    def _opened(self) -> Any:
        from nbgrader.api import Gradebook as Book
        from sqlalchemy import make_url
        from sqlalchemy.exc import SQLAlchemyError

        try:
            url = make_url(self._directory.db_url)
            if url.drivername.startswith("sqlite") and not Path(url.database or "").is_file():
                raise UsageError(f"{self.folder}: holds no gradebook.db; run nbgrader generate_assignment there first.")
            return Book(self._directory.db_url, self._directory.course_id)
        except SQLAlchemyError as error:
            raise self._cannot(error) from None

    def _cannot(self, error: Exception) -> GradebookError:
        reason = harmless(str(getattr(error, "orig", None) or error).partition("\n")[0], 200)
        return GradebookError(
            f"{self.folder}: nbgrader's database cannot be read or written ({reason}); "
            "close other programs that use it, or run nbgrader db upgrade there, and try again."
        )

    def submitted(self) -> Path:
        """The folder of what students handed in."""
        return self.folder / str(self._directory.submitted_directory)

    def decisions(self, lab: str) -> course.Decisions:
        """The class, the deadline of a lab and the extensions, as far as nbgrader knows them. Raises UsageError."""
        assignment = self._assignment(lab)
        names = {one.id: f"{one.first_name or ''} {one.last_name or ''}".strip() for one in self._book.students}
        days = {
            one.student.id: one.extension.total_seconds() / DAY_S for one in assignment.submissions if one.extension
        }
        return course.Decisions(
            deadline=f"{assignment.duedate.isoformat()}+00:00" if assignment.duedate else None,  # nbgrader's are UTC
            extensions={student: Extension(days=more) for student, more in days.items() if more > 0} or None,
            roster={student: harmless(name, 300) for student, name in names.items()} or None,
        )

    def write(self, gradebook: Gradebook, lab: str) -> Written:
        """Write a lab's grades into the database, and the notebooks that formgrader shows into its folder.

        Whoever has no grade keeps what is there. Raises UsageError, GradebookError.
        """
        cells = _cells_of_checks(self._points(lab), lab, self.folder)
        release = formgrader.release(self._path(self._directory.release_directory, ".", lab))
        found = {one.student: one for one in self._handed_in(lab)}
        handed_in = times.handed_in(found.values(), lab, {})
        known = {student.id for student in self._book.students}
        average = course.policy(gradebook, lab).attempts == "average"
        written = Written([], [], [], [])
        for grade in grades(gradebook, lab):
            if grade.score is None:
                continue
            student = grade.student
            if student not in known and student not in found:
                written.unknown.append(student)
                continue
            rows = next(rows for _, rows in gradebook.attempts(lab, student)) if average else [grade.row]
            points = _points([row.result.checks for row in rows if row and row.graded], cells, grade.raw or 0.0)
            if self._score(grade, points, handed_in.get(student)):
                written.by_hand.append(student)
            page, changed = formgrader.notebook(release, grade, cells, found.get(student))
            exports.replace(self._path(self._directory.autograded_directory, student, lab), [page])
            written.scored.append(student)
            written.changed += [student] if changed else []
        return written

    def _score(self, grade: Grade, points: dict[str, float], handed_in: str | None) -> bool:
        """Write one grade. Returns whether points of a person stay in its place."""
        lab, student = grade.lab, grade.student
        self._book.update_or_create_student(student)
        # nbgrader takes a submission for graded while this time is that of its timestamp.txt.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, about how nbgrader fills the new rows
            self._book.update_or_create_submission(lab, student, **({"timestamp": handed_in} if handed_in else {}))
        by_hand = False
        for cell, auto_score in points.items():
            one = self._book.find_grade(cell, lab, lab, student)
            one.auto_score = auto_score
            one.needs_manual_grade = one.manual_score is not None  # as nbgrader's own autograder does
            by_hand |= one.needs_manual_grade
        notebook = self._book.find_submission_notebook(lab, lab, student)
        notebook.late_submission_penalty = grade.penalty or None
        self._book.db.commit()
        return by_hand

    def _handed_in(self, lab: str) -> list[Submission]:
        try:
            return submissions.find([self.submitted()], lab, [])
        except UsageError:
            if next(self.submitted().glob(f"*/{lab}"), None) is not None:
                raise
            return []  # all were handed in elsewhere

    def _path(self, step: str, student: str, lab: str) -> Path:
        return Path(self._directory.format_path(step, student, lab)) / f"{lab}.ipynb"

    def _assignment(self, lab: str) -> Any:
        from nbgrader.api import MissingEntry

        try:
            self._book.find_notebook(lab, lab)
            return self._book.find_assignment(lab)
        except MissingEntry:
            advice = f"run nbgrader generate_assignment {lab} there first"
            raise UsageError(f"{self.folder}: nbgrader's database has no notebook {lab}; {advice}.") from None

    def _points(self, lab: str) -> dict[str, float]:
        """The points of the release's cells by name."""
        self._assignment(lab)
        return {cell.name: cell.max_score for cell in self._book.find_notebook(lab, lab).grade_cells}


def _directory(folder: Path) -> Any:
    """nbgrader's idea of the course, with the settings of its own nbgrader_config.py. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"--course {folder}: is no folder; give that of your nbgrader course.")
    try:
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config, PyFileConfigLoader
    except ImportError:
        raise UsageError("nbgrader is not installed in this environment: pip install nbgrader.") from None
    settings = Config()
    path = folder / "nbgrader_config.py"
    if path.is_file():
        try:
            settings = PyFileConfigLoader(path.name, path=str(folder)).load_config()
        except Exception as error:  # it is a program of the instructor's, and may raise anything
            raise UsageError(f"{path}: cannot be loaded ({harmless(repr(error), 200)}); mend it.") from None
    settings.CourseDirectory.root = str(folder.resolve())
    return CourseDirectory(config=settings)


def _cells_of_checks(release: dict[str, float], lab: str, folder: Path) -> dict[str, str]:
    """The cell of the release that gives the points of each check, by the check's name; cells of the instructor's own
    are left alone. Raises UsageError unless their points are those of the checks."""
    cells = [name for name in release if name.startswith(SELF_CHECK)]
    found: dict[str, str] = {}
    points: dict[str, float] = defaultdict(float)
    for spec in checks.lab(lab).checks:
        # Where the answer is data, all checks are of the one cell.
        cell = f"{SELF_CHECK}{spec.function}" if spec.function or len(cells) != 1 else cells[0]
        found[spec.name] = cell
        points[cell] += spec.points
    for cell, wanted in points.items():
        if release.get(cell) != wanted:
            has = f"{release[cell]:g} points" if cell in release else "no such cell"
            raise UsageError(
                f"{folder}: the cell {cell} of {lab} gives {wanted:g} points here, and nbgrader has {has}; "
                f"run nbgrader generate_assignment {lab} with the lab as make labs writes it."
            )
    return found


def _points(attempts: list[list[Any]], cells: dict[str, str], raw: float) -> dict[str, float]:
    """The points of each cell: the mean over the attempts that count, so that their sum is `raw`, rounding included.
    Raises UsageError."""
    points = dict.fromkeys(cells.values(), 0.0)
    for found in attempts:
        for check in found:
            if check.name not in cells:
                raise UsageError(f"The check {check.name} is of another version of the grader; grade with --regrade.")
            points[cells[check.name]] += check.points / len(attempts)
    largest = max(points, key=lambda cell: points[cell])
    points[largest] += raw - sum(points.values())
    return {cell: round(one, 6) for cell, one in points.items()}
