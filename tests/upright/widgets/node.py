"""Functions of the figures' ES modules, called from Python: JSON in, JSON out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from upright.widgets import figure

CALL = """
import {{ text }} from "node:stream/consumers";
import * as module from "{address}";
const calls = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(calls.map(([name, ...given]) => module[name](...given))));
"""


def call(name: str, *calls: list[Any]) -> list[Any]:
    """What each call, [function, argument, ...], of the module `name` returns."""
    node = Path(sys.executable).with_name("node")
    source = CALL.format(address=(figure.FOLDER / f"{name}.js").as_uri())
    command = [str(node), "--input-type=module", "--eval", source]
    result = subprocess.run(command, input=json.dumps(calls), capture_output=True, text=True, check=True)
    answer: list[Any] = json.loads(result.stdout)
    return answer
