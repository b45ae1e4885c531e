"""The constants of CartPole's physics, and those of a course's own, which a number gives."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

LAST_VARIANT = 999_999

# The standard value is multiplied by a factor between these two. A longer step, a shorter pole and less gravity make a
# policy for the standard physics overshoot, yet stay easy to learn: see benchmarks/variants.py.
FACTORS = {"gravity": (0.5, 1.0), "length": (0.3, 0.8), "force_mag": (0.7, 1.4), "tau": (1.65, 2.1)}


@dataclass(frozen=True)
class Physics:
    """CartPole's constants, under Gymnasium's names: m/s², kg, kg, m (half the pole), N, s (one step)."""

    gravity: float = 9.8
    masscart: float = 1.0
    masspole: float = 0.1
    length: float = 0.5
    force_mag: float = 10.0
    tau: float = 0.02


def physics(variant: int) -> Physics:
    """The physics of a course's number. 0 is the standard; equal numbers give equal physics everywhere and for ever.

    Constant number i of FACTORS, counted from 0, is multiplied by low · (high / low)^u, rounded to three digits. u is
    bytes 8i to 8i + 7 of SHA-256("upright variant N"), as a big-endian integer, over 2⁶⁴. Raises ValueError for a
    number outside 0 to 999999.
    """
    if type(variant) is not int or not 0 <= variant <= LAST_VARIANT:
        raise ValueError(f"variant is {variant!r}; give a whole number from 0 to {LAST_VARIANT}")
    standard = Physics()
    if variant == 0:
        return standard
    digest = hashlib.sha256(f"upright variant {variant}".encode()).digest()
    changed = {}
    for place, (name, (low, high)) in enumerate(FACTORS.items()):
        u = int.from_bytes(digest[8 * place : 8 * place + 8], "big") / 2**64
        changed[name] = float(f"{getattr(standard, name) * low * (high / low) ** u:.3g}")
    return Physics(**{**asdict(standard), **changed})
