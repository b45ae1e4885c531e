"""A quiet notebook: libraries keep their errors and warnings that matter, and drop the notices that do not."""

from __future__ import annotations

import importlib
import logging
import os
import warnings

ENVIRONMENT = {
    # pygame draws into memory: no screen, no sound card, no greeting.
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    # Ray: no notice about defaults that will change.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    # A worker starts when it is asked for. Training in one process needs none, and Ray is up in a quarter less time.
    "RAY_prestart_worker_first_driver": "0",
}

# Ray sets the levels of its upper loggers when it is imported, so each noisy one is named.
LOGGERS = (
    "ray.rllib.algorithms.algorithm_config",
    "ray.rllib.utils.deprecation",
    "ray._common.deprecation",
    "ray.tune.tune",
    "ray.tune.tuner",
    "ray.tune.utils.file_transfer",
    "ray._private.worker",
)

NOTICES = (
    ".*CartPole-v0 is out of date.*",  # the course uses it on purpose
    ".*precision lowered by casting to float32.*",
    # RLlib builds its own probe environments, which do not keep Gymnasium's rules to the letter.
    ".*The obs returned by the `(reset|step)\\(\\)` method (was expecting numpy array dtype|is not within).*",
)


def quiet() -> None:
    """Silence notices that a reader of this course cannot act on. Call it before Ray or pygame is imported.

    Everything else still shows: an error, and a warning such as Gymnasium's for stepping after the end.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    # Gymnasium puts a filter of its own in front of those that are there when it is imported.
    importlib.import_module("gymnasium")

    for message in NOTICES:
        warnings.filterwarnings("ignore", message=message)
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(ray|pkg_resources|pygame)(\..*)?")
