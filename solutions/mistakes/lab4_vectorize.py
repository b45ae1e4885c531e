"""Common mistakes of lab 4: a cell runs after the solution and this head, and replaces a function of it.

Its title names the mistake, the check that it loses, and words of the hint that it earns.
"""

import math

import numpy as np
import torch

right = step_batch  # the solution's

# %% moves with the new velocities | step_batch: position and angle | explicit Euler


def step_batch(states, actions):
    x, x_dot, theta, theta_dot = states.unbind(dim=1)
    force = 20.0 * actions.to(states.dtype) - 10.0
    cos, sin = torch.cos(theta), torch.sin(theta)
    temp = (force + 0.05 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    x_dot = x_dot + 0.02 * (temp - 0.05 * theta_acc * cos / 1.1)
    theta_dot = theta_dot + 0.02 * theta_acc
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    terminated = (x.abs() > 2.4) | (theta.abs() > 12 * 2 * math.pi / 360)
    return torch.stack([x, x_dot, theta, theta_dot], dim=1), torch.ones_like(x), terminated


# %% the action is taken for the force | step_batch: velocities | The action is not the force


def step_batch(states, actions):
    x, x_dot, theta, theta_dot = states.unbind(dim=1)
    cos, sin = torch.cos(theta), torch.sin(theta)
    temp = (actions + 0.05 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    x_acc = temp - 0.05 * theta_acc * cos / 1.1
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    terminated = (x.abs() > 2.4) | (theta.abs() > 12 * 2 * math.pi / 360)
    moved = torch.stack([x, x_dot + 0.02 * x_acc, theta, theta_dot + 0.02 * theta_acc], dim=1)
    return moved, torch.ones_like(x), terminated


# %% action 0 does not push | step_batch: velocities | Action 0 does push


def step_batch(states, actions):
    x, x_dot, theta, theta_dot = states.unbind(dim=1)
    cos, sin = torch.cos(theta), torch.sin(theta)
    temp = (10.0 * actions + 0.05 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    x_acc = temp - 0.05 * theta_acc * cos / 1.1
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    terminated = (x.abs() > 2.4) | (theta.abs() > 12 * 2 * math.pi / 360)
    moved = torch.stack([x, x_dot + 0.02 * x_acc, theta, theta_dot + 0.02 * theta_acc], dim=1)
    return moved, torch.ones_like(x), terminated


# %% pushes to the wrong side | step_batch: velocities | wrong sign


def step_batch(states, actions):
    x, x_dot, theta, theta_dot = states.unbind(dim=1)
    force = torch.where(actions == 0, 10.0, -10.0)
    cos, sin = torch.cos(theta), torch.sin(theta)
    temp = (force + 0.05 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    x_acc = temp - 0.05 * theta_acc * cos / 1.1
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    terminated = (x.abs() > 2.4) | (theta.abs() > 12 * 2 * math.pi / 360)
    moved = torch.stack([x, x_dot + 0.02 * x_acc, theta, theta_dot + 0.02 * theta_acc], dim=1)
    return moved, torch.ones_like(x), terminated


# %% converts radians into radians | step_batch: velocities | in radians already


def step_batch(states, actions):
    x, x_dot, theta, theta_dot = states.unbind(dim=1)
    force = 20.0 * actions.to(states.dtype) - 10.0
    cos, sin = torch.cos(torch.deg2rad(theta)), torch.sin(torch.deg2rad(theta))
    temp = (force + 0.05 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    x_acc = temp - 0.05 * theta_acc * cos / 1.1
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    terminated = (x.abs() > 2.4) | (theta.abs() > 12 * 2 * math.pi / 360)
    moved = torch.stack([x, x_dot + 0.02 * x_acc, theta, theta_dot + 0.02 * theta_acc], dim=1)
    return moved, torch.ones_like(x), terminated


# %% forgets the 4/3 | step_batch: velocities | 4/3 is missing


def step_batch(states, actions):
    x, x_dot, theta, theta_dot = states.unbind(dim=1)
    force = 20.0 * actions.to(states.dtype) - 10.0
    cos, sin = torch.cos(theta), torch.sin(theta)
    temp = (force + 0.05 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * temp) / (0.5 * (1 - 0.1 * cos**2 / 1.1))
    x_acc = temp - 0.05 * theta_acc * cos / 1.1
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    terminated = (x.abs() > 2.4) | (theta.abs() > 12 * 2 * math.pi / 360)
    moved = torch.stack([x, x_dot + 0.02 * x_acc, theta, theta_dot + 0.02 * theta_acc], dim=1)
    return moved, torch.ones_like(x), terminated


# %% takes the whole pole for its half | step_batch: velocities | half the pole


def step_batch(states, actions):
    x, x_dot, theta, theta_dot = states.unbind(dim=1)
    force = 20.0 * actions.to(states.dtype) - 10.0
    cos, sin = torch.cos(theta), torch.sin(theta)
    temp = (force + 0.1 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * temp) / (4 / 3 - 0.1 * cos**2 / 1.1)
    x_acc = temp - 0.1 * theta_acc * cos / 1.1
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    terminated = (x.abs() > 2.4) | (theta.abs() > 12 * 2 * math.pi / 360)
    moved = torch.stack([x, x_dot + 0.02 * x_acc, theta, theta_dot + 0.02 * theta_acc], dim=1)
    return moved, torch.ones_like(x), terminated


# %% computes in float32 | step_batch: velocities | compute in float64


def step_batch(states, actions):
    next_states, rewards, terminated = right(states.float(), actions)
    return next_states.double(), rewards.double(), terminated


# %% returns float32 | step_batch: three tensors, their shapes and dtypes | Stay with float64


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    return next_states.float(), rewards, terminated


# %% makes rewards of torch's default dtype | step_batch: three tensors, their shapes and dtypes | is float32


def step_batch(states, actions):
    next_states, _, terminated = right(states, actions)
    return next_states, torch.ones(len(states), device=states.device), terminated


# %% makes terminated a number | step_batch: three tensors, their shapes and dtypes | is bool already


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    return next_states, rewards, terminated.to(states.dtype)


# %% stacks rows instead of columns | step_batch: three tensors, their shapes and dtypes | dim=1


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    return torch.stack(next_states.unbind(dim=1)), rewards, terminated


# %% gives two tensors | step_batch: three tensors, their shapes and dtypes | three tensors


def step_batch(states, actions):
    next_states, _, terminated = right(states, actions)
    return next_states, terminated


# %% no reward for the last step | step_batch: rewards and terminated | ends the episode too


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    return next_states, torch.where(terminated, 0.0, rewards), terminated


# %% looks at the state before the step | step_batch: rewards and terminated | after the step, not before it


def step_batch(states, actions):
    next_states, rewards, _ = right(states, actions)
    return next_states, rewards, (states[:, 0].abs() > 2.4) | (states[:, 2].abs() > 12 * 2 * math.pi / 360)


# %% compares radians with degrees | step_batch: rewards and terminated | 12 degrees in radians


def step_batch(states, actions):
    next_states, rewards, _ = right(states, actions)
    return next_states, rewards, (next_states[:, 0].abs() > 2.4) | (next_states[:, 2].abs() > 12)


# %% only one side of the track ends | step_batch: rewards and terminated | threshold on the left


def step_batch(states, actions):
    next_states, rewards, _ = right(states, actions)
    return next_states, rewards, (next_states[:, 0] > 2.4) | (next_states[:, 2] > 12 * 2 * math.pi / 360)


# %% both thresholds have to be passed | step_batch: rewards and terminated | not with &


def step_batch(states, actions):
    next_states, rewards, _ = right(states, actions)
    return next_states, rewards, (next_states[:, 0].abs() > 2.4) & (next_states[:, 2].abs() > 12 * 2 * math.pi / 360)


# %% ends at the threshold itself | step_batch: exactly at the thresholds | not >= and <=


def step_batch(states, actions):
    next_states, rewards, _ = right(states, actions)
    return next_states, rewards, (next_states[:, 0].abs() >= 2.4) | (next_states[:, 2].abs() >= 12 * 2 * math.pi / 360)


# %% rounds the threshold | step_batch: exactly at the thresholds | not rounded


def step_batch(states, actions):
    next_states, rewards, _ = right(states, actions)
    return next_states, rewards, (next_states[:, 0].abs() > 2.4) | (next_states[:, 2].abs() > 0.209)


# %% squeezes one state away | step_batch: no state, one state | no squeeze()


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    return next_states.squeeze(), rewards, terminated


# %% writes into the states | step_batch: nothing modified in place | Make new tensors


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    states += next_states - states
    return states.clone(), rewards, terminated


# %% writes through a column | step_batch: nothing modified in place | a view of it


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    x = states[:, 0]
    x += 0.02 * states[:, 1]
    return next_states, rewards, terminated


# %% turns the actions into forces in place | step_batch: nothing modified in place | x.add_()


def step_batch(states, actions):
    moved = right(states, actions)
    actions.mul_(20).sub_(10)
    return moved


# %% computes with NumPy | step_batch: bound to no device | .numpy()


def step_batch(states, actions):
    x, x_dot, theta, theta_dot = states.numpy().T
    force = np.where(actions.numpy() == 1, 10.0, -10.0)
    cos, sin = np.cos(theta), np.sin(theta)
    temp = (force + 0.05 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    x_acc = temp - 0.05 * theta_acc * cos / 1.1
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    terminated = (np.abs(x) > 2.4) | (np.abs(theta) > 12 * 2 * np.pi / 360)
    moved = np.stack([x, x_dot + 0.02 * x_acc, theta, theta_dot + 0.02 * theta_acc], axis=1)
    return torch.from_numpy(moved), torch.ones(len(x), dtype=torch.float64), torch.from_numpy(terminated)


# %% makes its rewards on the CPU | step_batch: bound to no device | device=states.device


def step_batch(states, actions):
    next_states, _, terminated = right(states, actions)
    return next_states, torch.ones(len(states), dtype=torch.float64), terminated


# %% branches on a number | step_batch: bound to no device | `if`


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    if terminated.any():
        rewards = rewards.clone()
    return next_states, rewards, terminated


# %% picks rows with a mask | step_batch: bound to no device | states[mask]


def step_batch(states, actions):
    next_states, rewards, terminated = right(states, actions)
    rewards[terminated] = torch.ones_like(rewards[terminated])
    return next_states, rewards, terminated


# %% goes through the states one by one | step_batch: 20 times as fast as the loop | No loop over the states


def step_batch(states, actions):
    moved = [right(states[i : i + 1], actions[i : i + 1]) for i in range(len(states))] or [right(states, actions)]
    return tuple(torch.cat(parts) for parts in zip(*moved, strict=True))


# %% goes through lists | step_batch: 20 times as fast as the loop | no list of them


def step_batch(states, actions):
    rows, ends = [], []
    for (x, x_dot, theta, theta_dot), action in zip(states.tolist(), actions.tolist(), strict=True):
        cos, sin = math.cos(theta), math.sin(theta)
        temp = ((10.0 if action == 1 else -10.0) + 0.05 * theta_dot**2 * sin) / 1.1
        theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
        x_acc = temp - 0.05 * theta_acc * cos / 1.1
        next_x, next_theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
        rows.append([next_x, x_dot + 0.02 * x_acc, next_theta, theta_dot + 0.02 * theta_acc])
        ends.append(abs(next_x) > 2.4 or abs(next_theta) > 12 * 2 * math.pi / 360)
    moved = torch.tensor(rows, dtype=torch.float64).reshape(-1, 4)
    return moved, torch.ones(len(rows), dtype=torch.float64), torch.tensor(ends, dtype=torch.bool)
