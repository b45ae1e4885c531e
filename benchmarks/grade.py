"""How many submissions a minute: ours, beside `otter run` and `nbgrader autograde` on the same labs in the same run.

    python -m benchmarks.grade [--count 60] [--repeats 3] [--json FILE]

Every submission is an honest solution in a notebook of its own. The two other graders run the labs' public self-checks,
in the student's process; ours asks hidden cases through the sandbox. Rows one after another, on an idle machine:

- rate: submissions a minute of the whole command, its start included; median of the repeats, lowest and highest.
- first: seconds from the start of the command until the first result lies on disk.
- worker: largest resident memory of one worker process in MB; sandbox: of all that runs inside one sandbox together.

otter-grader needs other versions of some packages than the course has, so it gets an environment of its own below
_build. Without a network its rows are left out, and that is said.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil

from tools import labs, wheel
from tools.chapters import BUILD, ROOT
from upright.recording import provenance

OTTER = "otter-grader==7.0.0"
OTTER_ENVIRONMENT = BUILD / "otter"
CODE_LABS = ("lab1_episodes", "lab2_policies")
SLOW = {"lab4_vectorize": 4, "lab5_tune": 2}  # how many submissions: torch and trainings take seconds each
OTHERS = 4  # submissions for the other graders, which take seconds each
FUNCTIONS = {
    "lab1_episodes": ("run_episode", "evaluate", "td_target"),
    "lab2_policies": ("policy", "random_search"),
}
OTTER_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"
points = 1


@test_case(points=1, hidden=False)
def test_{name}(env):
    from upright import checks

    checks.{module}.{name}(env["{name}"])
"""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=60, help="submissions of labs 1 and 2 for ours (default 60)")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="upright-grade-") as folder:
        rows = list(measure(Path(folder), chosen.count, chosen.repeats))
    if chosen.json:
        result = {"provenance": provenance(f"python -m benchmarks.grade --count {chosen.count}"), "rows": rows}
        chosen.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(folder: Path, count: int, repeats: int) -> Any:
    """Each row as soon as it is measured."""
    print(f"{'grader':24} {'lab':16} {'n':>4}  {'rate a minute':>20}  {'first':>6} {'worker':>7} {'sandbox':>8}")
    for lab in CODE_LABS:
        submissions = notebooks(folder / "in" / lab, lab, count)
        for jobs in (2, 1):
            yield shown(ours(lab, submissions, jobs, repeats, folder))
        few = notebooks(folder / "few" / lab, lab, OTHERS)
        if otter_python() is not None:
            yield shown(otter(lab, few, repeats, folder))
        yield shown(nbgrader(lab, few, repeats, folder))
    yield shown(ours("lab1_episodes", notebooks(folder / "in8", "lab1_episodes", 8 * count), 2, 1, folder))
    yield shown(ours("lab3_ppo", data_submissions(folder / "in" / "lab3", 10 * count), 2, repeats, folder))
    for lab, some in SLOW.items():
        if (ROOT / "solutions" / f"{lab}.md").is_file():
            submissions = (
                search_submissions(folder / "in" / lab, some)
                if lab == "lab5_tune"
                else notebooks(folder / "in" / lab, lab, some)
            )
            yield shown(ours(lab, submissions, 2, 1, folder))


def shown(row: dict[str, Any]) -> dict[str, Any]:
    low, high = min(row["rates"]), max(row["rates"])
    rate = f"{statistics.median(row['rates']):.0f} ({low:.0f}-{high:.0f})"
    first, worker, inside = (row.get(name) for name in ("first_s", "worker_mb", "sandbox_mb"))
    print(
        f"{row['grader']:24} {row['lab']:16} {row['submissions']:4}  {rate:>20}  "
        f"{f'{first:.2f} s' if first else '':>6} {f'{worker:.0f} MB' if worker else '':>7} "
        f"{f'{inside:.0f} MB' if inside else '':>8}",
        flush=True,
    )
    return row


