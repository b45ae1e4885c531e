"""Kills its own process."""
# lab: lab1_episodes
# most: 0
# says: student_error

import os
import signal


def run_episode(env, policy):
    os.kill(os.getpid(), signal.SIGKILL)
