"""Recorded learning curves by hyperparameters and seed, and the policies that came of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from upright.atlas import Atlas
from upright.recording import recorded
from upright.widgets.figure import Figure

HYPERPARAMETERS = ("lr", "width", "activation", "clip_param")


class Curves(Figure):
    """The learning curves of the recorded atlas `name`, such as "atlas" (`data/atlas.json`).

    compare: the hyperparameter that differs between the curves, "lr", "width", "activation" or "clip_param"; lr, width,
    activation, clip_param: the chosen values, and seed: the run whose policy plays; all of them as recorded. The band
    of a curve goes from the lowest to the highest seed. opened: whether the whole recording was asked for. Until then
    the figure has only `summary`, the curves that it shows first; then, on the published page, it fetches `src` from
    the site, and with a kernel Python puts the recording into `atlas`.

    Raises FileNotFoundError when there is no such recording, DataError when it is not an `upright-atlas/1`, and
    TraitError for a value that was not recorded.
    """

    _name = "curves"
    src = traitlets.Unicode().tag(sync=True)
    compare = traitlets.Enum(HYPERPARAMETERS, "lr").tag(sync=True)
    lr = traitlets.Float().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    activation = traitlets.Unicode().tag(sync=True)
    clip_param = traitlets.Float().tag(sync=True)
    seed = traitlets.Int().tag(sync=True)
    opened = traitlets.Bool(False).tag(sync=True)
    summary = traitlets.Dict().tag(sync=True)
    atlas: Any = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)

    def __init__(self, name: str, **traits: Any) -> None:
        self._atlas = Atlas.parse(recorded(name), source=f"data/{name}.json")
        self._bytes = len(self._atlas.dumps()) + 1
        self._options = {key: _values(self._atlas, key) for key in (*HYPERPARAMETERS, "seed")}
        middle = {key: values[len(values) // 2] for key, values in self._options.items()}
        first = {"seed": self._options["seed"][0], "activation": self._options["activation"][0]}
        super().__init__(**{"src": f"data/{name}.json"} | middle | first | traits)
        self._summarise()

    @traitlets.validate(*HYPERPARAMETERS, "seed")
    def _was_recorded(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if value not in self._options[name]:
            known = ", ".join(str(each) for each in self._options[name])
            raise traitlets.TraitError(f"{name} is {value}, but the recording has {known}")
        return value

    @traitlets.observe("compare", *HYPERPARAMETERS)
    def _choose(self, _change: Any) -> None:
        if self.summary and not self.opened:
            self._summarise()

    @traitlets.observe("opened")
    def _open(self, _change: Any) -> None:
        self.atlas = self._atlas.model_dump(mode="json") if self.opened else None

    def _summarise(self) -> None:
        self.summary = {
            "env_id": self._atlas.env_id,
            "env_steps": list(self._atlas.env_steps),
            "runs": len(self._atlas.runs),
            "bytes": self._bytes,
            "date": self._atlas.provenance.date,
            "options": self._options,
            "drawn": {key: getattr(self, key) for key in ("compare", *HYPERPARAMETERS)},
            "groups": self._groups(),
        }

    def _groups(self) -> list[dict[str, Any]]:
        """The curves side by side, as `compared` of atlas.js gives them, rounded."""
        others = [key for key in HYPERPARAMETERS if key != self.compare]
        groups = []
        for value in self._options[self.compare]:
            choice = {self.compare: value} | {key: getattr(self, key) for key in others}
            runs = [run for run in self._atlas.runs if all(getattr(run, key) == choice[key] for key in choice)]
            if runs:
                returns = np.array([run.returns for run in runs])
                curves = {"mean": returns.mean(axis=0), "low": returns.min(axis=0), "high": returns.max(axis=0)}
                lines = {key: [round(float(each), 1) for each in curve] for key, curve in curves.items()}
                groups.append({"value": value, "seeds": len(runs)} | lines)
        return groups


def _values(atlas: Atlas, key: str) -> list[Any]:
    found = {getattr(run, key) for run in atlas.runs}
    return sorted(found, reverse=key == "activation")
