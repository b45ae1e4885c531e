"""Lab 5: a Tune search, exported as data. The grader trains its best configuration again, with seeds of its own."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from upright.checks import exports
from upright.checks.answers import Local
from upright.checks.verdict import Check, Lab, NotAnswered, Part, Spec, Wrong, line, run
from upright.search import MIME, Config, Search

MIN_TRIALS = 6
SEEDS = 3
# The published scale: all points up to FULL env steps (median of 3 seeds), none from CAP on, a straight line between.
FULL, CAP = 6_000, 20_000

TRIALS_HINT = f"Let the search try at least {MIN_TRIALS} configurations: raise num_samples."
SAME_HINT = "The same configuration with several seeds counts once. Vary hyperparameters, or widen their ranges."
RANGES_HINT = "Use the keys and ranges of the table in the lab, and plain numbers; checks.lab5.export checks them."
BEST_HINT = "Recommend the configuration of one of your trials, every number of it unchanged."
FASTEST_HINT = "The best trial is the solved one with the fewest env steps."
UNSOLVED_HINT = "No trial was solved. Widen the range of the learning rate, or give each trial more env steps."
SLOW_HINT = (
    "The median of three other seeds counts, so one lucky run is not enough. Train the best few configurations again "
    "with fresh seeds, and recommend the one with the smallest median."
)


@dataclass(frozen=True)
class Retrained:
    """One training by the grader: env steps until solved; or until the cap, if it was not solved."""

    seed: int
    env_steps: int
    solved: bool


Retrain = Callable[[Config, Sequence[int]], list[Retrained]]


def points(median: float, most: float) -> float:
    """The published scale: `most` points up to FULL env steps, 0 from CAP on, rounded to a tenth."""
    return round(most * min(1.0, max(0.0, (CAP - median) / (CAP - FULL))), 1)


def _counted(one: Retrained) -> int:
    return one.env_steps if one.solved else max(one.env_steps, CAP)


def config_hash(config: Config) -> str:
    return hashlib.sha256(config.dumps().encode()).hexdigest()


def read(outputs: exports.Outputs) -> exports.Found[Search] | Wrong | NotAnswered:
    """The search among a notebook's outputs, or why there is none."""
    try:
        return exports.find(outputs, MIME, Search.loads)
    except NotAnswered as reason:
        return reason
    except Wrong as reason:
        return Wrong(reason.message, RANGES_HINT) if ": field " in reason.message else reason


def judge_search(search: Search) -> str:
    """Whether it is a search whose recommendation is its best trial. Raises Wrong."""
    different = search.different()
    if different < MIN_TRIALS:
        raise Wrong(
            f"The search tried {different} different configurations in {len(search.trials)} trials; "
            f"expected at least {MIN_TRIALS}.",
            TRIALS_HINT if len(search.trials) < MIN_TRIALS else SAME_HINT,
        )
    if search.fastest() is None:
        raise Wrong(f"None of the {len(search.trials)} trials was solved.", UNSOLVED_HINT)
    mine = [trial for trial in search.trials if trial.config == search.best]
    if not mine:
        raise Wrong("The best configuration is not among the trials.", BEST_HINT)
    if not any(trial.solved for trial in mine):
        raise Wrong(
            f"The best configuration was not solved in its trial ({mine[0].env_steps:,} env steps).", FASTEST_HINT
        )
    return f"{different} different configurations in {len(search.trials)} trials; the best is one of them."


def judge_retrained(runs: Sequence[Retrained], most: float) -> Part:
    """The points for the grader's own trainings, and the sentence that says how they went."""
    median = statistics.median(_counted(one) for one in runs)
    listed = ", ".join(f"{one.env_steps:,}" if one.solved else f"not within {one.env_steps:,}" for one in runs)
    given = points(median, most)
    told = (
        f"Trained again with {len(runs)} secret seeds, the best configuration was solved after {listed} env steps; "
        f"median {median:,.0f}. All {most:g} points up to {FULL:,}, none from {CAP:,} on."
    )
    return Part(given, told, "" if given >= most else SLOW_HINT)


