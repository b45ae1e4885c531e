"""Writes 200 MB to stdout and stderr while it answers."""
# lab: lab1_episodes
# most: 0
# says: limit

import os


def run_episode(env, policy):
    for _ in range(200):
        os.write(1, b"y" * 500_000)
        os.write(2, b"z" * 500_000)
    return 1.0
