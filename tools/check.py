"""The long checks, one after another. What passed is not run again until something that it depends on changes.

    python -m tools.check [--again] [NAME ...]

The outcome of each goes into tests/check.json as soon as it is known; that file is committed, and the status page shows
it. Recordings that a check makes are committed with it: those in book/data/ and in benchmarks/. --again runs what
passed too, for the world may have changed where no file did. Exit code 1 when a check failed; which, is then written
into _build/check.md, as text for an issue.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools import bench
from tools.chapters import BUILD, ROOT

RESULT = ROOT / "tests" / "check.json"
REPORT = BUILD / "check.md"


@dataclass(frozen=True)
class Check:
    """A command, the paths whose content decides whether it must run again, and how its recording reads in a line.

    again: what the command itself must be told to run everything once more, where it skips what passed.
    """

    command: list[str]
    depends: tuple[str, ...]
    recording: str = ""
    summary: Callable[[dict[str, Any]], str] = lambda _: ""
    again: tuple[str, ...] = ()


def _solve_line(record: dict[str, Any]) -> str:
    found = []
    for name, row in record["rows"].items():
        train = row["train_seconds"]
        told = f"{train['median']:.2f} s ({train['min']:.2f}–{train['max']:.2f})" if train else "none solved"
        found.append(f"{name} {told}, {row['runs']} seeds, {row['not_confirmed']} not confirmed")
    return "training to a mean of 195: " + "; ".join(found)


def _build_line(record: dict[str, Any]) -> str:
    return "; ".join(
        f"{name} {row['seconds']:.1f} s, {row['peak_memory'] / 1e6:.0f} MB" for name, row in record["rows"].items()
    )


def _batched_line(record: dict[str, Any]) -> str:
    found = [f"{name} {row['ratio']:.2f}" for name, row in record["rows"].items() if name.startswith("ours")]
    return f"times as many steps as {record['reference']}: " + "; ".join(found)


def _recorded_line(record: dict[str, Any]) -> str:
    return f"recorded {record['provenance']['date']}: {record['provenance']['command']}"


def _twenty_line(record: dict[str, Any]) -> str:
    found = []
    for name in ("ASHA", "no scheduler"):
        seconds = [search["seconds"] for search in record["searches"] if search["scheduler"] == name]
        found.append(f"{name} {statistics.median(seconds):.1f} s ({min(seconds):.1f}–{max(seconds):.1f})")
    return "twenty trials: " + "; ".join(found)


def _grade_line(record: dict[str, Any]) -> str:
    found = []
    for row in record["rows"]:
        rate = statistics.median(row["rates"])
        found.append(f"{row['grader']}, {row['lab']}: {rate:.0f} ({min(row['rates']):.0f}–{max(row['rates']):.0f})")
    return "submissions a minute: " + "; ".join(found)


def _scale_line(record: dict[str, Any]) -> str:
    found = []
    for row in record["long"]:
        where = "on a cluster" if "--cluster" in row["options"] else "alone"
        most = row["command_mb"]["all"]
        found.append(f"{row['submissions']:,} of {row['lab']} {where}: {row['rate']:.0f} a minute, {most:.0f} MB")
    return "; ".join(found)


def _decision_line(record: dict[str, Any]) -> str:
    return "; ".join(
        f"true mean {row['true_mean']}, {row['kind']}: {row['wrong_share']:.2%} wrong" for row in record["rows"]
    )


def _lighthouse_line(record: dict[str, Any]) -> str:
    lowest = {name: min(row[name] for row in record["rows"].values()) for name in next(iter(record["rows"].values()))}
    return f"lowest of {len(record['rows'])} pages: " + ", ".join(f"{name} {score}" for name, score in lowest.items())


def _axe_line(record: dict[str, Any]) -> str:
    failed = sum(len(lines) for row in record["rows"].values() for lines in row.values())
    return f"{failed} rules fail on {len(record['rows'])} pages, light and dark"


def _colab_line(record: dict[str, Any]) -> str:
    rows = record["rows"].values()
    passed = sum(row["outcome"] == "passed" for row in rows)
    slowest, largest = max(row["seconds"] for row in rows), max(row["download_megabytes"] for row in rows)
    told = f"{passed} of {len(rows)} notebooks, at most {slowest:.0f} s and {largest:.0f} MB each"
    return f"{told}; Colab of {record['provenance']['colab']}, Python {record['provenance']['python']}"


def _recorded(
    module: str, file: str, summary: Callable[[dict[str, Any]], str], depends: tuple[str, ...], *options: str
) -> Check:
    """A check that records what it measured in `file`."""
    return Check(["-m", module, *options, "--json", file], depends, file, summary)


BOOK = ("book", "upright", "tools", "extensions", "_config.yml", "_toc.yml", "requirements.lock")
MANY_AGENTS = tuple(f"upright/{name}.py" for name in ("batched", "population", "ppo", "stacked", "streams"))
GRADER = ("upright", "autograder", "solutions", "requirements.lock")
CHECKS = {
    "slow": Check(["-m", "pytest", "-q", "-m", "slow"], (*GRADER, "tests")),
    "grade": _recorded("benchmarks.grade", "benchmarks/grade.json", _grade_line, (*GRADER, "benchmarks/grade.py")),
    "scale": _recorded("benchmarks.scale", "benchmarks/scale.json", _scale_line, (*GRADER, "benchmarks/scale.py")),
    "decision": _recorded(
        "benchmarks.decision",
        "benchmarks/decision.json",
        _decision_line,
        ("benchmarks/decision.py", "upright/checks/returns.py"),
    ),
    "solve": _recorded(
        "benchmarks.solve",
        "book/data/solve.json",
        _solve_line,
        (
            *("benchmarks/solve.py", "benchmarks/contenders.py", "benchmarks/single_file.py", "requirements.lock"),
            *("upright/rllib.py", "upright/evaluation.py", "upright/notices.py", *MANY_AGENTS),
        ),
    ),
    "batched": _recorded(
        "benchmarks.batched",
        "benchmarks/batched.json",
        _batched_line,
        ("benchmarks/batched.py", "upright/batched.py", "requirements.lock"),
    ),
    "agents": _recorded(
        "benchmarks.agents",
        "book/data/agents.json",
        _recorded_line,
        ("benchmarks/agents.py", *MANY_AGENTS),
    ),
    "searches": Check(
        ["-m", "benchmarks.searches"],
        ("benchmarks/searches.py", "book/tune.md", "upright/rllib.py", "requirements.lock"),
        "book/data/searches.json",
        _recorded_line,
    ),
    "twenty": _recorded(
        "benchmarks.twenty",
        "book/data/twenty.json",
        _twenty_line,
        ("benchmarks/searches.py", "benchmarks/twenty.py", "book/tune.md", "upright/rllib.py", "requirements.lock"),
    ),
    "atlas": Check(
        ["-m", "benchmarks.atlas"],
        ("benchmarks/atlas.py", *MANY_AGENTS),
        "book/data/atlas.json",
        _recorded_line,
    ),
    "lighthouse": _recorded(
        "tools.lighthouse",
        "benchmarks/lighthouse.json",
        _lighthouse_line,
        (*BOOK, "index.md", "labs", "package-lock.json"),
        "--build",
    ),
    "axe": _recorded("tools.axe", "benchmarks/axe.json", _axe_line, (*BOOK, "index.md", "labs", "package-lock.json")),
    "colab": Check(
        ["-m", "tools.colab", "--json", "tests/colab.json"],
        (*BOOK, "labs", "solutions", "pyproject.toml"),
        "tests/colab.json",
        _colab_line,
        again=("--again",),
    ),
    "repeats": Check(["-m", "tools.repeat", "2"], BOOK),
    "build": _recorded(
        "benchmarks.build", "benchmarks/build.json", _build_line, (*BOOK, "benchmarks/build.py"), "--stock"
    ),
}


def fingerprint(check: Check) -> str:
    """A hash of the tracked files that the check depends on, but not of records: only pages read those of others."""
    others = (one.recording for one in CHECKS.values() if not one.recording.startswith("book/"))
    records = {RESULT, *(ROOT / name for name in (check.recording, *others))}
    listed = subprocess.run(["git", "ls-files", "-z", *check.depends], cwd=ROOT, capture_output=True, check=True).stdout
    digest = hashlib.sha256(repr(check.command).encode())
    for name in filter(None, listed.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and path not in records:
            digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _results() -> dict[str, Any]:
    return dict(json.loads(RESULT.read_text(encoding="utf-8"))) if RESULT.is_file() else {}


def run(name: str, again: bool) -> bool:
    """Run one check unless it passed on the same files, record the outcome, and tell whether it passed."""
    check, before = CHECKS[name], _results().get(name, {})
    if not again and before.get("outcome") == "passed" and before.get("fingerprint") == fingerprint(check):
        print(f"{name}: passed on {before['date']}, nothing changed since")
        return True
    print(f"{name}: running", flush=True)
    start = time.perf_counter()
    code = subprocess.call([sys.executable, *check.command, *(check.again if again else ())], cwd=ROOT)
    detail = ""
    if code == 0 and check.recording:
        detail = check.summary(json.loads((ROOT / check.recording).read_text(encoding="utf-8")))
    results = _results()  # as it is now: another check may have ended meanwhile
    results[name] = {
        "outcome": "passed" if code == 0 else f"failed, exit code {code}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seconds": round(time.perf_counter() - start),
        "detail": detail,
        "fingerprint": fingerprint(check),
    }
    RESULT.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{name}: {results[name]['outcome']} after {results[name]['seconds']} s. {detail}", flush=True)
    return code == 0


def main(arguments: list[str]) -> int:
    names = [name for name in arguments if name != "--again"] or list(CHECKS)
    unknown = sorted(set(names) - set(CHECKS))
    if unknown:
        print(f"upright: no check is called {', '.join(unknown)}; there are {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    bench.install()
    REPORT.unlink(missing_ok=True)
    failed = [name for name in names if not run(name, "--again" in arguments)]
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed; recorded in {Path('tests/check.json')}")
    if failed:
        REPORT.parent.mkdir(exist_ok=True)
        lines = [f"- {name}: `python -m tools.check --again {name}`" for name in failed]
        REPORT.write_text("\n".join(["These checks failed. Each with what runs it:\n", *lines, ""]), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
