"""Stops itself and its parent, so that both hang."""
# lab: lab1_episodes
# most: 0
# says: limit

import os
import signal


def run_episode(env, policy):
    try:
        os.kill(os.getppid(), signal.SIGSTOP)
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGSTOP)
