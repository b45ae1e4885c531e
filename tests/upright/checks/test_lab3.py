from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from tests.upright.checks.mistakes import Mistake, mistakes
from tests.upright.checks.solved import run_solution
from upright import DataError, Policy
from upright.checks import exports, lab3
from upright.policy import MIME

pytestmark = pytest.mark.ray
VARIANT = 3
MISTAKES = mistakes("lab3_ppo")
BALANCES = Policy.linear([[0, 0, 0, 0], [0.1, 0.3, 2.0, 0.5]])


@pytest.fixture(scope="module", autouse=True)
def notebook() -> Iterator[None]:
    """Only in a notebook is there somebody to take what display() is given."""
    InteractiveShell.instance()
    yield
    InteractiveShell.clear_instance()


@pytest.fixture(scope="module")
def solution(notebook: None) -> Iterator[tuple[dict[str, Any], exports.Outputs]]:
    """The names that the solution leaves, and the outputs of its cells."""
    solved = run_solution("lab3_ppo", {"VARIANT = 0": f"VARIANT = {VARIANT}"})
    import ray

    yield solved
    ray.shutdown()


def graded(policy: Policy | None, seed: int = 1, variant: int = 0) -> dict[str, Any]:
    outputs = [] if policy is None else [(1, exports.bundle(policy, MIME, "A policy."))]
    return {check.name: check for check in lab3.grade(outputs, seed, variant)[0]}


def test_the_solution_gets_ten_points_on_the_course_physics(solution: Any) -> None:
    checks, policy, notes = lab3.grade(solution[1], seed=99, variant=VARIANT)
    assert [check.outcome for check in checks] == ["passed", "passed"], checks
    assert sum(check.points for check in checks) == 10
    assert policy is not None
    assert notes[0].startswith("Training, as the notebook tells it: env_steps")
    assert "curve" in notes[0]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_loses_its_check_with_its_own_hint(solution: Any, mistake: Mistake) -> None:
    import numpy as np

    from upright.rllib import solve

    names = {**solution[0], "solve": solve, "np": np}
    exec(compile(mistake.source, mistake.name, "exec"), names)
    checks = graded(names["policy"], seed=7, variant=VARIANT)
    lost = [name for name, check in checks.items() if check.outcome in ("failed", "student_error")]
    if mistake.name.startswith("saves the policy to a file"):
        lost = [name for name, check in checks.items() if check.outcome == "not_answered"][:1]
    assert lost == [mistake.check], checks
    assert mistake.hint in checks[mistake.check].hint
    # A policy that cannot be read cannot be played either; that check says so, and nothing else is lost.
    if mistake.check == "export":
        assert checks["mean_return"].outcome == "not_answered"


def test_every_mistake_is_another_one() -> None:
    assert len(MISTAKES) >= 6
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES)


def test_an_untouched_notebook_gets_no_points() -> None:
    checks = graded(None)
    assert [check.outcome for check in checks.values()] == ["not_answered", "not_answered"]


def test_a_policy_passes_and_the_message_says_how_well() -> None:
    check = graded(BALANCES)["mean_return"]
    assert check.outcome == "passed"
    assert check.message.startswith("Mean return 200.0 over 100 episodes")


def test_another_seed_plays_other_episodes() -> None:
    falls = Policy.linear([[0, 0, 1, 0], [0, 0, 0, 1]])
    assert graded(falls, seed=1)["mean_return"].message != graded(falls, seed=2)["mean_return"].message


def test_what_an_export_tells_of_its_training_cannot_hold_terminal_codes() -> None:
    policy = Policy.linear([[0, 0, 0, 0], [0, 0, 2, 1]], told="\x1b[31mred\n" + "x" * 10_000)
    note = lab3.grade([(1, exports.bundle(policy, MIME, ""))], 1)[2][0]
    assert "\x1b" not in note
    assert "\n" not in note
    assert len(note) < 700


def test_export_refuses_what_is_no_policy_by_its_type() -> None:
    no_policy: Any = {}
    with pytest.raises(TypeError, match="was given a dict"):
        lab3.export(no_policy)


def test_export_refuses_other_sizes_than_cartpoles() -> None:
    with pytest.raises(DataError, match="field action_size: CartPole has 2"):
        lab3.export(Policy.linear([[0, 0, 1, 1]]))


def test_a_network_that_would_take_minutes_to_play_is_refused() -> None:
    sizes = [4, 600, 600, 2]
    layers = [
        {"weight": [[0] * inputs] * outputs, "bias": [0] * outputs, "activation": "tanh"}
        for inputs, outputs in itertools.pairwise(sizes)
    ]
    large = {"format": "upright-policy/1", "observation_size": 4, "action_size": 2, "layers": layers}
    check = lab3.grade([(1, {MIME: large})], 1)[0][0]
    assert check.message == "cell 1: field layers: 363,600 weights; at most 200,000 are played with."


def test_an_export_carries_the_training_record() -> None:
    with capture_output() as captured:
        lab3.export(BALANCES, {"env_steps": 1024, "seconds": 0.5, "curve": [(512, 20.04), (1024, 199.0)]})
    data = captured.outputs[0].data
    assert data[MIME]["trained"] == {"env_steps": 1024, "seconds": 0.5, "curve": "512: 20.0, 1024: 199.0"}
    assert data["text/plain"].startswith("Exported: Policy(4 → 2)")


def test_the_self_check_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError, match="does not pass yet"):
        lab3.mean_return(Policy.linear([[0, 0, 0, 0], [0, 0, -2, -1]]))
    assert "left and right exchanged" in capsys.readouterr().out
