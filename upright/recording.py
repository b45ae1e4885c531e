"""Recorded results: measurements that take longer than a build may, as JSON with their provenance."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("gymnasium", "ray", "torch", "numpy", "optuna", "stable-baselines3")


def recorded(name: str) -> dict[str, Any]:
    """The recorded result `name`, such as "searches": from `data/` beside the notebook, else from the published site.

    The site's address is in the environment variable UPRIGHT_SITE, which the first cell sets on Colab.
    Raises FileNotFoundError when the file is in neither place.
    """
    file = f"data/{name}.json"
    for folder in (Path(), Path("book")):
        if (folder / file).is_file():
            return json.loads((folder / file).read_text(encoding="utf-8"))
    site = os.environ.get("UPRIGHT_SITE")
    if not site:
        raise FileNotFoundError(f"{file}: not found; run the notebook from the folder `book`, or set UPRIGHT_SITE.")
    import urllib.request  # on Colab alone, and slow to import

    address = f"{site.rstrip('/')}/{file}"
    try:
        with urllib.request.urlopen(address, timeout=30) as response:
            return json.load(response)
    except OSError as error:
        raise FileNotFoundError(f"{file}: not beside the notebook, and {address} cannot be read ({error}).") from error


def provenance(command: str) -> dict[str, Any]:
    """Where a measurement comes from: date (UTC), git commit, command, versions, processor and GPU."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": _commit(),
        "command": command,
        "python": platform.python_version(),
        "packages": _versions(),
        "cpu": cpu_name(),
        "cpu_count": os.cpu_count(),
        "gpu": gpu_name(),
    }


def cpu_name() -> str:
    """The processor's name as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def gpu_name() -> str | None:
    """The name of the first CUDA GPU, or None."""
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _commit() -> str | None:
    command = ["git", "rev-parse", "HEAD"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return result.stdout.strip() or None
