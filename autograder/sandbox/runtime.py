"""Which Python runs inside the sandbox, and which folders it must be able to read. Nothing else is visible there."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/alternatives")


@dataclass(frozen=True)
class Runtime:
    """python: the interpreter's absolute path; path: what the runner adds to sys.path; readable: files and folders
    that are visible inside, read-only; runner: the program that runs inside."""

    python: str
    path: tuple[str, ...]
    readable: tuple[str, ...]
    runner: str = str(PACKAGE / "runner.py")

    @classmethod
    def detect(cls) -> Runtime:
        """The interpreter that runs now, the packages it has, and the packages `upright` and `autograder`."""
        import upright

        # The real file, not the link in a virtual environment: that would look for pyvenv.cfg.
        python = os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable)
        packages = tuple(dict.fromkeys(sysconfig.get_paths()[name] for name in ("purelib", "platlib")))
        ours = (PACKAGE, Path(upright.__file__).resolve().parent)
        prefix = os.path.realpath(sys.base_prefix)
        folders = [*SYSTEM, *([] if prefix == "/usr" else [prefix]), *packages, *map(str, ours)]
        path = tuple(dict.fromkeys([*(str(folder.parent) for folder in ours), *packages]))
        return cls(python, path, tuple(folder for folder in dict.fromkeys(folders) if Path(folder).exists()))

    def hidden_from(self, uid: int) -> str | None:
        """The first folder on the way to the interpreter or its packages that the user `uid` may not enter, or None."""
        for target in (self.python, *self.path):
            for folder in [*reversed(Path(target).parents), *([Path(target)] if Path(target).is_dir() else [])]:
                found = folder.stat()
                bit = 0o100 if found.st_uid == uid else 0o001
                if not found.st_mode & bit:
                    return str(folder)
        return None
