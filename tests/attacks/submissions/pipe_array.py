"""Announces an array larger than what comes with it, with a shape that overflows."""
# lab: lab1_episodes
# most: 0
# says: protocol

import os


def send(body, length=None):
    os.write(4, (len(body) if length is None else length).to_bytes(4, "big") + body)


def run_episode(env, policy):
    send(b'{"answer":1,"value":{"a":[100000000,100000000,100000000],"d":"float64","k":"array","v":"cpu"}}\n' + bytes(64))
    return 1.0
