"""The site as one zip: unpacked into any folder of any static host it works, without a network too."""

from __future__ import annotations

import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)


def write(site: Path, path: Path) -> Path:
    """Write every file of the site into the zip `path`; the same files give the same bytes."""
    temporary = path.with_suffix(".tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(site.glob("**/*")):
            if file.is_file():
                entry = zipfile.ZipInfo(f"upright/{file.relative_to(site).as_posix()}", EPOCH)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, file.read_bytes())
    temporary.replace(path)
    return path
