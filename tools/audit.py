"""Look for locked packages whose version is known to be vulnerable, on the Python package index and on npm.

    python -m tools.audit

Exit code 0: every package was looked up and none is known; 1: some are, and are printed; 2: some could not be looked
up, because an index is not reached or keeps no advisories. Not looked up is never told as not vulnerable. What there is
to tell is written into _build/audit.md too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.chapters import BUILD, ROOT

REPORT = BUILD / "audit.md"  # the text of an issue
# Run aside by uv, in an environment of its own: nothing of it is needed elsewhere.
PIP_AUDIT = "pip-audit==2.10.1"


def python_report() -> str:
    """What pip-audit says of requirements.lock, as JSON; empty if it could ask nobody."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "audit.json"
        command = [sys.executable, "-m", "uv", "tool", "run", "--quiet", PIP_AUDIT]
        command += ["--requirement", "requirements.lock", "--require-hashes", "--disable-pip"]
        command += ["--progress-spinner", "off", "--format", "json"]
        subprocess.run([*command, "--output", str(output)], cwd=ROOT, capture_output=True)
        return output.read_text(encoding="utf-8") if output.exists() else ""


def npm_report() -> str:
    """What npm says of package-lock.json, as JSON."""
    programs = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": programs + os.pathsep + os.environ["PATH"]}
    command = ["npm", "audit", "--json", "--package-lock-only"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True).stdout


def python_findings(report: str) -> tuple[list[str], list[str]]:
    """Known vulnerabilities, and what could not be looked up, from pip-audit's JSON."""
    packages = json.loads(report)["dependencies"] if report else []
    if not packages:
        return [], ["the Python package index could not be asked"]
    known = [
        f"{package['name']} {package['version']}: {found['id']}, mended in "
        + (" or ".join(found["fix_versions"]) or "no version")
        for package in packages
        for found in package.get("vulns", [])
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    return known, [f"the Python package index says nothing about {len(skipped)} packages"] if skipped else []


def npm_findings(report: str) -> tuple[list[str], list[str]]:
    """Known vulnerabilities, and what could not be looked up, from `npm audit --json`."""
    answer = json.loads(report) if report else {}
    if "vulnerabilities" not in answer:
        return [], [f"npm's index could not be asked ({answer.get('message', 'no answer')})"]
    known = [f"{name} {found['range']}: {found['severity']}" for name, found in answer["vulnerabilities"].items()]
    return known, []


def issue(known: list[str], unknown: list[str]) -> str:
    """What there is to tell, as Markdown."""
    parts = (("These locked packages are known to be vulnerable:", known), ("Not everything was looked up:", unknown))
    return "\n".join("\n".join([f"{head}\n", *(f"- {line}" for line in lines), ""]) for head, lines in parts if lines)


def main() -> int:
    found = [python_findings(python_report()), npm_findings(npm_report())]
    known = [line for lines, _ in found for line in lines]
    unknown = [line for _, lines in found for line in lines]
    for line in known:
        print(f"vulnerable: {line}")
    REPORT.unlink(missing_ok=True)
    if known or unknown:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(issue(known, unknown), encoding="utf-8")
    for line in unknown:
        print(f"upright: {line}; look again where it can be reached.", file=sys.stderr)
    if not known and not unknown:
        print("No locked package is known to be vulnerable.")
    return 1 if known else 2 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
