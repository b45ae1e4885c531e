"""The loop that lab 4 is measured by is the one that it shows, and it is right."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch

from tools import labs
from upright.checks import cartpoles, loop


def test_the_loop_is_the_one_that_the_lab_shows() -> None:
    shown = [cell.source for cell in labs.instructor_notebook(labs.SOLUTIONS / "lab4_vectorize.md").cells]
    [cell] = [source for source in shown if "def step_loop" in source]
    source = inspect.getsource(loop.step_loop).replace("  # type: ignore[no-untyped-def]  # as the lab shows it", "")
    assert cell == f"# For you: the grader skips this cell.\n{source}".rstrip()


def test_the_loop_gives_what_the_equations_give() -> None:
    states, actions = cartpoles.cases(np.random.default_rng(5), 100)
    next_states, rewards, terminated = loop.step_loop(torch.from_numpy(states), torch.from_numpy(actions))
    expected = cartpoles.equations(states, actions)
    assert np.abs(next_states.numpy() - expected).max() < 1e-12
    assert rewards.tolist() == [1.0] * 100
    assert terminated.tolist() == cartpoles.ends(expected).tolist()


def test_one_thread_is_given_back() -> None:
    before = torch.get_num_threads()
    with loop.one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_the_loop_is_as_fast_as_its_fastest_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    began_and_ended = iter([0.0, 9.0, 9.0, 11.0, 11.0, 16.0])  # pieces of 200, 200 and 100 states: 9 s, 2 s and 5 s
    monkeypatch.setattr(loop.time, "perf_counter", lambda: next(began_and_ended))
    assert loop.seconds(*cartpoles.cases(np.random.default_rng(5), 500)) == pytest.approx(500 * 2 / 200)
