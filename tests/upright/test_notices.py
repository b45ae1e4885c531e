"""`quiet` silences what a reader cannot act on, in a process as fresh as a notebook's, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import textwrap


def say(code: str, quiet: bool = True) -> subprocess.CompletedProcess[str]:
    """What a fresh Python says when it runs the code, after `upright.quiet()` or without it."""
    start = "import upright\nupright.quiet()\n" if quiet else ""
    command = [sys.executable, "-c", start + textwrap.dedent(code)]
    environment = {"PATH": "", "HOME": "/nonexistent"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)


MAKE = """
    import gymnasium as gym
    env = gym.make("CartPole-v0")
    env.reset(seed=0)
"""


def test_making_cartpole_v0_is_silent_and_would_not_be_otherwise() -> None:
    loud, silent = say(MAKE, quiet=False), say(MAKE)
    assert "out of date" in loud.stderr
    assert (silent.stdout, silent.stderr) == ("", "")


def test_stepping_after_the_end_still_warns() -> None:
    said = say(
        MAKE
        + """
    for _ in range(50):
        env.step(0)
    """
    )
    assert "even though this environment has already returned terminated = True" in said.stderr


def test_an_old_name_of_an_environment_other_than_cartpole_v0_still_warns() -> None:
    said = say(
        """
        import gymnasium as gym
        class Nothing(gym.Env):
            observation_space = action_space = gym.spaces.Discrete(2)
        for version in (0, 1):
            gym.register(f"Nothing-v{version}", entry_point=Nothing)
        gym.make("Nothing-v0")
        """
    )
    assert "Nothing-v0 is out of date" in said.stderr


def test_pygame_draws_without_a_greeting_a_screen_or_a_sound_card() -> None:
    said = say(
        """
        import gymnasium as gym
        env = gym.make("CartPole-v0", render_mode="rgb_array")
        env.reset(seed=0)
        print(env.render().shape)
        """
    )
    assert (said.stdout, said.stderr) == ("(400, 600, 3)\n", "")


def test_a_warning_of_the_readers_own_code_still_shows() -> None:
    said = say(
        """
        import warnings
        import numpy as np
        warnings.warn("look here", DeprecationWarning)
        np.array([1.0]) / 0
        """
    )
    assert "DeprecationWarning: look here" in said.stderr
    assert "RuntimeWarning: divide by zero" in said.stderr


def test_a_library_that_logs_an_error_still_shows_it() -> None:
    said = say(
        """
        import logging
        logger = logging.getLogger("ray.tune.tune")
        logger.warning("nothing to act on")
        logger.error("a trial failed")
        """
    )
    assert said.stderr == "a trial failed\n"


def test_what_the_reader_has_set_stays_set() -> None:
    said = say(
        """
        import os
        os.environ["SDL_VIDEODRIVER"] = "x11"
        import upright
        upright.quiet()
        print(os.environ["SDL_VIDEODRIVER"], os.environ["SDL_AUDIODRIVER"])
        """,
        quiet=False,
    )
    assert said.stdout == "x11 dummy\n"


def test_importing_upright_loads_neither_torch_nor_ray() -> None:
    said = say(
        """
        import sys
        print(sorted({"ray", "torch", "pygame", "moviepy"} & set(sys.modules)))
        """
    )
    assert said.stdout == "[]\n"
