"""What the chapters and labs of Upright import: policies as data, evaluation, replays, videos, a quiet notebook.

Importing this package is cheap: each name loads its module when it is used, and none of them loads torch or Ray.
`upright.rllib` does, and is imported by name.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upright.atlas import Atlas
    from upright.evaluation import evaluate, evaluate_batch, mean_interval
    from upright.format import DataError
    from upright.notices import quiet
    from upright.policy import Layer, Policy
    from upright.recording import recorded
    from upright.replay import Replay, record_episode
    from upright.video import show_videos

__all__ = [
    "Atlas",
    "DataError",
    "Layer",
    "Policy",
    "Replay",
    "evaluate",
    "evaluate_batch",
    "mean_interval",
    "quiet",
    "record_episode",
    "recorded",
    "show_videos",
]

# No module has the name of what it gives, which would stand in its place after an import of the module.
_HOMES = {
    "Atlas": "atlas",
    "DataError": "format",
    "Layer": "policy",
    "Policy": "policy",
    "Replay": "replay",
    "evaluate": "evaluation",
    "evaluate_batch": "evaluation",
    "mean_interval": "evaluation",
    "quiet": "notices",
    "record_episode": "replay",
    "recorded": "recording",
    "show_videos": "video",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"upright.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
