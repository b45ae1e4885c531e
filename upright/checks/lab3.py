"""Lab 3: a policy that was trained with RLlib, exported as data. No code of the student runs in the grader."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from upright.checks import cartpole, exports, recording, returns
from upright.checks.answers import Local
from upright.checks.verdict import Check, Lab, NotAnswered, Spec, Wrong, line, run
from upright.evaluation import evaluate_batch
from upright.format import DataError
from upright.physics import physics
from upright.policy import MIME, Policy
from upright.variant import ENV_ID

SIZES = (4, 2)
MAX_WEIGHTS = 200_000  # three layers of 256 have 134,000; the time for 1,000 episodes grows with the number
SHOWN_OF = 10  # episodes, of which a student sees the shortest
UNTRAINED_BELOW = 45.0  # random actions hold the pole for 20 steps on average

SIZE_HINT = (
    "Export the policy network, not the value network: export_policy(algo.get_module()) takes 4 numbers and gives 2."
)
STANDARD_HINT = (
    "The policy passes on the standard physics. Your course has its own: train on ENV_ID with "
    'env_config={"variant": VARIANT}. If you did, it has not learned enough: go on until 100 evaluation episodes with '
    "variant=VARIANT have a mean of 198."
)
REVERSED_HINT = (
    "With left and right exchanged, the policy passes: logit 0 belongs to a push to the left, logit 1 to a push to the "
    "right, and the larger one is taken."
)
TRANSPOSED_HINT = "With its square weights transposed, the policy passes: the rows of `weight` are a layer's outputs."
ACTIVATION_HINT = (
    "With another activation function the policy passes: export the one that it was trained with, for each layer."
)
UNTRAINED_HINT = (
    "Random actions reach about 20. Export the policy after training: export_policy(algo.get_module()) reads the "
    "weights of that moment."
)
UNFINISHED_HINT = (
    "It has not learned enough. Go on with algo.train() until 100 evaluation episodes have a mean of "
    "198, and export the policy that reached it."
)


def load(text: str, source: str) -> Policy:
    """A policy for CartPole from JSON. Raises DataError."""
    policy = Policy.loads(text, source)
    _sizes_fit(policy, source)
    return policy


def _sizes_fit(policy: Policy, source: str) -> None:
    for field, got, expected in zip(
        ("observation_size", "action_size"), (policy.observation_size, policy.action_size), SIZES, strict=True
    ):
        if got != expected:
            raise DataError(f"{source}: field {field}: CartPole has {expected} (got {got}).")
    weights = sum(layer.inputs * layer.outputs for layer in policy.layers)
    if weights > MAX_WEIGHTS:
        raise DataError(f"{source}: field layers: {weights:,} weights; at most {MAX_WEIGHTS:,} are played with.")


def play(policy: Policy, variant: int, episodes: int, seed: int) -> np.ndarray:
    """Returns of the greedy policy on the physics of `variant`, float64 of shape (episodes,)."""
    return evaluate_batch(policy, episodes, seed, ENV_ID, variant=variant)


def judge_mean_return(policy: Policy, variant: int, rng: np.random.Generator) -> str:
    """The sentence that says how good the policy is. Raises Wrong when its mean return is below 195."""
    decision = returns.decide(partial(play, policy, variant), int(rng.integers(2**31)))
    if not decision.passed:
        hint = _hint(policy, variant, decision.mean, int(rng.integers(2**31)))
        raise Wrong(returns.told(decision), hint, *_shown(policy, variant, rng))
    return returns.told(decision)


def _shown(policy: Policy, variant: int, rng: np.random.Generator) -> tuple[dict[str, Any], int]:
    """The shortest of some more episodes, as data, and the step at which it was lost."""
    played: list[tuple[int, list[int]]] = []
    for seed in rng.integers(2**31, size=SHOWN_OF).tolist():
        actions: list[int] = []

        def act(state: Any, actions: list[int] = actions) -> int:
            actions.append(int(policy.act(np.array([state], dtype=np.float32))[0]))
            return actions[-1]

        cartpole.play(act, int, seed, physics(variant))
        played.append((seed, actions))
    shortest = min(played, key=lambda episode: len(episode[1]))
    return recording.replay(*shortest, physics(variant)), recording.lost_at(*shortest, physics(variant))


def _hint(policy: Policy, variant: int, mean: float, seed: int) -> str:
    """What to look at. A policy that passes once one thing about it is changed has exactly that mistake."""
    if variant and _mean(policy, 0, seed) >= returns.TARGET:
        return STANDARD_HINT
    for repaired, hint in _repairs(policy):
        if _mean(repaired, variant, seed) >= returns.TARGET:
            return hint
    return UNTRAINED_HINT if mean < UNTRAINED_BELOW else UNFINISHED_HINT


def _mean(policy: Policy, variant: int, seed: int) -> float:
    return float(play(policy, variant, returns.FEW, seed).mean())


def _repairs(policy: Policy) -> Iterable[tuple[Policy, str]]:
    data = policy.model_dump(mode="json")
    *hidden, last = data["layers"]
    yield _with(data, [*hidden, {**last, "weight": last["weight"][::-1], "bias": last["bias"][::-1]}]), REVERSED_HINT
    square = [
        {**one, "weight": np.transpose(one["weight"]).tolist()} if _square(one) else one for one in data["layers"]
    ]
    if square != data["layers"]:
        yield _with(data, square), TRANSPOSED_HINT
    for activation in ("tanh", "relu"):
        changed = [{**one, "activation": activation} for one in hidden]
        if changed != hidden or last["activation"] != "linear":
            yield _with(data, [*changed, {**last, "activation": "linear"}]), ACTIVATION_HINT


def _with(data: dict[str, Any], layers: list[dict[str, Any]]) -> Policy:
    return Policy.parse({**data, "layers": layers})


def _square(layer: dict[str, Any]) -> bool:
    return len(layer["weight"]) == len(layer["weight"][0])


def _specs(found: exports.Found[Policy] | Wrong | NotAnswered | None, variant: int) -> tuple[Spec, ...]:
    """The checks of one export, or of the reason why there is none."""

    def export(answers: Any, rng: np.random.Generator) -> str:
        if not isinstance(found, exports.Found):
            raise found or NotAnswered("Nothing was exported.", exports.MISSING_HINT)
        return f"Cell {found.cell} holds {found.value.describe()}."

    def mean_return(answers: Any, rng: np.random.Generator) -> str:
        if not isinstance(found, exports.Found):
            raise NotAnswered("There is no policy to play with.")
        return judge_mean_return(found.value, variant, rng)

    return Spec("export", 2, export), Spec("mean_return", 8, mean_return)


LAB = Lab(name="lab3_ppo", functions=(), checks=_specs(None, 0))


def read(outputs: exports.Outputs) -> exports.Found[Policy] | Wrong | NotAnswered:
    """The policy among a notebook's outputs, or why there is none."""
    try:
        return exports.find(outputs, MIME, load)
    except NotAnswered as reason:
        return reason
    except Wrong as reason:
        sizes = any(f"field {field}: CartPole has" in reason.message for field in ("observation_size", "action_size"))
        return Wrong(reason.message, SIZE_HINT) if sizes else reason


