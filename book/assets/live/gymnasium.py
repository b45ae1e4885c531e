"""Upright's stand-in for Gymnasium, for code that runs in the page: CartPole in pure Python, with Gymnasium's names.

Equal seeds give Gymnasium's own starting states and sampled actions, and equal actions its observations, to float32.
Source of the physics: gymnasium/envs/classic_control/cartpole.py of Gymnasium 1.2. Of the random numbers: NumPy's
SeedSequence and PCG64 (M. E. O'Neill, PCG, Harvey Mudd College HMC-CS-2014-0905, 2014). What is missing here is in the
notebook of the chapter, which runs the real Gymnasium.
"""

import math
import secrets
import struct
import warnings

MASK32, MASK64, MASK128 = 2**32 - 1, 2**64 - 1, 2**128 - 1


class Generator:
    """NumPy's `default_rng(seed)`: the same bits, and of its methods `random`, `uniform` and `integers`."""

    def __init__(self, seed=None):
        words = self._seed_words(secrets.randbits(128) if seed is None else seed)
        first, second, third, fourth = (words[2 * i] | words[2 * i + 1] << 32 for i in range(4))
        self._step = ((third << 64 | fourth) << 1 | 1) & MASK128
        self._state = self._step + (first << 64 | second) & MASK128
        self._advance()
        self._half = None

    @staticmethod
    def _seed_words(entropy):
        """SeedSequence(entropy).generate_state(8)."""
        given = [entropy >> shift & MASK32 for shift in range(0, max(entropy.bit_length(), 1), 32)]
        constant = 0x43B0D7E5

        def mixed_in(value):
            nonlocal constant
            value ^= constant
            constant = constant * 0x931E8875 & MASK32
            value = value * constant & MASK32
            return value ^ value >> 16

        def mix(x, y):
            value = 0xCA01F9DD * x - 0x4973F715 * y & MASK32
            return value ^ value >> 16

        pool = [mixed_in(given[i] if i < len(given) else 0) for i in range(4)]
        for source in range(4):
            for target in range(4):
                if source != target:
                    pool[target] = mix(pool[target], mixed_in(pool[source]))
        for word in given[4:]:
            for target in range(4):
                pool[target] = mix(pool[target], mixed_in(word))
        constant, words = 0x8B51F9DD, []
        for i in range(8):
            value = pool[i % 4] ^ constant
            constant = constant * 0x58F38DED & MASK32
            value = value * constant & MASK32
            words.append(value ^ value >> 16)
        return words

    def _advance(self):
        self._state = self._state * 0x2360ED051FC65DA44385DF649FCCF645 + self._step & MASK128

    def _bits64(self):
        self._advance()
        folded, turn = self._state >> 64 ^ self._state & MASK64, self._state >> 122
        return (folded >> turn | folded << (-turn & 63)) & MASK64

    def _bits32(self):
        if self._half is None:
            bits = self._bits64()
            self._half = bits >> 32
            return bits & MASK32
        half, self._half = self._half, None
        return half

    def random(self):
        return (self._bits64() >> 11) / 2**53

    def uniform(self, low=0.0, high=1.0, size=1):
        return [low + (high - low) * self.random() for _ in range(size)]

    def integers(self, n):
        """Lemire, ACM Transactions on Modeling and Computer Simulation 29 (2019), algorithm 5."""
        product = self._bits32() * n
        while (product & MASK32) < (2**32 - n) % n:
            product = self._bits32() * n
        return product >> 32


class Observation(list):
    """Four numbers of float32 precision. Unlike a NumPy array it cannot be added or multiplied as a whole."""

    def __init__(self, values):
        super().__init__(struct.unpack("4f", struct.pack("4f", *values)))

    shape = (4,)

    def tolist(self):
        return list(self)

    def __str__(self):
        return "[" + " ".join(f"{value:.8f}" for value in self) + "]"

    def __repr__(self):
        return "array([" + ", ".join(f"{value:.8f}" for value in self) + "], dtype=float32)"


