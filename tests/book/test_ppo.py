"""Chapter 6 writes out the configuration that the package, the benchmarks and other chapters use."""

from __future__ import annotations

from typing import Any

import upright
from tools.chapters import read_chapter

upright.quiet()

from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig

from upright.rllib import cartpole_config


def test_the_configuration_in_the_chapter_is_that_of_the_package() -> None:
    cells = [cell.source for cell in read_chapter("book/ppo").cells if cell.cell_type == "code"]
    written = [source for source in cells if source.startswith("config = (\n    PPOConfig()")]
    assert len(written) == 1
    names: dict[str, Any] = {"PPOConfig": PPOConfig, "DefaultModelConfig": DefaultModelConfig}
    exec(written[0], names)
    assert settings(names["config"]) == settings(cartpole_config(seed=0))


def settings(config: PPOConfig) -> dict[str, str]:
    """Every setting as text, without what is an object of each configuration's own."""
    return {name: repr(value) for name, value in config.to_dict().items() if " at 0x" not in repr(value)}
