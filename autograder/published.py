"""Policies that anybody can find in the course's pages and solutions: one that is nearly equal to them is flagged.

    python -m autograder.published NAME SOURCE POLICY.json     keeps a policy's fingerprint in autograder/published/

A flag is for the instructor to look at. It never changes a score: whoever trains the published configuration with the
published seed gets the published weights.
"""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from upright.format import Format
from upright.policy import Policy

FOLDER = Path(__file__).with_name("published")
PROBES = 256
# The largest values of the four observations at which policies are compared.
REACH = np.array([2.4, 3.0, 0.21, 3.0])
# Two trainings of chapter 6 with different seeds are at least 0.09 apart (28 pairs). A copy whose every weight was
# changed by about a tenth (standard deviation) is 0.01 to 0.03 away (medians of 5 copies, for each of 8 policies).
TOLERANCE = 0.03


class Published(Format):
    """A published policy, `upright-published/1`. name: of the policy; source: where it is published; settings: a digest
    of what it was trained with, if that is known; fingerprint: see the function of that name."""

    format: Literal["upright-published/1"] = "upright-published/1"
    name: str
    source: str
    settings: str = ""
    fingerprint: Annotated[tuple[float, ...], Field(min_length=PROBES, max_length=PROBES)]


def probes() -> np.ndarray:
    """Observations spread evenly over the reach, float64 of shape (256, 4): Roberts' sequence R₄ (2018)."""
    root = 1.0
    for _ in range(60):
        root = (1 + root) ** (1 / 5)
    steps = np.arange(1, PROBES + 1)[:, np.newaxis] * root ** -np.arange(1.0, 5.0)
    return (steps % 1 * 2 - 1) * REACH


def fingerprint(policy: Policy) -> np.ndarray:
    """What the policy prefers at the probes: logit right minus logit left, scaled to length 1; shape (256,).

    Equal for policies that differ in the order of their hidden units, or in the scale or a common shift of their
    logits. All zeros for a policy that prefers nothing.
    """
    logits = policy.logits(probes())
    preferred = logits[:, 1] - logits[:, 0]
    length = float(np.linalg.norm(preferred))
    return preferred / length if length and np.isfinite(length) else np.zeros(PROBES)


def near(policy: Policy) -> list[tuple[Published, float]]:
    """The published policies whose fingerprint is at most TOLERANCE away, and how far."""
    own = fingerprint(policy)
    distances = [(one, float(np.linalg.norm(own - np.array(one.fingerprint)))) for one in known()]
    return [(one, distance) for one, distance in distances if distance <= TOLERANCE]


def flags(policy: Policy) -> list[str]:
    """A sentence for each published policy that is near."""
    return [
        f"Weights nearly equal to a published policy: {one.name} ({one.source}); distance {distance:.4f}, "
        f"flagged up to {TOLERANCE:g}."
        for one, distance in near(policy)
    ]


@cache
def known(folder: Path = FOLDER) -> tuple[Published, ...]:
    """The published policies, by file name."""
    return tuple(Published.load(path) for path in sorted(folder.glob("*.json")))


def keep(name: str, source: str, policy: Policy, folder: Path = FOLDER, settings: str = "") -> Path:
    """Write the fingerprint of a policy into `folder`. Returns the file."""
    rounded = tuple(round(float(one), 6) for one in fingerprint(policy))
    folder.mkdir(parents=True, exist_ok=True)
    return Published(name=name, source=source, settings=settings, fingerprint=rounded).save(folder / f"{name}.json")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m autograder.published", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("name", help="letters, digits and dashes: the name of the file")
    parser.add_argument("source", help='where it is published, such as "chapter 6"')
    parser.add_argument("policy", type=Path, help="the policy as JSON, an upright-policy/1")
    arguments = parser.parse_args()
    print(keep(arguments.name, arguments.source, Policy.load(arguments.policy)))


if __name__ == "__main__":
    main()