def _specs(
    found: exports.Found[Search] | Wrong | NotAnswered | None, runs: Callable[[], Sequence[Retrained]]
) -> tuple[Spec, ...]:
    """The checks of one export, or of the reason why there is none. `runs()` trains."""

    def export(answers: Any, rng: np.random.Generator) -> str:
        if not isinstance(found, exports.Found):
            raise found or NotAnswered("Nothing was exported.", exports.MISSING_HINT)
        return f"Cell {found.cell} holds a search of {len(found.value.trials)} trials."

    def searched(answers: Any, rng: np.random.Generator) -> str:
        if not isinstance(found, exports.Found):
            raise NotAnswered("There is no search to look at.")
        return judge_search(found.value)

    def retrained(answers: Any, rng: np.random.Generator) -> Part:
        if not isinstance(found, exports.Found):
            raise NotAnswered("There is no configuration to train with.")
        return judge_retrained(runs(), 6)

    return Spec("export", 2, export), Spec("search", 2, searched), Spec("retrained", 6, retrained)


def _never() -> Sequence[Retrained]:
    raise NotAnswered("Nothing was trained.")


LAB = Lab(name="lab5_tune", functions=(), checks=_specs(None, _never))


def grade(
    outputs: exports.Outputs, seed: int, retrain: Retrain, previous: dict[str, Any] | None = None
) -> tuple[list[Check], list[str], list[str], dict[str, Any]]:
    """Checks, flags, notes, and the record of the trainings. See upright.checks.exports for `outputs`.

    `retrain(config, seeds)` trains. `previous` is what an earlier grading recorded: its trainings are used again when
    they are of the same configuration under the same cap.
    """
    found = read(outputs)
    record: dict[str, Any] = {}

    def runs() -> Sequence[Retrained]:
        assert isinstance(found, exports.Found)
        record.update(_trained(found.value.best, seed, retrain, previous or {}))
        return [Retrained(**one) for one in record["runs"]]

    checks = [run(spec, Local({}), seed) for spec in _specs(found, runs)]
    notes = []
    if isinstance(found, exports.Found):
        notes = [f"Best configuration: {found.value.best.named()}."]
        notes += [f"A later export was passed over: {reason}" for reason in found.passed_over]
    return checks, [], notes, {"retrained": record} if record else {}


def _trained(best: Config, seed: int, retrain: Retrain, previous: dict[str, Any]) -> dict[str, Any]:
    key = {"config_sha256": config_hash(best), "cap": CAP}
    recorded = previous.get("retrained")
    if recorded and all(recorded.get(name) == value for name, value in key.items()):
        return recorded
    seeds = np.random.default_rng([seed & (2**64 - 1), *b"retrain"]).integers(1, 2**31, SEEDS).tolist()
    return {**key, "runs": [asdict(one) for one in retrain(best, seeds)]}


def export(trials: Iterable[dict[str, Any]], best: dict[str, Any]) -> Search:
    """Put the search into the output of this cell: the answer of the lab. Returns it as data.

    trials: for each one {"config": {...}, "env_steps": 4096, "solved": True}; best: the configuration that you
    recommend. The keys that a configuration may have, and their ranges, are those of upright.search.Config. Raises
    DataError with the field and its value when something else is found.
    """
    data = {"format": "upright-search/1", "trials": [_plain(trial) for trial in trials], "best": _plain(best)}
    search = Search.parse(data, "export")
    exports.show(search, MIME, f"Exported: {search.describe()}. Save the notebook with this output.")
    return search


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's, which is what JSON has."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def search(search: Search) -> None:
    """Check the search that you export; nothing is trained again. Raises AssertionError if it is none."""
    specs = _specs(exports.Found(search, 0), _never)
    check = run(specs[1], Local({}), 0)
    print(line(check))
    if check.outcome != "passed":
        raise AssertionError("the search does not pass yet") from None
