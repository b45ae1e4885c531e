"""A small JavaScript program over the figures' modules, run by Node: JSON in, JSON out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from upright.widgets import figure

PROGRAM = """
import {{ text }} from "node:stream/consumers";
const load = (name) => import("{folder}/" + name + ".js");
const given = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await (async () => {{ {body} }})()));
"""


def run(body: str, given: Any) -> Any:
    """What `body` returns: the body of a function that may use `given` and `await load("physics")`."""
    node = Path(sys.executable).with_name("node")
    source = PROGRAM.format(folder=figure.FOLDER.as_uri(), body=body)
    command = [str(node), "--input-type=module", "--eval", source]
    result = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
