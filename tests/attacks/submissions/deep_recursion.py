"""Recurses until the stack ends."""
# lab: lab1_episodes
# most: 0
# says: limit

import sys

sys.setrecursionlimit(10**9)


def run_episode(env, policy):
    return run_episode(env, policy)
