"""Random numbers by key and position: the same on every device, and for an agent whoever trains beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

STEP = 2**-23  # between neighbouring numbers: all of them are exact in float32, and neither 0 nor 1


def keys(seeds: Sequence[int], device: str | torch.device = "cpu") -> Tensor:
    """A key for each seed, int64 (n,): odd, and without a pattern even where the seeds have one."""
    found = []
    for seed in seeds:
        digest = hashlib.sha256(f"upright seed {seed}".encode()).digest()
        found.append(int.from_bytes(digest[:8], "little", signed=True) | 1)
    return torch.tensor(found, dtype=torch.int64, device=device)


def uniform(keys: Tensor, first: int, count: int) -> Tensor:
    """Numbers `first` to `first + count - 1` of each key's stream, float32 (n, count), strictly between 0 and 1.

    The 32-bit generator of Widynski, "Squares: A Fast Counter-Based RNG" (arXiv 2004.06278, 2020), section 3: four
    rounds of squaring. Products wrap around at 64 bits, as they must.
    """
    key = keys[:, None]
    x = torch.arange(first, first + count, device=keys.device) * key
    y = x
    z = y + key
    for added in (y, z, y):
        x = x * x + added
        x = (x << 32) | ((x >> 32) & 0xFFFFFFFF)
    x = (x * x + z) >> 32
    return ((x & 0x7FFFFF).float() + 0.5) * STEP
