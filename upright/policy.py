"""A policy as data: the layers of a small network, drawn, evaluated and graded without running a stranger's code."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from upright.format import Format

MIME = "application/vnd.upright.policy+json"

Number = Annotated[float, Field(ge=-1e6, le=1e6)]
# Validation stops at the first bad number: a hostile file holds a million of them.
Row = Annotated[tuple[Number, ...], Field(min_length=1, max_length=1024, fail_fast=True)]
Activation = Literal["linear", "relu", "tanh"]
Scalar = str | int | float | bool | None

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0.0),
    "tanh": np.tanh,
}


class Layer(Format):
    """One layer, y = activation(weight @ x + bias).

    weight: `outputs` rows of `inputs` numbers; bias: `outputs` numbers; activation: "linear", "relu" or "tanh".
    """

    weight: Annotated[tuple[Row, ...], Field(min_length=1, max_length=1024, fail_fast=True)]
    bias: Row
    activation: Activation

    @model_validator(mode="after")
    def _shapes_agree(self) -> Self:
        widths = {len(row) for row in self.weight}
        if len(widths) > 1:
            raise ValueError(f"the rows of weight have different lengths: {sorted(widths)}")
        if len(self.bias) != len(self.weight):
            raise ValueError(f"weight has {len(self.weight)} rows but bias has {len(self.bias)} numbers")
        return self

    @property
    def inputs(self) -> int:
        return len(self.weight[0])

    @property
    def outputs(self) -> int:
        return len(self.weight)


class Policy(Format):
    """A policy for discrete actions, `upright-policy/1`.

    The last layer gives one number per action, the logits; the greedy action is the position of the largest, the
    first one when several are equal. `trained` says how the policy came about (plain values, shown, never trusted).

    Call it with one observation, shape (observation_size,), to get one action as an int.
    """

    format: Literal["upright-policy/1"] = "upright-policy/1"
    observation_size: Annotated[int, Field(ge=1, le=1024)]
    action_size: Annotated[int, Field(ge=1, le=1024)]
    layers: Annotated[tuple[Layer, ...], Field(min_length=1, max_length=16, fail_fast=True)]
    trained: Annotated[dict[str, Scalar], Field(max_length=64, default_factory=dict)]

    @model_validator(mode="after")
    def _layers_fit(self) -> Self:
        width = self.observation_size
        for position, layer in enumerate(self.layers):
            if layer.inputs != width:
                raise ValueError(f"layers.{position} takes {layer.inputs} numbers but is given {width}")
            width = layer.outputs
        if width != self.action_size:
            raise ValueError(f"the last layer gives {width} numbers but action_size is {self.action_size}")
        return self

    @cached_property
    def _arrays(self) -> list[tuple[np.ndarray, np.ndarray, str]]:
        return [(np.array(layer.weight).T, np.array(layer.bias), layer.activation) for layer in self.layers]

    def logits(self, observations: np.ndarray) -> np.ndarray:
        """Logits in float64, shape (n, action_size), for observations of shape (n, observation_size)."""
        x = np.asarray(observations, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != self.observation_size:
            raise ValueError(f"observations have shape {x.shape}; expected (n, {self.observation_size})")
        for weight, bias, activation in self._arrays:
            x = ACTIVATIONS[activation](x @ weight + bias)
        return x

    def act(self, observations: np.ndarray) -> np.ndarray:
        """Greedy actions in int64, shape (n,), for observations of shape (n, observation_size)."""
        return self.logits(observations).argmax(axis=1)

    def __call__(self, observation: np.ndarray) -> int:
        return int(self.act(np.asarray(observation)[np.newaxis])[0])

    @classmethod
    def linear(cls, weight: Any, bias: Any = None, **trained: Scalar) -> Policy:
        """A policy of one linear layer. weight: (action_size, observation_size); bias: (action_size,), or zeros."""
        rows = np.asarray(weight, dtype=np.float64)
        if rows.ndim != 2:
            raise ValueError(f"weight has shape {rows.shape}; expected (action_size, observation_size)")
        bias = np.zeros(len(rows)) if bias is None else np.asarray(bias, dtype=np.float64)
        layer = {"weight": rows.tolist(), "bias": bias.tolist(), "activation": "linear"}
        return cls.parse(
            {
                "format": "upright-policy/1",
                "observation_size": rows.shape[1],
                "action_size": rows.shape[0],
                "layers": [layer],
                "trained": trained,
            },
            source="Policy.linear",
        )

    def describe(self) -> str:
        """One line: the sizes of the layers and their activations."""
        sizes = [str(self.observation_size)]
        for layer in self.layers:
            sizes.append(str(layer.outputs) + ("" if layer.activation == "linear" else f" {layer.activation}"))
        return f"Policy({' → '.join(sizes)})"

    def __repr__(self) -> str:
        return self.describe()

    __str__ = __repr__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": self.describe(), MIME: self.model_dump(mode="json")}
