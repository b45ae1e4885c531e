"""Sends half an answer and ends."""
# lab: lab1_episodes
# most: 0
# says: student_error

import os


def send(body, length=None):
    os.write(4, (len(body) if length is None else length).to_bytes(4, "big") + body)


def run_episode(env, policy):
    send(b'{"answer":1,"va', length=100)
    os._exit(0)
