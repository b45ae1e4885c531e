"""Pack what students get for the labs, and nothing else, into `_build/upright-labs.zip`; and the same as templates for
GitHub Classroom, a folder for each lab, into `_build/upright-classroom.zip`.

    python -m tools.student_release

The notebooks are made anew from `solutions/`, without solutions, mistakes and hidden cases: what lies in the folder
`labs/` beside them, such as somebody's work, stays where it is.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tools import archive, classroom, labs
from tools.chapters import BUILD, ROOT

TARGET = BUILD / "upright-labs.zip"
TEMPLATES = BUILD / "upright-classroom.zip"


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder, templates = Path(name) / "release", Path(name) / "templates"
        try:
            written = labs.write(folder / "labs")
        except labs.LabError as error:
            print(f"upright: {error}", file=sys.stderr)
            return 1
        shutil.copy(ROOT / "LICENSE", folder)
        TARGET.parent.mkdir(exist_ok=True)
        archive.write(folder, TARGET)
        for lab in written:
            classroom.write(templates / lab.stem, lab)
        archive.write(templates, TEMPLATES)
    told = f"{TARGET.relative_to(ROOT)}; for GitHub Classroom: {TEMPLATES.relative_to(ROOT)}"
    print(f"{len(written)} labs for students: {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
