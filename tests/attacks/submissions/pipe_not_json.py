"""Answers with a frame that is not JSON."""
# lab: lab1_episodes
# most: 0
# says: protocol

import os


def send(body, length=None):
    os.write(4, (len(body) if length is None else length).to_bytes(4, "big") + body)


def run_episode(env, policy):
    send(b"{" * 1000)
    return 1.0
