"""Answers from a thread, after the question was answered."""
# lab: lab1_episodes
# most: 0
# says: protocol

import os


def send(body, length=None):
    os.write(4, (len(body) if length is None else length).to_bytes(4, "big") + body)


import threading
import time


def late():
    for _ in range(200):
        send(b'{"answer":3,"value":10.0}')
        time.sleep(0.002)


threading.Thread(target=late, daemon=True).start()


def run_episode(env, policy):
    env.reset()
    return 10.0


def evaluate(env, policy, episodes):
    return [10.0] * episodes


def td_target(reward, next_value, terminated, truncated, gamma):
    return 10.0
