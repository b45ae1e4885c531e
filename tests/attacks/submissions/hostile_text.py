"""Prints and raises text that is HTML, terminal codes and formulas."""
# lab: lab1_episodes
# most: 0
# says: student_error

print("\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>=1+1\x00\udcff".encode("utf-8", "surrogateescape"))


def run_episode(env, policy):
    raise ValueError("\x1b[31m<img src=x onerror=alert(1)>\x00\u202e=cmd|' /C calc'!A0")


def evaluate(env, policy, episodes):
    return "<script>alert(1)</script>\x1b[2J"


def td_target(*args):
    raise KeyError("=1+1\r\n@SUM(A1)")
