"""The cart and its pole, driven by the reader or by a policy."""

from __future__ import annotations

from typing import Any

import traitlets

from upright.policy import Policy
from upright.widgets.figure import TimedFigure, rounded

DRIVERS = ("you", "random", "linear", "network")
CONTROLS = ("observation", "gravity", "length", "force_mag", "noise")
WEIGHT_LIMIT = 4.0


class CartPole(TimedFigure):
    """CartPole to play with: somebody pushes, and the figure tells step, reward, return, and why an episode ended.

    driver: who pushes: "you", "random", "linear" (`weights`) or "network" (`policy`). drivers: those that the reader
    may choose from; without it "you" and "random", the driver, and "network" where there is a policy.
    controls: what else is shown, of "observation" (the four numbers), "gravity", "length", "force_mag" and "noise".
    weights: one for each number of the observation, from -4 to 4; the push is to the right where the sum is above 0.
    policy: an upright.Policy, or such an object as a dict, for 4 numbers and 2 actions.
    gravity: m/s², 0 to 25; length: half the pole, in units, 0.1 to 0.75; force_mag: newtons, 1 to 30;
    noise: standard deviation of the error on each number of the observation, 0 to 0.5.
    seed: of the start, of random pushes and of the noise, 0 to 2³² - 1; it does not give Gymnasium's numbers.
    speed: 1 is real time, 50 steps a second; 0.25 and 0.1 are slower. max_episode_steps: 1 to 10,000.

    The figure sets `step`, `episode_return`, `terminated`, `truncated` and `observation` (what the agent sees, four
    floats) after a step by hand, at a pause and at an episode's end. Raises traitlets.TraitError for other values.
    """

    _name = "cart_pole"
    driver = traitlets.Unicode("you").tag(sync=True)
    drivers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    controls = traitlets.List(traitlets.Unicode()).tag(sync=True)
    weights = traitlets.List(traitlets.Float(), [0.0, 0.0, 1.0, 0.0]).tag(sync=True)
    policy = traitlets.Any(None, allow_none=True).tag(sync=True)
    gravity = traitlets.Float(9.8, min=0.0, max=25.0).tag(sync=True)
    length = traitlets.Float(0.5, min=0.1, max=0.75).tag(sync=True)
    force_mag = traitlets.Float(10.0, min=1.0, max=30.0).tag(sync=True)
    noise = traitlets.Float(0.0, min=0.0, max=0.5).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=2**32 - 1).tag(sync=True)
    speed = traitlets.Float(0.1).tag(sync=True)
    max_episode_steps = traitlets.Int(200, min=1, max=10_000).tag(sync=True)

    step = traitlets.Int(0).tag(sync=True)
    episode_return = traitlets.Float(0.0).tag(sync=True)
    terminated = traitlets.Bool(False).tag(sync=True)
    truncated = traitlets.Bool(False).tag(sync=True)
    observation = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(self, driver: str = "you", **traits: Any) -> None:
        offered = ["you", "random", driver, *(["network"] if traits.get("policy") is not None else [])]
        traits.setdefault("drivers", list(dict.fromkeys(offered)))
        traits.setdefault("speed", 0.1 if driver == "you" else 0.25)
        super().__init__(driver=driver, **traits)

    @traitlets.validate("driver")
    def _check_driver(self, proposal: Any) -> str:
        driver: str = proposal.value
        if self.drivers and driver not in self.drivers:
            raise traitlets.TraitError(f"driver is {driver!r}; this figure offers {_listed(self.drivers)}")
        return driver

    @traitlets.validate("drivers")
    def _check_drivers(self, proposal: Any) -> list[str]:
        drivers: list[str] = _chosen("drivers", proposal.value, DRIVERS)
        if not drivers:
            raise traitlets.TraitError(f"drivers is empty; name at least one of {_listed(DRIVERS)}")
        if "network" in drivers and self.policy is None:
            raise traitlets.TraitError('the driver "network" needs a policy: CartPole("network", policy=policy)')
        return drivers

    @traitlets.validate("controls")
    def _check_controls(self, proposal: Any) -> list[str]:
        return _chosen("controls", proposal.value, CONTROLS)

    @traitlets.validate("weights")
    def _check_weights(self, proposal: Any) -> list[float]:
        weights: list[float] = proposal.value
        if len(weights) != 4 or not all(abs(weight) <= WEIGHT_LIMIT for weight in weights):
            raise traitlets.TraitError(
                f"weights is {weights}; give four numbers from -4 to 4 (only their ratios count: you may divide all of "
                "them by the largest)"
            )
        return weights

    @traitlets.validate("policy")
    def _check_policy(self, proposal: Any) -> dict[str, Any] | None:
        if proposal.value is None:
            if "network" in self.drivers:
                raise traitlets.TraitError('policy is None, but the driver "network" needs one')
            return None
        try:
            policy = proposal.value if isinstance(proposal.value, Policy) else Policy.parse(proposal.value, "policy")
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from error
        if (policy.observation_size, policy.action_size) != (4, 2):
            raise traitlets.TraitError(
                f"policy takes {policy.observation_size} numbers and has {policy.action_size} actions; "
                "CartPole gives 4 numbers and has 2 actions"
            )
        data: dict[str, Any] = rounded(policy.model_dump(mode="json"), 7)
        return data


def _listed(names: Any) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _chosen(trait: str, names: list[str], known: tuple[str, ...]) -> list[str]:
    """The names once each, in the order of `known`."""
    for name in names:
        if name not in known:
            raise traitlets.TraitError(f"{trait} names {name!r}; known are {_listed(known)}")
    return [name for name in known if name in names]
