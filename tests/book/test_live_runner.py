"""How the page runs one cell: output as it comes, the last value, errors in the reader's own lines."""

from __future__ import annotations

import warnings
from types import ModuleType

import pytest


@pytest.fixture
def said(runner: ModuleType) -> list[tuple[str, str]]:
    runner.NAMESPACE.clear()
    runner.NAMESPACE["__name__"] = "__main__"
    return []


def run(runner: ModuleType, said: list[tuple[str, str]], source: str, number: int = 1) -> int:
    return int(runner.run(number, source, lambda kind, text: said.append((kind, text))))


def test_lines_are_handed_on_one_by_one_and_the_last_value_is_shown(runner: ModuleType, said: list) -> None:
    assert run(runner, said, "print('a', 'b')\nprint('c', end='')\n6 * 7") == 0
    assert said == [("stdout", "a b\n"), ("stdout", "c"), ("result", "42\n")]


@pytest.mark.parametrize("source", ["6 * 7;", "x = 42", "None", "", "# nothing"])
def test_a_cell_without_a_value_shows_none(runner: ModuleType, said: list, source: str) -> None:
    assert run(runner, said, source) == 0
    assert said == []


def test_cells_share_what_they_define(runner: ModuleType, said: list) -> None:
    run(runner, said, "x = 20")
    run(runner, said, "x + 1", number=2)
    assert said == [("result", "21\n")]


def test_what_goes_to_stderr_is_told_apart(runner: ModuleType, said: list) -> None:
    run(runner, said, "import sys\nprint('careful', file=sys.stderr)")
    assert said == [("stderr", "careful\n")]


def test_an_error_shows_the_readers_lines_of_every_cell_and_no_others(runner: ModuleType, said: list) -> None:
    run(runner, said, "def halve(x):\n    return x / 0")
    line = run(runner, said, "import statistics\n\nhalve(1)", number=3)
    ((kind, text),) = said
    assert (kind, line) == ("error", 3)
    assert "Cell 3, line 3\n    halve(1)" in text
    assert "Cell 1, line 2, in halve\n    return x / 0" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")
    assert "live_runner" not in text


def test_an_error_within_a_library_marks_the_line_that_called_it(runner: ModuleType, said: list) -> None:
    assert run(runner, said, "import statistics\nstatistics.mean([])") == 2
    assert "statistics.py" not in said[0][1]


def test_a_mistake_in_the_syntax_has_its_line(runner: ModuleType, said: list) -> None:
    assert run(runner, said, "x = 1\nprint(x") == 2
    assert "Cell 1, line 2" in said[0][1]
    assert "SyntaxError" in said[0][1]


@pytest.mark.parametrize("source", ["raise SystemExit", "raise KeyboardInterrupt", "def f(): f()\nf()"])
def test_nothing_that_a_cell_raises_ends_the_pages_python(runner: ModuleType, said: list, source: str) -> None:
    assert run(runner, said, source) > 0
    assert run(runner, said, "1") == 0


@pytest.mark.parametrize("source", ["import nowhere", "from nowhere.near import something", "import nowhere as np"])
def test_a_missing_package_leads_to_colab(runner: ModuleType, said: list, source: str) -> None:
    assert run(runner, said, source) == 1
    (_, (kind, text)) = said
    assert kind == "hint"
    assert text.startswith("nowhere is not part of the Python in this page.")
    assert "Colab" in text


def test_endless_output_is_cut_once_and_that_is_told(runner: ModuleType, said: list) -> None:
    run(runner, said, "for _ in range(100_000):\n    print('x' * 99)")
    told = [text for kind, text in said if kind == "cut"]
    assert sum(len(text) for kind, text in said if kind == "stdout") == runner.MOST
    assert len(told) == 1
    assert "20,000 characters" in told[0]


def test_an_error_after_endless_output_is_still_told(runner: ModuleType, said: list) -> None:
    run(runner, said, "print('x' * 50_000)\n1 / 0")
    assert said[-1][0] == "error"


def test_a_question_to_the_reader_says_what_to_do_instead(runner: ModuleType, said: list) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("builtins.input", runner._no_input)
        run(runner, said, "name = input()")
    assert "write the value into the code instead" in said[0][1]


def test_a_warning_comes_again_when_its_cell_runs_again(
    runner: ModuleType, said: list, recwarn: pytest.WarningsRecorder
) -> None:
    warnings.simplefilter("default")
    for _ in range(2):
        run(runner, said, "import warnings\nfor _ in range(3):\n    warnings.warn('careful')")
    assert len(recwarn) == 2
