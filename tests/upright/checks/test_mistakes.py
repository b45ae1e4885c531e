"""Every solution gets all points, an untouched lab none, and every common mistake loses its check with its own hint."""

from __future__ import annotations

import pytest

from tests.upright.checks.mistakes import Mistake, answers, mistakes, solution, untouched
from upright import checks
from upright.checks.verdict import run

# The labs that students answer with functions; the others, with data.
LABS = tuple(name for name in checks.LABS if checks.lab(name).functions)
EVERY = [mistake for lab in LABS for mistake in mistakes(lab)]
SEED = 20_261_122


@pytest.mark.parametrize("lab", LABS)
def test_the_solution_gets_all_ten_points(lab: str) -> None:
    found = [run(spec, answers(lab, solution(lab)), SEED) for spec in checks.lab(lab).checks]
    assert [check for check in found if check.outcome != "passed"] == []
    assert sum(check.points for check in found) == sum(check.max_points for check in found) == 10


@pytest.mark.parametrize("lab", LABS)
def test_the_untouched_lab_gets_nothing_and_is_told_that_it_is_not_written_yet(lab: str) -> None:
    for spec in checks.lab(lab).checks:
        check = run(spec, answers(lab, untouched(lab)), SEED)
        assert (check.points, check.outcome) == (0, "student_error"), check
        assert check.message == f"{spec.function} is not written yet."


@pytest.mark.parametrize("lab", LABS)
def test_no_two_mistakes_have_one_name(lab: str) -> None:
    names = [mistake.name for mistake in mistakes(lab)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("lab", LABS)
def test_some_mistake_loses_each_check(lab: str) -> None:
    assert {mistake.check for mistake in mistakes(lab)} == {spec.name for spec in checks.lab(lab).checks}


@pytest.mark.parametrize("mistake", EVERY, ids=[f"{mistake.lab}: {mistake.name}" for mistake in EVERY])
def test_a_mistake_loses_its_check_with_its_own_hint(mistake: Mistake) -> None:
    spec = next(spec for spec in checks.lab(mistake.lab).checks if spec.name == mistake.check)
    check = run(spec, answers(mistake.lab, [*solution(mistake.lab), mistake.source]), SEED)
    assert check.points == 0
    assert check.outcome in ("failed", "student_error")
    assert mistake.hint in check.hint, check.message
