"""Random numbers by key and position: those of the published generator, and without a pattern that a test would see."""

from __future__ import annotations

import pytest
import torch

from upright.streams import keys, uniform


def squares(counter: int, key: int) -> int:
    """Widynski's generator in whole numbers, as his paper writes it."""
    wide = 2**64 - 1
    x = y = counter * key & wide
    z = y + key & wide
    for added in (y, z, y):
        x = x * x + added & wide
        x = (x >> 32 | x << 32) & wide
    return (x * x + z & wide) >> 32


@pytest.mark.parametrize("first", [0, 1, 12_345, 2**33])
def test_the_numbers_are_those_of_the_published_generator(first: int) -> None:
    found = keys([0, 1, 2**40])
    expected = [
        [((squares(first + place, key & 2**64 - 1) & 0x7FFFFF) + 0.5) / 2**23 for place in range(6)]
        for key in found.tolist()
    ]
    assert uniform(found, first, 6).tolist() == expected


def test_a_part_of_a_stream_is_the_part_of_the_whole() -> None:
    found = keys([5])
    assert torch.equal(uniform(found, 0, 100)[:, 40:60], uniform(found, 40, 20))


def test_the_numbers_are_spread_evenly_and_never_zero_or_one() -> None:
    numbers = uniform(keys([7]), 0, 1_000_000)
    assert 0 < numbers.min() < 1e-5
    assert 1 - 1e-5 < numbers.max() < 1
    counts = torch.histc(numbers, bins=100, min=0, max=1)
    chi_square = ((counts - 10_000) ** 2 / 10_000).sum()
    assert 60 < chi_square < 150  # 99 degrees of freedom: outside this range once in a thousand generators


def test_neighbouring_seeds_have_nothing_to_do_with_one_another() -> None:
    numbers = uniform(keys(range(50)), 0, 20_000)
    correlations = torch.corrcoef(numbers) - torch.eye(50)
    assert correlations.abs().max() < 0.04
