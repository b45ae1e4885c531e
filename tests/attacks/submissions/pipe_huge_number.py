"""Answers with a number of thousands of digits."""
# lab: lab1_episodes
# most: 0
# says: protocol

import os


def send(body, length=None):
    os.write(4, (len(body) if length is None else length).to_bytes(4, "big") + body)


def run_episode(env, policy):
    send(b'{"answer":1,"value":' + b"9" * 50_000 + b"}")
    return 1.0
