"""Upright's own stand-in for Gymnasium, for cells that run in the page: CartPole in pure Python, the same numbers.

It has the names that chapters 2 to 5 use and no others: `make`, `spec`, and an environment with `reset`, `step`,
`action_space`, `observation_space`, `spec`, `unwrapped` and `close`. It draws no pictures and needs no numpy. The tests
compare it with the real library: seeded starts, sampled actions, steps, both flags, and what it refuses.
"""

import math
import warnings

from as_numpy import COLAB, Numbers, Random, float32

LIMITS = {"CartPole-v0": (200, 195.0), "CartPole-v1": (500, 475.0)}


class Error(Exception):
    """What Gymnasium raises as gymnasium.error.Error."""


class ResetNeeded(Error):
    """A step before the first reset."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'gymnasium' has no attribute {name!r}")
    raise AttributeError(f"Upright's stand-in for Gymnasium has no {name!r}. For all of Gymnasium, {COLAB}.")


class Discrete:
    """The actions 0 to n - 1."""

    def __init__(self, n):
        self.n = n
        self._random = Random()

    def seed(self, seed=None):
        self._random = Random(seed)
        return self._random.seed

    def sample(self):
        return self._random.below(self.n)

    def contains(self, action):
        return isinstance(action, int) and 0 <= action < self.n

    __contains__ = contains

    def __repr__(self):
        return f"Discrete({self.n})"


class Box:
    """The bounds of an observation."""

    def __init__(self, high):
        self.low, self.high = float32([-value for value in high]), float32(high)
        self.shape, self.dtype = self.high.shape, self.high.dtype

    def contains(self, observation):
        return all(low <= x <= high for low, x, high in zip(self.low, observation, self.high, strict=True))

    def __repr__(self):
        return f"Box({self.low}, {self.high}, {self.shape}, {self.dtype})"


class Spec:
    """What Gymnasium's registry says about one environment."""

    def __init__(self, name, max_episode_steps=None):
        if name not in LIMITS:
            raise Error(f"Upright's stand-in for Gymnasium knows only {' and '.join(LIMITS)}. For {name!r}, {COLAB}.")
        self.id, self.name, self.version = name, "CartPole", int(name[-1])
        self.entry_point = "gymnasium.envs.classic_control.cartpole:CartPoleEnv"
        self.max_episode_steps = max_episode_steps or LIMITS[name][0]
        self.reward_threshold = LIMITS[name][1]


class CartPole:
    """The physics: what `env.unwrapped` is. The names of its constants are Gymnasium's, so that you may change them."""

    def __init__(self):
        self.gravity, self.masscart, self.masspole, self.length = 9.8, 1.0, 0.1, 0.5
        self.total_mass = self.masspole + self.masscart
        self.polemass_length = self.masspole * self.length
        self.force_mag, self.tau = 10.0, 0.02
        self.theta_threshold_radians, self.x_threshold = 12 * 2 * math.pi / 360, 2.4
        self.action_space = Discrete(2)
        self.observation_space = Box([2 * self.x_threshold, math.inf, 2 * self.theta_threshold_radians, math.inf])
        self.state = self.steps_beyond_terminated = None
        self._random = Random()

    @property
    def unwrapped(self):
        return self

    def reset(self, *, seed=None):
        if seed is not None:
            self._random = Random(seed)
        self.state = Numbers([self._random.uniform(-0.05, 0.05) for _ in range(4)])
        self.steps_beyond_terminated = None
        return float32(self.state), {}

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} ({type(action)}) invalid"
        assert self.state is not None, "Call reset before using step method."
        x, velocity, angle, turning = self.state
        force = self.force_mag if action == 1 else -self.force_mag
        sine, cosine = math.sin(angle), math.cos(angle)
        push = (force + self.polemass_length * (turning * turning) * sine) / self.total_mass
        inertia = self.length * (4.0 / 3.0 - self.masspole * (cosine * cosine) / self.total_mass)
        twist = (self.gravity * sine - cosine * push) / inertia
        pull = push - self.polemass_length * twist * cosine / self.total_mass
        x, velocity = x + self.tau * velocity, velocity + self.tau * pull
        angle, turning = angle + self.tau * turning, turning + self.tau * twist
        self.state = Numbers((x, velocity, angle, turning))
        terminated = not (abs(x) <= self.x_threshold and abs(angle) <= self.theta_threshold_radians)
        return float32(self.state), self._reward(terminated), terminated, False, {}

    def _reward(self, terminated):
        if not terminated:
            return 1.0
        if self.steps_beyond_terminated is None:
            self.steps_beyond_terminated = 0
            return 1.0
        if self.steps_beyond_terminated == 0:
            warnings.warn(
                "WARN: You are calling 'step()' even though this environment has already returned terminated = True. "
                "You should always call 'reset()' once you receive 'terminated = True' -- any further steps are "
                "undefined behavior.",
                stacklevel=1,
            )
        self.steps_beyond_terminated += 1
        return 0.0


class Env:
    """What `make` returns: the physics, with a limit of steps."""

    def __init__(self, spec):
        self.spec, self.unwrapped, self.render_mode = spec, CartPole(), None
        self.action_space, self.observation_space = self.unwrapped.action_space, self.unwrapped.observation_space
        self._steps = None

    def reset(self, *, seed=None):
        self._steps = 0
        return self.unwrapped.reset(seed=seed)

    def step(self, action):
        if self._steps is None:
            raise ResetNeeded("Cannot call env.step() before calling env.reset()")
        observation, reward, terminated, truncated, info = self.unwrapped.step(action)
        self._steps += 1
        return observation, reward, terminated, truncated or self._steps >= self.spec.max_episode_steps, info

    def render(self):
        raise Error(f"Upright's stand-in for Gymnasium draws no pictures. To see them, {COLAB}.")

    def close(self):
        pass

    def __repr__(self):
        return f"<{self.spec.id}, Upright's stand-in for Gymnasium>"


def make(name, max_episode_steps=None, render_mode=None):
    if render_mode is not None:
        raise Error(f"Upright's stand-in for Gymnasium draws no pictures: leave render_mode out. To see them, {COLAB}.")
    return Env(Spec(name, max_episode_steps))


def spec(name):
    return Spec(name)
