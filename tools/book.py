"""Build the whole book: execute its chapters, make the pages, check them, and only then replace the site.

    python -m tools.book         the site is in _build/site, the notebooks for Colab in _build/notebooks

Exit code 1 with a sentence when the book cannot be published as it is; a site that was there before stays as it was.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from tools import archive, labs, lean, live, missing, notebooks, pages, wheel
from tools.chapters import BUILD, ROOT, chapters, source_path
from tools.environment import Stop, check_space
from tools.execute import ChapterError, execute_all, executed
from tools.icons import IconError
from tools.lean import LeanError
from upright.recording import cpu_name, gpu_name

SITE = BUILD / "site"
HTML = BUILD / "sphinx" / "_build" / "html"
SPACE_NEEDED = 1e9
PACKAGES = ("gymnasium", "ray", "torch", "numpy", "optuna", "jupyter-book", "sphinx", "myst-nb")


class BookError(Exception):
    """A book that cannot be published as it is; the message says what to do."""


def build() -> Path:
    """Bring the site up to date and return its folder. Raises BookError, ChapterError or Stop; prints progress."""
    start = time.perf_counter()
    check_space(str(ROOT), needed=SPACE_NEEDED)
    for path in labs.refresh():
        print(f"labs: {path.relative_to(ROOT)} was written anew from its source; commit it", flush=True)
    execute_all(chapters())
    fill_cache()
    write_status()
    print("pages: building", flush=True)
    run_sphinx()
    refuse(pages.missing(HTML))
    site = assemble()
    refuse(pages.problems(site))
    replace(SITE, site)
    archive.write(SITE, BUILD / "upright-site.zip")
    print(
        f"pages: done; the whole build took {time.perf_counter() - start:.1f} s. The site is in {SITE.name}/",
        flush=True,
    )
    return SITE


def refuse(problems: list[str]) -> None:
    if problems:
        raise BookError("the pages were built, but cannot be published:\n" + "\n".join(problems))


def fill_cache() -> None:
    """Hand the executed chapters to MyST-NB, through the cache where it looks for them."""
    folder = BUILD / "jupyter-cache"
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(folder)
    for page in chapters():
        notebook = executed(page)
        data = {"execution_seconds": notebook.metadata.upright.seconds}
        bundle = CacheBundleIn(notebook, str(source_path(page)), data=data)
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def write_status() -> None:
    """The record that the status page shows. Written only when it changed, so that the page is not built in vain."""
    rows = []
    for page in chapters():
        record = executed(page).metadata.upright
        memory = f"{record.peak_memory / 1e6:,.0f} MB"
        executed_at = record.executed[:16].replace("T", " ")
        rows.append([Path(page).name, f"{record.seconds:.1f}", memory, executed_at, record.fingerprint[:8]])
    machine = [
        ["Processor", f"{cpu_name()}, {os.cpu_count()} cores"],
        ["GPU", gpu_name() or "none"],
        ["System", f"{platform.system()} {platform.machine()}"],
        ["Python", platform.python_version()],
        *[[package, version(package)] for package in PACKAGES],
    ]
    text = json.dumps({"machine": machine, "chapters": rows}, indent=1)
    record_path = BUILD / "status.json"
    if not record_path.is_file() or record_path.read_text(encoding="utf-8") != text:
        record_path.write_text(text, encoding="utf-8")


def forget_old_pages() -> None:
    """Sphinx does not notice when extensions, settings or assets change; then every page must be made anew."""
    digest = hashlib.sha256()
    assets = (ROOT / "book" / "assets").rglob("*.*")
    sources = [*(ROOT / "extensions").glob("*.*"), *(ROOT / "upright" / "widgets").glob("*.*"), *assets]
    for path in [*sorted(sources), ROOT / "_config.yml", ROOT / "_toc.yml"]:
        digest.update(path.read_bytes())
    stamp = BUILD / "sphinx" / "settings"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != digest.hexdigest():
        shutil.rmtree(stamp.parent, ignore_errors=True)
        stamp.parent.mkdir(parents=True)
        stamp.write_text(digest.hexdigest(), encoding="utf-8")


def run_sphinx() -> None:
    forget_old_pages()
    command = [
        str(Path(sys.executable).with_name("jupyter-book")),
        "build",
        str(ROOT),
        "--path-output",
        str(BUILD / "sphinx"),
    ]
    result = subprocess.run([*command, "-W", "-n", "--keep-going", "-q"], cwd=ROOT, capture_output=True, text=True)
    if result.returncode != 0:
        output = (result.stdout + result.stderr).splitlines()
        told = [line for line in output if re.search(r"WARNING|ERROR|Error\b|Reason:", line)]
        log = BUILD / "sphinx.log"
        log.write_text(result.stdout + result.stderr, encoding="utf-8")
        # Sphinx would not read an unchanged page again, so that the next run would pass.
        shutil.rmtree(BUILD / "sphinx", ignore_errors=True)
        rest = f"Mend what they name and run the command again; the whole log is in {log.relative_to(ROOT)}"
        raise BookError("\n".join(["Sphinx refused these pages:", *told, rest]))


def assemble() -> Path:
    """The site as it will be published, beside the present one: pages, recorded data, the wheel for Colab."""
    new = BUILD / "site.new"
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(HTML, new, ignore=shutil.ignore_patterns(".buildinfo"))
    shutil.copytree(ROOT / "book" / "data", new / "data", dirs_exist_ok=True)
    live.vendor(new)
    shutil.copy(wheel.build(), new)
    lean.lighten(new)
    missing.write(new / "404.html")
    notebooks.write(BUILD / "notebooks")
    return new


def replace(old: Path, new: Path) -> None:
    """Put `new` in the place of `old`, so that there is never half a site."""
    aside = old.with_name(old.name + ".old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def main() -> int:
    try:
        build()
    except (BookError, ChapterError, IconError, labs.LabError, LeanError, Stop) as reason:
        print(f"upright: {reason}", file=sys.stderr)
    except OSError as error:
        # By its text, because shutil.copytree gathers errors and gives no number.
        if os.strerror(errno.ENOSPC) not in str(error):
            raise
        print("upright: the disk is full. Free some space and run the command again.", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
