"""Train what a search recommends once more, with the grader's own seeds, in a process of its own.

    python -m autograder.retrain < JOB     JOB: {"config": {...}, "seeds": [...], "cap": 20000}; one JSON line per seed

A configuration is data with bounds (upright.search.Config): no code of a student runs. Still the training gets a
process, so that a time limit can end it and Ray leaves nothing behind in the grader.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from upright.checks.lab5 import CAP, Retrained
from upright.checks.verdict import LimitPassed
from upright.search import Config

# A good configuration takes seconds. The slowest that the bounds admit uses many small minibatches.
SECONDS = 300.0
# Ray gives itself 30 s to start, which takes longer beside many other gradings: it is started anew then.
STARTS = 3
RAY_WAS_LATE = "timed out during startup"
KEPT = 2_000
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


class RetrainingFault(Exception):
    """The grader's own fault: the training ended without a result. The message holds its last words."""


def retrain(config: Config, seeds: Sequence[int], cap: int = CAP, seconds: float = SECONDS) -> list[Retrained]:
    """Train with each seed until solved, at most `cap` env steps each; the same seed gives the same run.

    Raises LimitPassed when all of it takes more than `seconds`, and RetrainingFault when it fails.
    """
    job = json.dumps({"config": config.model_dump(mode="json"), "seeds": list(seeds), "cap": cap})
    for _ in range(STARTS):
        status, printed, errors = _finished(job, seconds)
        if not (status and RAY_WAS_LATE in errors):
            break
    return _results(status, printed, errors, seconds, seeds)


def _finished(job: str, seconds: float) -> tuple[int | None, str, str]:
    """Exit status, standard output and errors of the process; no status when its time was up."""
    folder = tempfile.mkdtemp(prefix="retrain")  # Ray's sockets need a short path
    try:
        return _run(job, folder, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(job: str, folder: str, seconds: float) -> tuple[int | None, str, str]:
    # One thread: with more, sums are added up in another order, and the same seed trains another policy.
    environment = {**os.environ, "RETRAIN_FOLDER": folder, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder.retrain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=Path(__file__).parent.parent,
        start_new_session=True,
    )
    try:
        printed, errors = process.communicate(job, timeout=seconds)
        return process.returncode, printed, errors
    except subprocess.TimeoutExpired:
        return None, "", ""
    finally:
        # Ray's own processes end with the one that started them; whatever else is in the session ends here.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _results(status: int | None, printed: str, errors: str, seconds: float, seeds: Sequence[int]) -> list[Retrained]:
    if status is None:
        raise LimitPassed(
            f"Training with the best configuration took more than {seconds:g} s.",
            "Larger minibatches and fewer epochs take less time for the same number of env steps.",
            "wall",
        )
    lines = [line for line in printed.splitlines() if line.startswith('{"seed"')]
    if status or len(lines) != len(seeds):
        raise RetrainingFault(f"Training ended with status {status}: {errors.strip()[-KEPT:]}")
    return [Retrained(**json.loads(line)) for line in lines]


def main() -> None:
    """What the process does."""
    job = json.load(sys.stdin)
    _end_with_parent()
    import upright

    upright.quiet()
    import ray
    import torch

    from upright.rllib import solve, tuned_config

    torch.set_num_threads(1)
    # "local": where RAY_ADDRESS names a cluster, as on its nodes, this training is still none of its jobs.
    options: dict[str, Any] = {"address": "local", "num_cpus": 1, "include_dashboard": False}
    options["object_store_memory"] = 80_000_000
    ray.init(**options, log_to_driver=False, logging_level=logging.ERROR, _temp_dir=os.environ["RETRAIN_FOLDER"])
    try:
        for seed in job["seeds"]:
            config = tuned_config(Config.parse(job["config"]), seed)
            run = solve(config, max_env_steps=job["cap"], eval_seed=seed)
            print(json.dumps({"seed": seed, "env_steps": run.env_steps, "solved": run.solved}), flush=True)
    finally:
        ray.shutdown()


def _end_with_parent() -> None:
    """Linux alone: this process is killed when the one that started it ends, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