def notebooks(folder: Path, lab: str, count: int) -> Path:
    """That many notebooks with the lab's solution, one a student."""
    folder.mkdir(parents=True)
    notebook = labs.instructor_notebook(ROOT / "solutions" / f"{lab}.md")
    for number in range(count):
        nbformat.write(notebook, folder / f"student{number:04}.ipynb")
    return folder


def with_output(folder: Path, bundle: dict[str, Any], count: int) -> Path:
    """That many notebooks whose only cell has this output."""
    folder.mkdir(parents=True)
    output = nbformat.v4.new_output("display_data", bundle)
    cell = nbformat.v4.new_code_cell("checks.export()", outputs=[output])
    for number in range(count):
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / f"student{number:04}.ipynb")
    return folder


def data_submissions(folder: Path, count: int) -> Path:
    """Notebooks with a network of the size that lab 3 trains, by hand: [64, 64] tanh that balance the pole."""
    import numpy as np

    from upright.checks import exports
    from upright.policy import MIME, Policy

    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 1e-3, (64, 4)), rng.normal(0, 1e-3, (64, 64))
    first[0], second[0, 0] = [0.0, 0.1, 1.0, 0.6], 1.0
    layers = [(first, "tanh"), (second, "tanh"), (np.array([[-1.0] + [0.0] * 63, [1.0] + [0.0] * 63]), "linear")]
    data = [
        {"weight": weight.tolist(), "bias": [0.0] * len(weight), "activation": activation}
        for weight, activation in layers
    ]
    parts = {"format": "upright-policy/1", "observation_size": 4, "action_size": 2, "layers": data}
    return with_output(folder, exports.bundle(Policy.parse(parts), MIME, "Exported"), count)


def search_submissions(folder: Path, count: int) -> Path:
    """Notebooks with a search whose best trial is chapter 6's configuration."""
    from upright.checks import exports
    from upright.search import MIME, Search

    trials = [{"config": {"lr": lr}, "env_steps": steps, "solved": True} for lr, steps in SEARCHED]
    parts = {"format": "upright-search/1", "trials": trials, "best": trials[0]["config"]}
    return with_output(folder, exports.bundle(Search.parse(parts), MIME, "Exported"), count)


SEARCHED = ((3e-3, 4_000), (1e-3, 8_000), (2e-3, 6_000), (4e-3, 5_000), (5e-3, 5_500), (6e-3, 7_000))


def ours(lab: str, submissions: Path, jobs: int, repeats: int, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "autograder", "grade", str(submissions), "--lab", lab, "--jobs", str(jobs)]
    count = len(list(submissions.iterdir()))
    rates, firsts, watched = [], [], Watched()
    for number in range(repeats):
        out = folder / f"out-{lab}-{jobs}-{count}-{number}"
        start = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT
        )
        thread = threading.Thread(target=watched.watch, args=(process.pid, out / "results" / lab, start))
        thread.start()
        _, errors = process.communicate()
        rates.append(60 * count / (time.perf_counter() - start))
        watched.ended.set()
        thread.join()
        firsts.append(watched.first)
        if process.returncode:
            raise SystemExit(
                f"benchmarks.grade: {' '.join(command)} ended with {process.returncode}: {errors.decode()}"
            )
        scores = [json.loads(path.read_text())["score"] for path in (out / "results" / lab).iterdir()]
        watched.scores.append(statistics.mean(scores))
    return {
        "grader": f"autograder --jobs {jobs}",
        "lab": lab,
        "submissions": count,
        "rates": rates,
        "first_s": statistics.median(firsts),
        "worker_mb": watched.worker / 1e6,
        "sandbox_mb": watched.sandbox / 1e6,
        "command_mb": watched.command / 1e6,
        "mean_score": statistics.mean(watched.scores),
    }


