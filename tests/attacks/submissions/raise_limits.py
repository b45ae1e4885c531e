"""Raises its own limits."""
# lab: lab1_episodes
# most: 0

import os
import resource

for name in ("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_AS", "RLIMIT_NOFILE", "RLIMIT_CORE"):
    kind = getattr(resource, name)
    soft, hard = resource.getrlimit(kind)
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if hard != resource.RLIM_INFINITY:
            raise RuntimeError(f"LEAKED {name}")
    except (OSError, ValueError):
        pass
try:
    os.nice(-20)
    raise RuntimeError("LEAKED nice")
except OSError:
    pass


def run_episode(env, policy):
    env.reset()
    return 10.0


def evaluate(env, policy, episodes):
    return [10.0] * episodes


def td_target(reward, next_value, terminated, truncated, gamma):
    return 10.0
