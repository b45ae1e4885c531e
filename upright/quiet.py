"""A quiet notebook: libraries keep their errors and warnings that matter, and drop the notices that do not."""

from __future__ import annotations

import logging
import os
import warnings

ENVIRONMENT = {
    # pygame draws into memory: no screen, no sound card, no greeting.
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    # Ray: no warning about a default that will change, no progress printed by worker processes.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "1",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
}


def quiet() -> None:
    """Silence notices that a reader of this course cannot act on. Call it before Ray or pygame is imported.

    Silenced: Gymnasium's note that CartPole-v0 is old (the course uses it on purpose), pygame's greeting, Ray's
    information lines. Everything else still shows: an error, and a warning such as the one for stepping after the end.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for name in ("ray", "ray.rllib", "ray.tune", "ray.train", "ray._private.worker"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message=".*CartPole-v0 is out of date.*", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(ray|pkg_resources|pygame)(\..*)?")