def grade(outputs: exports.Outputs, seed: int, variant: int = 0) -> tuple[list[Check], Policy | None, list[str]]:
    """Checks of what a notebook exports, the policy if there is a valid one, and notes.

    `outputs` are those of upright.checks.exports.
    """
    found = read(outputs)
    checks = [run(spec, Local({}), seed) for spec in _specs(found, variant)]
    if not isinstance(found, exports.Found):
        return checks, None, []
    passed_over = [f"A later export was passed over: {reason}" for reason in found.passed_over]
    return checks, found.value, [*_training(found.value), *passed_over]


def _training(policy: Policy) -> list[str]:
    """What the export tells of its training, which nobody can verify: shown, never scored."""
    told = ", ".join(f"{_plain(key)} {_plain(value)}" for key, value in policy.trained.items())
    return [f"Training, as the notebook tells it: {told}."] if told else []


def _plain(value: Any, limit: int = 500) -> str:
    text = "".join(one if one.isprintable() else "?" for one in str(value)[:limit])
    return text if len(str(value)) <= limit else text + "…"


def export(policy: Policy, training: dict[str, Any] | None = None) -> None:
    """Put the policy into the output of this cell: the answer of the lab.

    training: what to tell about how it was trained, such as {"env_steps": 4096, "seconds": 1.2, "curve": [(512, 21.3),
    ...]}; numbers, text, or pairs of env steps and mean return. Raises TypeError or DataError when it cannot be graded.
    """
    if not isinstance(policy, Policy):
        raise TypeError(f"export() was given a {type(policy).__name__}; give it export_policy(algo.get_module()).")
    trained = {**policy.trained, **{key: _scalar(value) for key, value in (training or {}).items()}}
    policy = Policy.parse({**policy.model_dump(mode="json"), "trained": trained}, "export")
    _sizes_fit(policy, "export")
    exports.show(policy, MIME, f"Exported: {policy.describe()}. Save the notebook with this output.")


def _scalar(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(f"{int(env_steps)}: {float(mean):.1f}" for env_steps, mean in value)
    return value.item() if isinstance(value, np.generic) else value


def mean_return(policy: Policy, variant: int = 0, seed: int = 0) -> None:
    """Play public episodes with the policy that you export. Raises AssertionError if it does not pass."""
    check = run(_specs(exports.Found(policy, 0), variant)[1], Local({}), seed)
    print(line(check))
    if check.outcome != "passed":
        raise AssertionError("the policy does not pass yet") from None
