"""What Upright's stand-in for Gymnasium needs of numpy, in pure Python: its random numbers and how its arrays print.

The tests compare both with numpy itself.
"""

import math
import secrets
import struct

COLAB = "open this chapter in Colab, with the launch button at the top of the page"
_FOUR = struct.Struct("4f")


class SeedError(Exception):
    """A seed that Gymnasium refuses."""


class Random:
    """numpy's default random numbers: a SeedSequence fills the state of a PCG64 (XSL-RR, 128 bits)."""

    MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645

    def __init__(self, seed=None):
        if seed is not None and not isinstance(seed, int):
            raise SeedError(f"Seed must be a python integer, actual type: {type(seed)}")
        if seed is not None and seed < 0:
            raise SeedError(f"Seed must be greater or equal to zero, actual value: {seed}")
        self.seed = secrets.randbits(128) if seed is None else seed
        words = _seed_words(self.seed)
        self._increment = (words[2] << 64 | words[3]) << 1 & _mask(128) | 1
        self._state = self._increment + (words[0] << 64 | words[1])
        self._advance()
        self._half = None

    def _advance(self):
        self._state = (self._state * self.MULTIPLIER + self._increment) & _mask(128)

    def bits64(self):
        self._advance()
        value, turn = (self._state >> 64) ^ (self._state & _mask(64)), self._state >> 122
        return (value >> turn | value << (64 - turn)) & _mask(64)

    def bits32(self):
        """The lower half of 64 bits, and the upper half at the next call."""
        if self._half is not None:
            value, self._half = self._half, None
            return value
        both = self.bits64()
        self._half = both >> 32
        return both & _mask(32)

    def uniform(self, low, high):
        return low + (high - low) * ((self.bits64() >> 11) * 2.0**-53)

    def below(self, n):
        """An integer from 0 to n - 1 by Lemire's method, which is what numpy's `integers` uses."""
        product = self.bits32() * n
        while product & _mask(32) < (1 << 32) % n:
            product = self.bits32() * n
        return product >> 32


def _mask(bits):
    return (1 << bits) - 1


def _seed_words(seed):
    """The four 64-bit words that numpy's SeedSequence makes of a seed."""
    entropy = [seed >> shift & _mask(32) for shift in range(0, max(seed.bit_length(), 1), 32)]
    entropy += [0] * (4 - len(entropy))
    constant = 0x43B0D7E5

    def hashed(value):
        nonlocal constant
        value ^= constant
        constant = constant * 0x931E8875 & _mask(32)
        value = value * constant & _mask(32)
        return value ^ value >> 16

    def mixed(x, y):
        value = (0xCA01F9DD * x - 0x4973F715 * y) & _mask(32)
        return value ^ value >> 16

    pool = [hashed(word) for word in entropy[:4]]
    for source in range(4):
        for target in range(4):
            if source != target:
                pool[target] = mixed(pool[target], hashed(pool[source]))
    for word in entropy[4:]:
        pool = [mixed(value, hashed(word)) for value in pool]

    words, constant = [], 0x8B51F9DD
    for index in range(8):
        value = pool[index % 4] ^ constant
        constant = constant * 0x58F38DED & _mask(32)
        value = value * constant & _mask(32)
        words.append(value ^ value >> 16)
    return [words[index] | words[index + 1] << 32 for index in range(0, 8, 2)]


def _refuse(*_):
    raise TypeError(
        "In Upright's stand-in for Gymnasium an observation is a list of numbers, without numpy's arithmetic. "
        f"Compute with its numbers one by one, or {COLAB}."
    )


class Numbers(list):
    """Numbers that print, iterate and round as a numpy array does. No arithmetic, no comparison: those are numpy's."""

    def __init__(self, values, dtype="float64"):
        super().__init__(values)
        self.dtype = dtype

    @property
    def shape(self):
        return (len(self),)

    def round(self, decimals=0):
        narrow, scale = float32 if self.dtype == "float32" else Numbers, 10.0**decimals
        moved = narrow([value * scale for value in self])
        return narrow([math.copysign(round(value), value) / scale for value in moved])

    def tolist(self):
        return list(self)

    def __str__(self):
        return f"[{' '.join(_printed(self))}]"

    def __repr__(self):
        text, kind = f"array([{', '.join(_printed(self))}]", f"dtype={self.dtype})"
        if self.dtype == "float64":
            return f"{text})"
        return f"{text}, {kind}" if len(text) + len(kind) < 74 else f"{text},\n      {kind}"

    __add__ = __radd__ = __iadd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __imul__ = _refuse
    __truediv__ = __rtruediv__ = __matmul__ = __rmatmul__ = __pow__ = __neg__ = __abs__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = None


def float32(values):
    """What is left of numbers when each is stored in 32 bits."""
    code = _FOUR if len(values) == 4 else struct.Struct(f"{len(values)}f")
    return Numbers(code.unpack(code.pack(*values)), "float32")


def _printed(numbers):
    """Each number as numpy prints it in an array: eight decimals at most, in columns, exponents if sizes differ."""
    sizes = [abs(value) for value in numbers if math.isfinite(value) and value]
    digits = [_digits(value, numbers.dtype) for value in numbers]
    if sizes and (min(sizes) < 1e-4 or max(sizes) >= 1e8 or max(sizes) / min(sizes) > 1000):
        told = [f"{value:.{min(8, max(digits) - 1)}e}" for value in numbers]
    else:
        told = [_fixed(value, found) for value, found in zip(numbers, digits, strict=True)]
        behind = max(len(text.partition(".")[2]) for text in told)
        told = [text + " " * (behind - len(text.partition(".")[2])) if "." in text else text for text in told]
    width = max(len(text) for text in told)
    return [text.rjust(width) for text in told]


def _fixed(value, digits):
    if not math.isfinite(value):
        return str(value)
    exponent = int(f"{value:e}".partition("e")[2])
    text = f"{value:.{min(8, max(0, digits - 1 - exponent))}f}"
    return text.rstrip("0") if "." in text else f"{text}."


def _digits(value, dtype):
    """How many digits are enough to tell this number from its neighbours."""
    narrow = float32 if dtype == "float32" else Numbers
    enough = (digits for digits in range(1, 18) if narrow([float(f"{value:.{digits - 1}e}")])[0] == value)
    return next(enough, 1)
