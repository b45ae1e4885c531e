"""Networks of one shape, stacked: one batched product of matrices is one layer of all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

BETAS, EPSILON = (0.9, 0.999), 1e-8  # Adam's, as PyTorch has them


class Activation(NamedTuple):
    """An activation function f(x) = outer * apply(inner * x) + shift; `apply` works in place.

    backward(gradient, y) multiplies a gradient in place by the derivative of `apply` where it gave y. The factors cost
    nothing: products of matrices take them along.
    """

    apply: Callable[[Tensor], Tensor]
    backward: Callable[[Tensor, Tensor], Tensor]
    inner: float = 1.0
    outer: float = 1.0
    shift: float = 0.0


def _sigmoid_backward(gradient: Tensor, y: Tensor) -> Tensor:
    return torch.ops.aten.sigmoid_backward.grad_input(gradient, y, grad_input=gradient)


def _relu_backward(gradient: Tensor, y: Tensor) -> Tensor:
    return torch.ops.aten.threshold_backward.grad_input(gradient, y, 0, grad_input=gradient)


ACTIVATIONS = {
    # tanh(x) = 2 sigmoid(2x) - 1: on the processor PyTorch's sigmoid takes a sixth of the time of its tanh.
    "tanh": Activation(torch.sigmoid_, _sigmoid_backward, inner=2.0, outer=2.0, shift=-1.0),
    "relu": Activation(torch.relu_, _relu_backward),
}


def numbers_of(sizes: Sequence[int]) -> int:
    """How many weights and biases a network with layers of these sizes has."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))


