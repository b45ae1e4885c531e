"""A notebook's cells as Python: magics, lines that keep their number, slow imports, and errors with their place."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.runner import LAZY, code_of
from tests.autograder.asking import OPEN, call, told
from upright.checks import habits


@pytest.mark.parametrize(
    "source",
    ["x = 1", "a %b", "# %matplotlib", "text = '''\n%time\n!ls\n'''", "y = 7 % 3\nz = not x", "def f(): ...\n", ""],
)
def test_python_stays_as_it_is(source: str) -> None:
    assert code_of(source) == source


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install gymnasium\nx = 1", "pass\nx = 1"),
        ("import math\nmath.sqrt?\nx = 1", "import math\npass\nx = 1"),
        ("?print\nprint??\nx = 1", "pass\npass\nx = 1"),
        ("if True:\n    %time f()\nx = 1", "if True:\n    pass\nx = 1"),
        ("files = !ls\nx = 1", "files = None\nx = 1"),
        ("a, b = %timeit -o f()\nx = 1", "a, b = None\nx = 1"),
        ("%%bash\nrm -rf /", ""),
        ("\n%%html\n<b>", ""),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("%%capture out\nx = 1", "pass\nx = 1"),
    ],
)
def test_magics_go_and_the_other_lines_keep_their_number(source: str, code: str) -> None:
    assert code_of(source) == code


def test_cells_with_magics_run_and_errors_name_their_line() -> None:
    cells = [
        "%%bash\nexit 3",
        "%%time\nx = 1",
        "!pip install gymnasium\n%matplotlib inline\nx?\n1 / 0",
        "%load_ext autoreload\ndef f():\n    return x",
    ]
    seen = told(OPEN, cells, call("f"))
    assert seen.answer == 1
    assert seen.notes == ["Cell 3 raised ZeroDivisionError: division by zero (cell 3, line 4)."]


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ("x = 1\ndef f(:\n    pass", "Cell 1 raised SyntaxError: invalid syntax (cell 1, line 2)."),
        (
            "if True:\nx = 1",
            "Cell 1 raised IndentationError: expected an indented block after 'if' statement on line 1",
        ),
        ("x = (1,\n", "Cell 1 raised SyntaxError: '(' was never closed (cell 1, line 1)."),
        ("eval('1 +')", "Cell 1 raised SyntaxError: invalid syntax"),
        ("raise ValueError('x' * 5000)", "Cell 1 raised ValueError: xxx"),
        ("class E(Exception):\n def __str__(self): raise self\nraise E", "Cell 1 raised E."),
    ],
    ids=["syntax", "indentation", "bracket", "not of the cell", "long text", "text that raises"],
)
def test_an_error_of_a_cell_is_told_with_its_place(source: str, note: str) -> None:
    (told_note,) = told(OPEN, [source], call("f")).notes
    assert told_note.startswith(note)
    assert len(told_note) < 2_200


def test_classes_of_a_notebook_are_found_under_main() -> None:
    source = "import pickle\nclass Policy: x = 3\ndef f(): return pickle.loads(pickle.dumps(Policy())).x"
    assert told(OPEN, [source], call("f")).answer == 3


def test_a_slow_package_costs_nothing_until_it_is_used_and_then_works() -> None:
    source = """
import sys
import gymnasium as gym
loaded = sum(name.startswith("gymnasium.") for name in sys.modules)
def f(): return loaded
def g(): return float(gym.make("CartPole-v1").reset(seed=1)[0].shape[0])
"""
    seen = told(OPEN, [source], call("f"), call("g"), call_s=20)
    assert seen.answers == [0, 4.0]


def test_parts_of_a_slow_package_can_be_imported() -> None:
    cells = [
        "from gymnasium import spaces\nfrom gymnasium.wrappers import TimeLimit\nimport gymnasium.spaces as s",
        "def f(): return int(spaces.Discrete(2).n) + (s is spaces)",
    ]
    seen = told(OPEN, cells, call("f"), cell_s=20)
    assert (seen.notes, seen.answer) == ([], 3)


def test_a_slow_package_that_is_not_installed_is_an_error_of_its_import() -> None:
    program = (
        "import sys; from autograder import runner; runner.LAZY = (*runner.LAZY, 'nowhere_to_be_found')\n"
        "sys.meta_path.insert(0, runner.LazyFinder())\n"
        "try: import nowhere_to_be_found\nexcept ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "No module named 'nowhere_to_be_found'\n"
    assert "gymnasium" in LAZY


ENVIRONMENT = (
    "class Env:\n def step(self, action): return 1, 2, 3, 4, 5\n def reset(self): return (0, 0), {}\nenv = Env()\n"
)


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("import gym", "gym has become Gymnasium"),
        ("a, b, c, d = env.step(0)", "step() gives five values"),
        ("return done", "step() gives five values"),
        ("return env.seed(3)", "env.seed(n) has become env.reset(seed=n)"),
    ],
    ids=["gym", "four values", "done", "seed"],
)
def test_a_habit_of_an_older_tutorial_gets_its_hint(body: str, hint: str) -> None:
    seen = told(OPEN, [ENVIRONMENT + f"def f():\n {body}", ENVIRONMENT + body], call("f"), call_s=20, cell_s=20)
    assert hint in seen.answer["hint"]
    if "return" not in body:
        assert any(hint in note for note in seen.notes), "a cell gets the hint in its note"


def test_an_error_of_today_gets_a_hint_only_if_a_habit_leads_to_it() -> None:
    examples: list[tuple[str, str]] = [
        ("ModuleNotFoundError", "No module named 'gym'"),
        ("ValueError", "too many values to unpack (expected 4)"),
        ("ValueError", "too many values to unpack (expected 2)"),
        ("TypeError", "tuple indices must be integers or slices, not str"),
        ("AttributeError", "module 'numpy' has no attribute 'bool8'"),
        ("ModuleNotFoundError", "No module named 'ray.rllib.agents'"),
    ]
    assert all(habits.hint(*example) for example in examples)
    assert habits.hint("ValueError", "bad") == ""


def test_functions_are_found_after_the_last_cell_only() -> None:
    cells = ["def f(): return 1", "def f(): return 2", "g = 3"]
    seen = told(OPEN, cells, call("f"), lambda session: [session.has("f"), session.has("g")])
    assert seen.answers == [2, [True, False]]
