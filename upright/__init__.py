"""What the chapters and labs of Upright import: policies as data, evaluation, replays, videos, a quiet notebook.

Importing this package is cheap: it loads neither torch nor Ray. `upright.rllib` does, and is imported by name.
"""

from upright.evaluation import evaluate, evaluate_batch, mean_interval
from upright.format import DataError
from upright.policy import Layer, Policy
from upright.quiet import quiet
from upright.recorded import recorded
from upright.replay import Replay, record_episode
from upright.video import show_videos

__all__ = [
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
