"""Raises SystemExit(0) in every function."""
# lab: lab1_episodes
# most: 0
# says: student_error

import sys


def run_episode(env, policy):
    sys.exit(0)


def td_target(*args):
    raise SystemExit("passed")
