"""Reads the memory of the grader through /proc and ptrace."""
# lab: lab1_episodes
# most: 0

import ctypes
import glob
import os

for path in glob.glob("/proc/[0-9]*/mem"):
    if path.split("/")[2] == str(os.getpid()):
        continue
    try:
        with open(path, "rb") as file:
            file.seek(0x400000)
            if file.read(16):
                raise RuntimeError(f"LEAKED {path}")
    except (OSError, ValueError, OverflowError):
        pass
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, os.getppid(), 0, 0) == 0:
    raise RuntimeError("LEAKED ptrace")


def run_episode(env, policy):
    env.reset()
    return 10.0


def evaluate(env, policy, episodes):
    return [10.0] * episodes


def td_target(reward, next_value, terminated, truncated, gamma):
    return 10.0