class Discrete:
    def __init__(self, n):
        self.n = n
        self._random = Generator()

    def seed(self, seed=None):
        self._random = Generator(seed)
        return seed

    def sample(self):
        return self._random.integers(self.n)

    def contains(self, action):
        return isinstance(action, int) and 0 <= action < self.n

    def __repr__(self):
        return f"Discrete({self.n})"


class Box:
    shape, dtype = (4,), "float32"

    def __init__(self):
        self.high = Observation([4.8, math.inf, 24 * 2 * math.pi / 360, math.inf])
        self.low = Observation([-value for value in self.high])

    def __repr__(self):
        return f"Box({self.low}, {self.high}, (4,), float32)"


class Spec:
    entry_point = "gymnasium.envs.classic_control.cartpole:CartPoleEnv"

    def __init__(self, id, max_episode_steps, reward_threshold):
        self.id, self.max_episode_steps, self.reward_threshold = id, max_episode_steps, reward_threshold
        self.name = "CartPole"


class CartPole:
    """The cart and its pole, with the limit of steps that `make` puts around it."""

    gravity, masscart, masspole, length, force_mag, tau = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
    x_threshold, theta_threshold_radians = 2.4, 12 * 2 * math.pi / 360
    render_mode = None

    def __init__(self, spec):
        self.spec = spec
        self.action_space, self.observation_space = Discrete(2), Box()
        self.state = None
        self._random = Generator()

    @property
    def unwrapped(self):
        return self

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self._random = Generator(seed)
        self.state = self._random.uniform(-0.05, 0.05, size=4)
        self._steps, self._over = 0, 0
        return Observation(self.state), {}

    def step(self, action):
        if self.state is None:
            raise AssertionError("Call reset before step: the environment has no state yet.")
        if not self.action_space.contains(action):
            raise AssertionError(f"{action!r} ({type(action)}) invalid")
        self.state = self._moved(action)
        terminated = abs(self.state[0]) > self.x_threshold or abs(self.state[2]) > self.theta_threshold_radians
        reward = self._reward(terminated)
        self._steps += 1
        truncated = self._steps >= self.spec.max_episode_steps
        return Observation(self.state), reward, terminated, truncated, {}

    def _moved(self, action):
        x, velocity, angle, turning = self.state
        force = self.force_mag if action == 1 else -self.force_mag
        cos, sin = math.cos(angle), math.sin(angle)
        total, moment = self.masscart + self.masspole, self.masspole * self.length
        push = (force + moment * turning**2 * sin) / total
        turn = (self.gravity * sin - cos * push) / (self.length * (4.0 / 3.0 - self.masspole * cos**2 / total))
        acceleration = push - moment * turn * cos / total
        tau = self.tau
        return [x + tau * velocity, velocity + tau * acceleration, angle + tau * turning, turning + tau * turn]

    def _reward(self, terminated):
        if self._over and terminated:
            if self._over == 1:
                text = "You step on after terminated = True. Call reset: what happens from here on means nothing."
                warnings.warn(text, UserWarning, stacklevel=3)
            self._over += 1
            return 0.0
        self._over = int(terminated)
        return 1.0

    def close(self):
        pass

    def __repr__(self):
        return f"<CartPole<{self.spec.id}>>"


SPECS = {"CartPole-v0": (200, 195.0), "CartPole-v1": (500, 475.0)}


def spec(id):
    if id not in SPECS:
        raise ValueError(
            f"{id} is not in this page, which knows {' and '.join(SPECS)}. Open the chapter in Colab for others."
        )
    return Spec(id, *SPECS[id])


def make(id, max_episode_steps=None, render_mode=None, **others):
    if render_mode or others:
        raise ValueError(
            f"{render_mode or next(iter(others))} is not in this page. Open the chapter in Colab to use it."
        )
    found = spec(id)
    found.max_episode_steps = max_episode_steps or found.max_episode_steps
    return CartPole(found)


Env = CartPole
