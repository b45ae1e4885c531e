"""Ends the process in the middle of a question."""
# lab: lab1_episodes
# most: 0
# says: student_error

import os


def run_episode(env, policy):
    os._exit(0)
