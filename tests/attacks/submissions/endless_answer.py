"""Never answers."""
# lab: lab1_episodes
# most: 0
# says: limit

import time


def run_episode(env, policy):
    while True:
        time.sleep(1)
