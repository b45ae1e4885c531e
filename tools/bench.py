"""Run the benchmarks one after another and print their tables; the JSON lies in `_build/bench`.

python -m tools.bench
"""

from __future__ import annotations

import subprocess
import sys

from tools.chapters import BUILD, ROOT

FOLDER = BUILD / "bench"
BENCHMARKS = {  # what takes longer than a quarter of an hour together is left to `make check`
    "solve": ["-m", "benchmarks.solve", "--rows", "rllib", "tensors", "sb3", "single_file"],
    "batched": ["-m", "benchmarks.batched"],
    "agents": ["-m", "benchmarks.agents", "--repeats", "3"],
    "grade": ["-m", "benchmarks.grade", "--count", "30", "--repeats", "2"],
}


def install() -> int:
    """What only the benchmarks need: stable-baselines3, to compare with. All that it needs itself is in the lock."""
    pins = ["--no-deps", "--require-hashes", "-r", "benchmarks/requirements.txt"]
    return subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *pins], cwd=ROOT)


def main() -> int:
    if install() != 0:
        print("upright: stable-baselines3 could not be installed; its row will be missing.", file=sys.stderr)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, arguments in BENCHMARKS.items():
        command = [sys.executable, *arguments, "--json", str(FOLDER / f"{name}.json")]
        print(f"\n$ python {' '.join(arguments)}", flush=True)
        if subprocess.call(command, cwd=ROOT) != 0:
            return 1
    print("\n$ python -m benchmarks.table", flush=True)
    return subprocess.call([sys.executable, "-m", "benchmarks.table", str(FOLDER)], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
