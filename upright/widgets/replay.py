"""A player for one recorded episode."""

from __future__ import annotations

from typing import Any

import traitlets

import upright.replay
from upright.widgets.figure import TimedFigure, rounded

DIGITS = 6  # of each number, on the page: it shows four, and draws no finer


class Replay(TimedFigure):
    """One recorded episode of CartPole to scrub through: picture, numbers, and how it ended.

    replay: an upright.Replay, or such an object as a dict, with states of 4 numbers and actions 0 or 1; its numbers are
    kept to 6 significant digits. step: the step that is shown, from 0 (the start) to the number of actions.
    speed: 1 is real time, 50 steps a second; 0.25 and 0.1 are slower. Raises traitlets.TraitError for other values.
    """

    _name = "replay"
    replay = traitlets.Any().tag(sync=True)
    step = traitlets.Int(0, min=0, max=upright.replay.MAX_STEPS).tag(sync=True)
    speed = traitlets.Float(0.25).tag(sync=True)

    def __init__(self, replay: upright.replay.Replay | dict[str, Any], **traits: Any) -> None:
        super().__init__(replay=replay, **traits)

    @traitlets.validate("replay")
    def _check_replay(self, proposal: Any) -> dict[str, Any]:
        data = proposal.value
        try:
            found = data if isinstance(data, upright.replay.Replay) else upright.replay.Replay.parse(data, "replay")
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from error
        size = len(found.states[0])
        if size != 4:
            raise traitlets.TraitError(f"replay has states of {size} numbers; this figure draws CartPole, which has 4")
        if other := next((action for action in found.actions if action not in (0, 1)), None):
            raise traitlets.TraitError(f"replay has the action {other}; CartPole's actions are 0 and 1")
        kept: dict[str, Any] = rounded(found.model_dump(mode="json"), DIGITS)
        return kept