class Stack:
    """`count` networks with layers of these `sizes`, and Adam for each.

    `numbers`, float32 (count, numbers of a network), holds a row for each network; `layers` are views of it: for each
    layer its weights, float32 (count, out, in), and its biases, float32 (count, out, 1). `gradients` are shaped as they
    are. Inputs and outputs have the batch last: (count, size, b).

    Backpropagation is written out. PyTorch's own would ask the system for new memory in every step; on small networks
    that takes as long as the arithmetic.
    """

    def __init__(self, count: int, sizes: Sequence[int], activation: str, device: str | torch.device = "cpu") -> None:
        self.count, self.sizes = count, tuple(sizes)
        self.activation = ACTIVATIONS[activation]
        self.per_network = numbers_of(sizes)
        rows = torch.zeros(6, count, self.per_network, device=device)
        self.numbers, self.gradient, self.mean, self.square, self.step, self.root = rows
        self.layers = self._views(self.numbers)
        # Products of matrices write into these, and one copy brings them into the rows of `gradient`.
        self.gradients = [(weight.clone(), bias.clone()) for weight, bias in self._views(self.gradient)]
        self.buffers: dict[tuple[int, int], list[Tensor]] = {}
        self.scratch = rows.new_empty(2, 0)
        self.updates = 0

    def _views(self, rows: Tensor) -> list[tuple[Tensor, Tensor]]:
        found, first = [], 0
        for inputs, outputs in pairwise(self.sizes):
            middle, last = first + inputs * outputs, first + (inputs + 1) * outputs
            weight = rows[:, first:middle].view(self.count, outputs, inputs)
            found.append((weight, rows[:, middle:last].view(self.count, outputs, 1)))
            first = last
        return found

    def start(self, uniform: Tensor) -> None:
        """First weights, as PyTorch starts its linear layers: uniform, at most 1 / sqrt(in) from 0.

        uniform: float32 (count, numbers of a network), between 0 and 1.
        """
        self.numbers.copy_(uniform * 2 - 1)
        for (weight, bias), inputs in zip(self.layers, self.sizes, strict=False):
            weight.div_(math.sqrt(inputs))
            bias.div_(math.sqrt(inputs))

    def function(self, networks: slice = slice(None), combine: Tensor | None = None) -> Callable[[Tensor], Tensor]:
        """Some networks as they are now, for many calls: what depends on no input is computed once.

        The function takes inputs (networks, in, b) and gives float32 (networks, out, b). combine: float32 (k, out); it
        then gives these k sums of the outputs instead, (networks, k, b).
        """
        # Rows of a batch first: for the small batches of a rollout that is four times as fast.
        layers = []
        for place, (weight, bias) in enumerate(self.layers):
            weight, bias = weight[networks], bias[networks]
            if combine is not None and place == len(self.layers) - 1:
                weight, bias = combine @ weight, combine @ bias
            before, after, bias = self._scales(place, weight, bias)
            layers.append(((weight.mT * (before * after)).contiguous(), (bias.mT * after).contiguous()))

        def outputs(inputs: Tensor) -> Tensor:
            hidden = inputs.mT
            for place, (weight, bias) in enumerate(layers):
                if place:
                    self.activation.apply(hidden)
                hidden = torch.baddbmm(bias, hidden, weight)
            return hidden.mT

        return outputs

    def _scales(self, place: int, weight: Tensor, bias: Tensor) -> tuple[float, float, Tensor]:
        """The factors before and after a layer that activations ask for, and its bias with the shift before it."""
        before = self.activation.outer if place else 1.0
        after = self.activation.inner if place < len(self.layers) - 1 else 1.0
        if place and self.activation.shift:
            bias = torch.add(bias, weight.sum(-1, keepdim=True), alpha=self.activation.shift)
        return before, after, bias

    def forward(self, inputs: Tensor, networks: slice = slice(None)) -> Tensor:
        """What some networks give for inputs (networks, in, b): float32 (networks, out, b), until the next call.

        Of all networks it is kept for `backward`.
        """
        self.kept = [inputs]
        for place, ((weight, bias), buffer) in enumerate(zip(self.layers, self._buffers(inputs), strict=True)):
            before, after, bias = self._scales(place, weight[networks], bias[networks])
            scale = before * after
            hidden = torch.baddbmm(bias, weight[networks], self.kept[-1], alpha=scale, beta=after, out=buffer)
            self.kept.append(self.activation.apply(hidden) if place < len(self.layers) - 1 else hidden)
        return self.kept[-1]

    def _buffers(self, inputs: Tensor) -> list[Tensor]:
        """Memory for the outputs of each layer; the same every time."""
        networks, _, batch = inputs.shape
        if (networks, batch) not in self.buffers:
            self.buffers[networks, batch] = [inputs.new_empty(networks, size, batch) for size in self.sizes[1:]]
        return self.buffers[networks, batch]

    def backward(self, gradient: Tensor) -> None:
        """Fill `gradients`, from the gradient of a sum of losses by the outputs of the last `forward`."""
        largest = self.count * max(self.sizes[1:]) * gradient.shape[-1]
        if self.scratch.shape[1] < largest:
            self.scratch = gradient.new_empty(2, largest)
        inner, outer, shift = self.activation[2:]
        for place in reversed(range(len(self.layers))):
            (weight, _), (by_weight, by_bias) = self.layers[place], self.gradients[place]
            hidden = self.kept[place]
            torch.sum(gradient, -1, keepdim=True, out=by_bias)
            if place:
                torch.baddbmm(by_bias, gradient, hidden.mT, beta=shift, alpha=outer, out=by_weight)
                by_hidden = self.scratch[place % 2][: hidden.numel()].view(hidden.shape)
                torch.baddbmm(by_hidden, weight.mT, gradient, beta=0, alpha=inner * outer, out=by_hidden)
                gradient = self.activation.backward(by_hidden, hidden)
            else:
                torch.bmm(gradient, hidden.mT, out=by_weight)
        torch.cat([each.flatten(1) for pair in self.gradients for each in pair], dim=1, out=self.gradient)

    def norms(self) -> Tensor:
        """Length of each network's gradient, float32 (count,)."""
        return torch.linalg.vector_norm(self.gradient, dim=1)

    def adam(self, rates: Tensor, factors: Tensor) -> None:
        """One step of each network by its gradient times its factor.

        rates: learning rates, factors: both float32 (count, 1). Kingma and Ba, "Adam: A Method for Stochastic
        Optimization" (arXiv 1412.6980, 2014), algorithm 1, with its sums rearranged as at the end of section 2.
        """
        self.updates += 1
        first, second = (1 - beta**self.updates for beta in BETAS)
        self.gradient.mul_(factors)
        self.mean.lerp_(self.gradient, 1 - BETAS[0])
        self.square.mul_(BETAS[1]).addcmul_(self.gradient, self.gradient, value=1 - BETAS[1])
        torch.sqrt(self.square, out=self.root).add_(EPSILON * math.sqrt(second))
        torch.div(self.mean, self.root, out=self.step)
        self.numbers.addcmul_(self.step, rates, value=-math.sqrt(second) / first)
