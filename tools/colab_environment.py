"""An environment with Colab's versions of the packages that matter, and fresh copies of it to run a notebook in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.chapters import BUILD
from tools.environment import CPU_INDEX

FOLDER = BUILD / "colab"
# Colab has torch from its own index; the CPU build is enough here.
TORCH = "torch"
STAND_IN = '''\
"""A stand-in for Colab's own package: notebooks ask whether it is there, and turn on the widgets of others."""
from google.colab import output
'''
OUTPUT = '''\
def enable_custom_widget_manager(version=None):
    """On Colab this lets the page load widgets that are not Google's."""


def disable_custom_widget_manager():
    """The other way round."""


def clear(*args, **kwargs):
    from IPython.display import clear_output

    clear_output()
'''
# Colab's kernel has these loaded before the first cell: another version of one would need a restart.
LOADED = ("PIL", "matplotlib", "numpy", "pandas", "psutil")


class CannotBuild(Exception):
    """Why there is no environment; the message says what to do."""


@dataclass(frozen=True)
class Environment:
    """A folder with a Python and its packages, to be used once."""

    root: Path

    @property
    def python(self) -> Path:
        return self.root / "bin" / "python"

    def conflicts(self) -> list[str]:
        """What `pip check` finds."""
        said = subprocess.run([self.python, "-m", "pip", "check"], capture_output=True, text=True, env=alone())
        return [line for line in said.stdout.splitlines() if " has requirement " in line or " requires " in line]

    def versions(self, names: tuple[str, ...]) -> dict[str, str]:
        """The versions of those of the named packages that it has."""
        code = (
            "import sys, json, importlib.metadata as m\n"
            "print(json.dumps({name: d.version for name in sys.argv[1:] for d in m.distributions(name=name)}))"
        )
        found: dict[str, str] = json.loads(subprocess.check_output([self.python, "-c", code, *names], env=alone()))
        return found

    def kernel(self, variables: dict[str, str]) -> str:
        """Make a Jupyter kernel of it, in which google.colab is imported as on Colab. Returns its name."""
        (packages,) = self.root.glob("lib/python*/site-packages")
        loaded = ["google.colab", *(name for name in LOADED if (packages / name).is_dir())]
        hook = f"--IPKernelApp.exec_lines=import {', '.join(loaded)}"
        command = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}", hook]
        spec = {"argv": command, "display_name": "Colab", "language": "python", "env": {"PYTHONPATH": "", **variables}}
        folder = self.root / "share" / "jupyter" / "kernels" / self.root.name.lower()
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        os.environ["JUPYTER_PATH"] = str(self.root / "share" / "jupyter")
        return folder.name


def alone() -> dict[str, str]:
    """Our environment variables without those that would lend our packages."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "uv", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=alone())


def build(facts: dict[str, Any]) -> Path:
    """Build the environment for these facts, unless it is there. Raises CannotBuild."""
    base, stamp = FOLDER / "base", FOLDER / "facts.json"
    text = json.dumps(facts, indent=1)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == text:
        return base
    shutil.rmtree(FOLDER, ignore_errors=True)
    print(f"Colab as it was on {facts['date']}: installing its packages for Python {facts['python']}", flush=True)
    python = os.environ.get("UPRIGHT_COLAB_PYTHON") or shutil.which(f"python{facts['python']}") or facts["python"]
    made = uv("venv", "--seed", "--python", python, str(base))
    if made.returncode != 0:
        raise CannotBuild(
            f"there is no Python {facts['python']} for Colab's environment. Put python{facts['python']} on PATH, or "
            f"name it: UPRIGHT_COLAB_PYTHON=/path/to/python make colab. uv said: {made.stderr.strip()[-300:]}"
        )
    install(base, facts["packages"])
    stand_in(base)
    stamp.write_text(text, encoding="utf-8")
    return base


def install(base: Path, packages: dict[str, str | None]) -> None:
    """Install Colab's versions and nothing that Colab lacks, which the first cell would bring. Raises CannotBuild."""
    python = ["--python", str(base / "bin" / "python")]
    pins = [f"{name}=={version.split('+')[0]}" for name, version in packages.items() if version and name != TORCH]
    torch = f"{TORCH}=={(packages[TORCH] or '').split('+')[0]}"
    if uv("pip", "install", *python, "--index-url", CPU_INDEX, "--no-deps", torch).returncode != 0:
        # The build of the package index needs the libraries for a GPU even where there is none.
        _installed(uv("pip", "install", *python, torch))
    _installed(uv("pip", "install", *python, "--no-deps", *pins))


def _installed(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode != 0:
        raise CannotBuild(f"Colab's packages could not be installed: {done.stderr.strip()[-1500:]}")


def stand_in(base: Path) -> None:
    """Put a package google.colab beside Google's others."""
    (packages,) = base.glob("lib/python*/site-packages")
    folder = packages / "google" / "colab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text(STAND_IN, encoding="utf-8")
    (folder / "output.py").write_text(OUTPUT, encoding="utf-8")


@contextmanager
def copy(base: Path) -> Iterator[Environment]:
    """A fresh copy: each notebook on Colab gets a machine of its own. Its files are links: pip replaces files whole."""
    with tempfile.TemporaryDirectory(prefix="colab", dir=FOLDER, ignore_cleanup_errors=True) as name:
        shutil.copytree(base, name, symlinks=True, copy_function=os.link, dirs_exist_ok=True)
        yield Environment(Path(name))
