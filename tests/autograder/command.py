"""The command `autograder` in tests: small submissions, and what comes of them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

LAB = "lab1_episodes"
COMMAND = [sys.executable, "-m", "autograder"]
HONEST = """
def run_episode(env, policy):
    observation, _ = env.reset()
    total = 0.0
    while True:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        if terminated or truncated:
            return total


def evaluate(env, policy, episodes):
    return [run_episode(env, policy) for _ in range(episodes)]


def td_target(reward, next_value, terminated, truncated, gamma):
    return reward if terminated else reward + gamma * next_value
"""
SLEEPING = "import time\ntime.sleep(600)\n"


def autograder(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    given = [*COMMAND, *map(str, arguments)]
    return subprocess.run(given, capture_output=True, text=True, timeout=240, **options)  # type: ignore[call-overload]


def grade(folder: Path, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    return autograder("grade", folder / "in", "--lab", LAB, "--out", folder / "out", *arguments, **options)


def hand_in(folder: Path, **sources: str) -> None:
    (folder / "in").mkdir(exist_ok=True)
    for student, source in sources.items():
        (folder / "in" / f"{student}.py").write_text(source)


def scores(folder: Path) -> dict[str, str]:
    with (folder / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: row["score"] for row in csv.DictReader(file)}


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not happen within a minute"
        time.sleep(0.02)


def results(folder: Path) -> dict[str, object]:
    """What each student's file says."""
    return {path.stem: json.loads(path.read_text()) for path in (folder / "out" / "results" / LAB).iterdir()}


def workers(command: subprocess.Popen[str]) -> list[psutil.Process]:
    return [child for child in psutil.Process(command.pid).children() if "autograder.worker" in child.cmdline()]
