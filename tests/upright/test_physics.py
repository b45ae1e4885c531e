from __future__ import annotations

import hashlib

import numpy as np
import pytest

from upright.physics import FACTORS, LAST_VARIANT, Physics, physics


def test_a_number_gives_the_same_physics_for_ever() -> None:
    assert physics(7) == Physics(gravity=6.58, length=0.208, force_mag=13.9, tau=0.0418)


def test_the_formula_is_the_published_one() -> None:
    digest = hashlib.sha256(b"upright variant 12").digest()
    u = int.from_bytes(digest[:8], "big") / 2**64
    assert physics(12).gravity == float(f"{9.8 * 0.5 * 2**u:.3g}")


def test_numpys_own_seed_changes_nothing() -> None:
    np.random.seed(0)
    first = physics(5)
    np.random.seed(1)
    assert physics(5) == first


def test_all_constants_stay_inside_their_ranges_and_differ() -> None:
    standard = vars(Physics())
    found = [vars(physics(number)) for number in range(1, 300)]
    for name, (low, high) in FACTORS.items():
        ratios = [one[name] / standard[name] for one in found]
        assert low * 0.99 <= min(ratios) < low * 1.05
        assert high * 0.95 < max(ratios) <= high * 1.01
        assert len(set(ratios)) > 20
    assert all(one["masscart"] == 1.0 and one["masspole"] == 0.1 for one in found)


@pytest.mark.parametrize("number", [-1, LAST_VARIANT + 1, 1.5, "3", True, None])
def test_what_is_no_variant_is_refused(number: object) -> None:
    with pytest.raises(ValueError, match="give a whole number from 0 to 999999"):
        physics(number)  # type: ignore[arg-type]  # what a user types
