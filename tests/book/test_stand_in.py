"""The stand-in for Gymnasium in the page gives the same numbers as Gymnasium, and says what it cannot do."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import gymnasium
import numpy as np
import pytest

BOTH = ("CartPole-v0", "CartPole-v1")


def balance(observation: Any) -> int:
    return int(observation[2] + observation[3] > 0)


def lean(observation: Any) -> int:
    return int(observation[2] + observation[3] > 0.1)


def same(step: Any, other: Any) -> None:
    """The five values of both steps are equal, observations to the last bits of float32."""
    np.testing.assert_allclose(list(step[0]), list(other[0]), rtol=1e-6, atol=1e-9)
    assert step[1:] == other[1:]


@pytest.mark.parametrize("seed", [*range(51), 2**32, 2**64 + 1, 2**200 + 7])
def test_a_seeded_reset_starts_where_gymnasium_starts(stand_in: ModuleType, seed: int) -> None:
    real, own = gymnasium.make("CartPole-v1"), stand_in.make("CartPole-v1")
    for given in (seed, None, None):
        theirs, ours = real.reset(seed=given)[0], own.reset(seed=given)[0]
        assert [float(value) for value in theirs] == list(ours)


def test_a_reset_without_a_seed_is_new_each_time(stand_in: ModuleType) -> None:
    starts = {tuple(stand_in.make("CartPole-v0").reset()[0]) for _ in range(5)}
    assert len(starts) == 5


@pytest.mark.parametrize("seed", range(20))
def test_sampled_actions_are_gymnasiums(stand_in: ModuleType, seed: int) -> None:
    real, own = gymnasium.make("CartPole-v1").action_space, stand_in.make("CartPole-v1").action_space
    assert own.seed(seed) == real.seed(seed)
    assert [own.sample() for _ in range(200)] == [int(real.sample()) for _ in range(200)]


def test_integers_below_any_bound_are_numpys(as_numpy: ModuleType) -> None:
    for bound in (2, 3, 7, 2**31 - 1, 3 * 2**30):
        real, own = np.random.default_rng(bound), as_numpy.Random(bound)
        assert [own.below(bound) for _ in range(100)] == real.integers(bound, size=100).tolist()


def test_ten_thousand_random_steps_are_gymnasiums(stand_in: ModuleType) -> None:
    real, own = gymnasium.make("CartPole-v0"), stand_in.make("CartPole-v0")
    real.action_space.seed(0)
    ended = True
    for number in range(10_000):
        if ended:
            real.reset(seed=number)
            own.reset(seed=number)
        action = int(real.action_space.sample())
        theirs, ours = real.step(action), own.step(action)
        same(theirs, ours)
        ended = theirs[2] or theirs[3]
    np.testing.assert_allclose(list(own.unwrapped.state), real.unwrapped.state, rtol=1e-12)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("policy", "flags"),
    [(lambda _: 1, (True, False)), (lean, (True, False)), (balance, (False, True))],
    ids=["beyond the angle", "beyond the edge", "out of time"],
)
def test_every_end_comes_in_the_same_step_with_the_same_flags(
    stand_in: ModuleType, name: str, policy: Callable[[Any], int], flags: tuple[bool, bool]
) -> None:
    real, own = gymnasium.make(name), stand_in.make(name)
    observation, _ = real.reset(seed=4)
    own.reset(seed=4)
    ended = False
    while not ended:
        action = policy(observation)
        theirs, ours = real.step(action), own.step(action)
        same(theirs, ours)
        observation, ended = theirs[0], theirs[2] or theirs[3]
    assert ours[2:4] == flags


def test_both_flags_can_be_set_at_once(stand_in: ModuleType) -> None:
    probe = stand_in.make("CartPole-v0")
    probe.reset(seed=0)
    fall = 1
    while not probe.step(1)[2]:
        fall += 1
    own = stand_in.make("CartPole-v0", max_episode_steps=fall)
    own.reset(seed=0)
    ends = [own.step(1)[2:4] for _ in range(fall)]
    assert ends[-1] == (True, True)
    assert ends[-2] == (False, False)


def test_a_limit_of_its_own_cuts_off_and_stays_cut_off(stand_in: ModuleType) -> None:
    own = stand_in.make("CartPole-v0", max_episode_steps=3)
    own.reset(seed=0)
    assert [own.step(step % 2)[3] for step in range(5)] == [False, False, True, True, True]


@pytest.mark.parametrize("action", [2, -1, 0.5, "right", None])
def test_an_invalid_action_is_refused_in_gymnasiums_words(stand_in: ModuleType, action: Any) -> None:
    real, own = gymnasium.make("CartPole-v1"), stand_in.make("CartPole-v1")
    real.reset(seed=0)
    own.reset(seed=0)
    with pytest.raises(AssertionError) as theirs:
        real.step(action)
    with pytest.raises(AssertionError) as ours:
        own.step(action)
    assert str(ours.value) == str(theirs.value)


def test_a_step_before_the_first_reset_is_refused_in_gymnasiums_words(stand_in: ModuleType) -> None:
    with pytest.raises(gymnasium.error.ResetNeeded) as theirs:
        gymnasium.make("CartPole-v1").step(0)
    with pytest.raises(stand_in.ResetNeeded) as ours:
        stand_in.make("CartPole-v1").step(0)
    assert str(ours.value) == str(theirs.value)


def test_steps_after_the_end_give_the_same_rewards_and_the_same_warning_once(stand_in: ModuleType) -> None:
    real, own = gymnasium.make("CartPole-v1"), stand_in.make("CartPole-v1")
    told = []
    for env in (real, own):
        env.reset(seed=0)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            steps = [env.step(1)[1:3] for _ in range(15)]
        told.append((steps, [str(warning.message) for warning in heard]))
    (their_steps, (theirs,)), (our_steps, (ours,)) = told
    assert our_steps == their_steps
    assert ours in theirs  # Gymnasium colours it


def test_a_state_set_by_hand_is_where_the_next_step_begins(stand_in: ModuleType) -> None:
    real: Any = gymnasium.make("CartPole-v1")
    own = stand_in.make("CartPole-v1")
    for env in (real, own):
        env.reset(seed=0)
        env.unwrapped.state = [0.5, 0.0, 0.15, 0.0]
    same(real.step(1), own.step(1))


@pytest.mark.parametrize(
    "constant", ["gravity", "masspole", "total_mass", "polemass_length", "length", "force_mag", "tau"]
)
def test_a_changed_constant_changes_the_physics_as_in_gymnasium(stand_in: ModuleType, constant: str) -> None:
    real, own = gymnasium.make("CartPole-v1"), stand_in.make("CartPole-v1")
    for env in (real, own):
        env.reset(seed=0)
        setattr(env.unwrapped, constant, getattr(env.unwrapped, constant) * 1.5)
    for action in (1, 1, 0):
        same(real.step(action), own.step(action))


@pytest.mark.parametrize("name", BOTH)
def test_the_spec_and_the_spaces_say_what_gymnasiums_say(stand_in: ModuleType, name: str) -> None:
    real, own = gymnasium.make(name), stand_in.make(name)
    for field in ("id", "name", "version", "max_episode_steps", "reward_threshold", "entry_point"):
        assert getattr(own.spec, field) == getattr(real.spec, field)
        assert getattr(stand_in.spec(name), field) == getattr(gymnasium.spec(name), field)
    assert repr(own.action_space) == repr(real.action_space)
    assert repr(own.observation_space) == repr(real.observation_space)
    assert own.action_space.n == 2
    assert str(own.observation_space.dtype) == str(real.observation_space.dtype)
    assert own.observation_space.shape == real.observation_space.shape
    start, _ = own.reset(seed=0)
    assert own.observation_space.contains(start)
    assert own.close() is None


def test_numbers_print_and_round_as_an_array_does(stand_in: ModuleType, as_numpy: ModuleType) -> None:
    random = np.random.default_rng(0)
    for size in range(-4, 3):
        for _ in range(100):
            array = (random.normal(size=4) * 10.0**size).astype(np.float32)
            own = as_numpy.float32(array.tolist())
            assert (str(own), repr(own)) == (str(array), repr(array))
            assert str(own.round(3)) == str(array.round(3))
            assert (own.shape, own.dtype, own.tolist()) == (array.shape, str(array.dtype), array.tolist())


@pytest.mark.parametrize("attempt", ["o + o", "o * 2", "o @ o", "o == o", "o > 0", "-o", "abs(o)", "2 - o"])
def test_arithmetic_that_needs_numpy_is_refused_with_what_to_do(stand_in: ModuleType, attempt: str) -> None:
    observation, _ = stand_in.make("CartPole-v0").reset(seed=0)
    with pytest.raises(TypeError, match=r"one by one, or open this chapter in Colab"):
        eval(attempt, {"o": observation})


def test_what_is_not_there_leads_to_colab(stand_in: ModuleType) -> None:
    for attempt in (
        lambda: stand_in.make("MountainCar-v0"),
        lambda: stand_in.make("CartPole-v0", render_mode="rgb_array"),
        lambda: stand_in.make("CartPole-v0").render(),
        lambda: stand_in.make_vec("CartPole-v0"),
    ):
        with pytest.raises((stand_in.Error, AttributeError), match=r"stand-in for Gymnasium.*Colab"):
            attempt()
