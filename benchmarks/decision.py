"""How often does the rule for `mean_return` err? Policies with true means of 197 and 193, thousands of decisions each.

    python -m benchmarks.decision [--decisions 20000] [--pool 200000] [--json benchmarks/decision.json]

The rule is upright.checks.returns: 100 episodes, or 1,000 when 195 lies inside the confidence interval of those. A
policy with a true mean of 197 should pass, one with 193 should fail. How often it goes wrong depends on the returns'
spread, so there are three kinds of policy, each weakened until its mean is what it should be:

- noise: balances, but takes a random action now and then; many episodes end a little early.
- lean: balances around a tilted pole; the cart leaves the track shortly before the end.
- drift: pushes the cart outwards; some episodes are short.

Each policy plays `pool` real episodes of CartPole-v0. Their mean is its true mean, with the standard error given. Every
decision draws its episodes from them at random.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import upright
from upright.checks import returns
from upright.recording import provenance

TRUE_MEANS = (197.0, 193.0)
BALANCE = np.array([0.0, 0.0, 1.0, 0.4])
Act = Callable[[np.ndarray], np.ndarray]


def noise(amount: float) -> Act:
    chance = np.random.default_rng(0)

    def act(observations: np.ndarray) -> np.ndarray:
        actions = (observations @ BALANCE > 0).astype(np.int64)
        random = chance.integers(2, size=len(actions))
        return np.where(chance.random(len(actions)) < amount, random, actions)

    return act


def lean(amount: float) -> Act:
    return lambda observations: (observations @ BALANCE > amount).astype(np.int64)


def drift(amount: float) -> Act:
    return lambda observations: (observations @ (BALANCE - [amount, 0, 0, 0]) > 0).astype(np.int64)


# The kind of policy, and an amount of its weakness at which its mean is certainly too low.
KINDS: dict[str, tuple[Callable[[float], Act], float]] = {
    "noise": (noise, 0.6),
    "lean": (lean, 0.1),
    "drift": (drift, 1.0),
}


def weakened(kind: str, target: float, episodes: int) -> float:
    """The amount of weakness at which the mean return is `target`, by bisection over the same episodes."""
    make, high = KINDS[kind]
    low = 0.0
    for _ in range(18):
        middle = (low + high) / 2
        if upright.evaluate_batch(make(middle), episodes, seed=1).mean() >= target:
            low = middle
        else:
            high = middle
    return low


def record(kind: str, target: float, pool: int, decisions: int) -> dict[str, Any]:
    """Find the policy, let it play, and decide again and again."""
    amount = weakened(kind, target, pool // 10)
    played = upright.evaluate_batch(KINDS[kind][0](amount), pool, seed=2)

    def play(episodes: int, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).choice(played, episodes)

    found = [returns.decide(play, 10 * number) for number in range(decisions)]
    expected = target >= returns.TARGET
    return {
        "kind": kind,
        "amount": amount,
        "true_mean": round(float(played.mean()), 2),
        "standard_error": round(float(played.std() / len(played) ** 0.5), 3),
        "standard_deviation": round(float(played.std()), 1),
        "decisions": decisions,
        "wrong": sum(one.passed != expected for one in found),
        "wrong_share": round(sum(one.passed != expected for one in found) / decisions, 4),
        "played_1000": round(sum(one.episodes > returns.FEW for one in found) / decisions, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decision", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--decisions", type=int, default=20_000, help="decisions about each policy (default 20000)")
    parser.add_argument("--pool", type=int, default=200_000, help="episodes that each policy plays (default 200000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers, with their provenance")
    arguments = parser.parse_args()
    upright.quiet()
    rows = []
    print(f"{'':24} {'true mean':>14} {'std':>5} {'wrong':>8} {'1,000 played':>13}")
    for target in TRUE_MEANS:
        for kind in KINDS:
            rows.append(row := {"target": target, **record(kind, target, arguments.pool, arguments.decisions)})
            name = f"{'fails' if target >= returns.TARGET else 'passes'} though {target:.0f}: {kind}"
            mean = f"{row['true_mean']} ± {row['standard_error']}"
            shares = f"{row['wrong_share']:8.2%} {row['played_1000']:13.1%}"
            print(f"{name:24} {mean:>14} {row['standard_deviation']:5} {shares}", flush=True)
    if arguments.json:
        command = "python -m benchmarks.decision " + " ".join(sys.argv[1:])
        data = {"provenance": provenance(command), "rows": rows}
        arguments.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