class Watched:
    """What is seen of the command from outside, 20 times a second: memory in bytes, and the first result."""

    def __init__(self) -> None:
        self.worker = self.sandbox = self.command = 0
        self.first = 0.0
        self.scores: list[float] = []
        self.ended = threading.Event()

    def watch(self, pid: int, results: Path, start: float) -> None:
        self.ended.clear()
        self.first = 0.0
        looked = 0.0
        while not self.ended.wait(0.005):
            if not self.first and results.is_dir() and any(path.suffix == ".json" for path in results.iterdir()):
                self.first = time.perf_counter() - start
            if time.perf_counter() - looked > 0.05:
                looked = time.perf_counter()
                self._look(pid)

    def _look(self, pid: int) -> None:
        with contextlib.suppress(psutil.Error):
            command = psutil.Process(pid)
            self.command = max(self.command, command.memory_info().rss)
            for worker in command.children():
                self.worker = max(self.worker, worker.memory_info().rss)
                inside = 0
                for process in worker.children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        inside += process.memory_info().rss
                self.sandbox = max(self.sandbox, inside)


def otter_python() -> Path | None:
    """The Python of an environment that has otter-grader and the course's packages, made at the first call."""
    python = OTTER_ENVIRONMENT / "bin" / "python"
    if not (OTTER_ENVIRONMENT / "done").is_file():
        subprocess.run([sys.executable, "-m", "venv", str(OTTER_ENVIRONMENT)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", OTTER, "ipykernel", "nbconvert", str(wheel.build())]
        if subprocess.run(install, check=False).returncode != 0:
            print("otter-grader could not be installed; its rows are left out", flush=True)
            return None
        (OTTER_ENVIRONMENT / "done").touch()
    return python


def otter(lab: str, submissions: Path, repeats: int, folder: Path) -> dict[str, Any]:
    """`otter run` on each submission, as an instructor's script would call it."""
    place = folder / f"otter-{lab}"
    (place / "tests").mkdir(parents=True)
    for name in FUNCTIONS[lab]:
        module = lab.split("_")[0]
        (place / "tests" / f"{name}.py").write_text(OTTER_TEST.format(name=name, module=module))
    program = str(OTTER_ENVIRONMENT / "bin" / "otter")
    generate = [program, "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
    subprocess.run(generate, cwd=place, check=True, capture_output=True)

    def grade() -> None:
        for path in submissions.iterdir():
            run = [program, "run", "-a", "autograder.zip", "-o", str(place), str(path)]
            subprocess.run(run, cwd=place, check=True, capture_output=True)
            tests = json.loads((place / "results.json").read_text())["tests"]
            if sum(test.get("score", 0) for test in tests) < len(FUNCTIONS[lab]):
                raise SystemExit(f"benchmarks.grade: otter did not give all points: {tests}")

    return others("otter run", lab, submissions, repeats, grade)


def nbgrader(lab: str, submissions: Path, repeats: int, folder: Path) -> dict[str, Any]:
    """`nbgrader autograde` on the whole class."""
    course = folder / f"nbgrader-{lab}"
    labs.write_course(course)
    # nbgrader calls alembic by its name.
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def run(*arguments: str) -> None:
        command = [sys.executable, "-m", "nbgrader", *arguments]
        subprocess.run(command, cwd=course, check=True, capture_output=True, env=environment)

    run("generate_assignment", lab)
    for path in submissions.iterdir():
        place = course / "submitted" / path.stem / lab
        place.mkdir(parents=True)
        shutil.copy(path, place / f"{lab}.ipynb")

    return others("nbgrader autograde", lab, submissions, repeats, lambda: run("autograde", lab, "--force"))


def others(grader: str, lab: str, submissions: Path, repeats: int, grade: Any) -> dict[str, Any]:
    count = len(list(submissions.iterdir()))
    rates = []
    for _ in range(repeats):
        start = time.perf_counter()
        grade()
        rates.append(60 * count / (time.perf_counter() - start))
    return {"grader": grader, "lab": lab, "submissions": count, "rates": rates}


if __name__ == "__main__":
    sys.exit(main())
