"""Raises an exception whose text is huge, hostile and slow to make."""
# lab: lab1_episodes
# most: 0
# says: student_error

class Loud(Exception):
    def __str__(self):
        return "\x1b[2J<script>" * 10_000_000


def run_episode(env, policy):
    raise Loud()


class Lying(Exception):
    def __str__(self):
        raise SystemExit(0)


def evaluate(*args):
    raise Lying


def td_target(*args):
    raise type("\x1b[31m=cmd|' /C calc'!A0" * 50, (Exception,), {})("=HYPERLINK(1)")
