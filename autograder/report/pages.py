"""The pages as HTML text. Each holds all that it needs, and its policy (CSP) lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from autograder import __version__
from autograder.grades import Grade
from autograder.report.summary import Summary
from autograder.text import harmless
from upright.widgets import figure

FOLDER = Path(__file__).parent
MAX_SHOWN_LOG = 8_000
OUTCOMES = {
    "passed": "passed",
    "failed": "some checks failed",
    "invalid_submission": "could not be read",
    "infrastructure_error": "no grade yet: the grader failed",
    "missing": "nothing handed in",
}
CHECK_OUTCOMES = {
    "passed": "passed",
    "failed": "not passed",
    "not_answered": "not answered",
    "student_error": "the code raised an error",
    "limit": "a limit was passed",
    "protocol": "the answer was none",
}


def _shown(value: Any) -> Any:
    """Every text that a template shows, whoever wrote it, without what is invisible or turns writing around."""
    return harmless(value, 70_000) if isinstance(value, str) and not isinstance(value, Markup) else value


def _plain(value: Any) -> Any:
    """The same for data that a page's script reads."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else _shown(value)


def points(value: float | None) -> str:
    """A number of points; a dash where there is none, which is never a zero."""
    return "–" if value is None else f"{round(value, 2):g}"


def duration(seconds: float) -> str:
    """Days and hours, or hours and minutes."""
    minutes = int(seconds // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"


def moment(text: str) -> str:
    """A time of the gradebook, as people write it and in whichever language: 2026-12-03 19:00 UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def slug(student: str) -> str:
    """A file name for a student: lower-case ASCII, safe on every system, and no two names have the same."""
    readable = re.sub(r"[^a-z0-9]+", "-", student.lower()).strip("-")[:60].strip("-") or "student"
    return f"{readable}-{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def address(grade: Grade) -> str:
    """Where a student's page is, from the folder of the report."""
    lab = re.sub(r"[^a-z0-9_]+", "-", grade.lab.lower())
    return f"{lab}/{slug(grade.student)}.html"


def student_page(grade: Grade) -> str:
    """A page to send to the student: no other name, no seed and no flag is on it."""
    assert grade.row is not None
    checks = grade.row.result.checks
    replays = [{"replay": one.replay, "step": one.replay_step or 0} for one in checks if one.replay]
    scripts = [_player()] if replays else []
    styles = [_file("page.css"), *([figure.style()] if replays else [])]
    result = grade.row.result
    return _page("student.html", scripts, styles, grade=grade, result=result, replays=replays, log_limit=MAX_SHOWN_LOG)


def class_page(summaries: list[Summary], rows: list[list[Any]]) -> str:
    """The instructor's page. rows: those of `row`, which its table shows."""
    return _page(
        "class.html",
        [_file("table.js")] if rows else [],
        [_file("page.css")],
        summaries=summaries,
        rows=_plain(rows),
        head=HEAD,
    )


HEAD = ("Student", "Name", "Lab", "Score", "Penalty", "Outcome", "Attempts", "Not passed", "Flags")


def row(grade: Grade) -> list[Any]:
    """A line of the class's table: what HEAD names, and the address of the student's page or an empty text."""
    result = grade.row.result if grade.row else None
    missed = "; ".join(check.name for check in result.checks if check.outcome != "passed") if result else ""
    return [
        grade.student,
        grade.name or "",
        grade.lab,
        None if grade.score is None else round(grade.score, 2),
        round(grade.penalty, 2),
        grade.outcome.replace("_", " "),  # so that a narrow column breaks it between words
        grade.attempts,
        missed,
        "; ".join(result.flags) if result else "",
        address(grade) if result else "",
    ]


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(points=points, duration=duration, moment=moment)
    made.globals.update(OUTCOMES=OUTCOMES, CHECK_OUTCOMES=CHECK_OUTCOMES, version=__version__)
    return made


def _page(template: str, scripts: list[str], styles: list[str], **values: Any) -> str:
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"script-src {_hashes(scripts)}; style-src {_hashes(styles)}"
    )
    inline = {"scripts": [Markup(one) for one in scripts], "styles": [Markup(one) for one in styles]}
    return _environment().get_template(template).render(policy=policy, **inline, **values) + "\n"


def _hashes(texts: list[str]) -> str:
    found = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    return " ".join(f"'sha256-{one}'" for one in found) or "'none'"


@cache
def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _player() -> str:
    """The book's player as a classic script: a module does not load where a page is opened from disk."""
    module = re.sub(r"^export (?=function|const)", "", figure.module("replay"), flags=re.MULTILINE)
    module = re.sub(r"^export default", "const widget =", module, flags=re.MULTILINE)
    return "(() => {\n" + module + "\n" + _file("player.js") + "\n})();"
