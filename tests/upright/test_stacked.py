"""Stacked networks compute, and learn, what each of them would by itself."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from upright.stacked import Stack

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}
SIZES = (4, 16, 8, 2)


def stack(activation: str) -> Stack:
    found = Stack(3, SIZES, activation)
    found.start(torch.rand(3, found.per_network, generator=torch.Generator().manual_seed(0)))
    return found


def twin(networks: Stack, place: int, activation: str) -> nn.Sequential:
    """PyTorch's own network with the same numbers."""
    layers: list[nn.Module] = []
    for weight, bias in networks.layers:
        linear = nn.Linear(weight.shape[2], weight.shape[1])
        linear.weight.data, linear.bias.data = weight[place].clone(), bias[place, :, 0].clone()
        layers += [linear, ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


def numbers(network: nn.Sequential) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_are_those_of_each_network(activation: str) -> None:
    networks, inputs = stack(activation), torch.randn(3, 4, 10)
    expected = torch.stack([twin(networks, place, activation)(inputs[place].T).T for place in range(3)])
    torch.testing.assert_close(networks.function()(inputs), expected)
    torch.testing.assert_close(networks.forward(inputs), expected)
    torch.testing.assert_close(networks.function(slice(1, 2))(inputs[1:2]), expected[1:2])
    torch.testing.assert_close(networks.forward(inputs[1:2], slice(1, 2)), expected[1:2])
    difference = networks.function(slice(0, 2), torch.tensor([[-1.0, 1.0]]))(inputs[:2])
    torch.testing.assert_close(difference, expected[:2, 1:] - expected[:2, :1])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_steps_of_adam_are_pytorchs_own_with_a_rate_for_each(activation: str) -> None:
    networks, rates, factors = stack(activation), (1e-3, 1e-2, 3e-2), (1.0, 0.5, 2.0)
    twins = [twin(networks, place, activation) for place in range(3)]
    optimizers = [torch.optim.Adam(each.parameters(), lr=rate) for each, rate in zip(twins, rates, strict=True)]
    for _ in range(5):
        inputs, targets = torch.randn(3, 4, 10), torch.randn(3, 2, 10)
        outputs = networks.forward(inputs)
        networks.backward(2 * (outputs - targets))
        norms = networks.norms()
        networks.adam(torch.tensor(rates)[:, None], torch.tensor(factors)[:, None])
        for place, (each, optimizer) in enumerate(zip(twins, optimizers, strict=True)):
            optimizer.zero_grad()
            (each(inputs[place].T) - targets[place].T).square().sum().backward()
            square = 0.0
            for parameter in each.parameters():
                assert parameter.grad is not None
                square += parameter.grad.square().sum().item()
                parameter.grad *= factors[place]
            assert norms[place].item() == pytest.approx(square**0.5, rel=1e-3)
            optimizer.step()
            torch.testing.assert_close(numbers(twin(networks, place, activation)), numbers(each), rtol=1e-3, atol=1e-5)


def test_batches_of_different_sizes_take_turns() -> None:
    networks = stack("tanh")
    for size in (10, 3, 10):
        networks.backward(torch.ones_like(networks.forward(torch.ones(3, 4, size))))
        assert networks.gradients[-1][1].flatten().tolist() == [float(size)] * 6


def test_first_weights_are_spread_as_pytorchs_are() -> None:
    networks = Stack(50, SIZES, "relu")
    networks.start(torch.rand(50, networks.per_network, generator=torch.Generator().manual_seed(1)))
    for (weight, bias), inputs in zip(networks.layers, SIZES, strict=False):
        for numbers in (weight, bias):
            limit = inputs**-0.5
            assert 0.98 * limit < numbers.abs().max() <= limit
            assert numbers.std().item() == pytest.approx(limit / 3**0.5, rel=0.1)
