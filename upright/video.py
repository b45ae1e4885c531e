"""Videos in a page: mp4 files side by side, embedded, so that the notebook or page needs no other file."""

from __future__ import annotations

import base64
import html
from pathlib import Path

from IPython.display import HTML


def show_videos(videos: dict[str, str | Path], width: int = 400) -> HTML:
    """Show mp4 files side by side. `videos` maps a caption to a file; `width` is the largest width in pixels.

    The caption is also what a screen reader says, so let it tell what the video shows. Raises FileNotFoundError.
    """
    return HTML('<div class="videos">' + "".join(_figure(c, Path(p), width) for c, p in videos.items()) + "</div>")


def _figure(caption: str, path: Path, width: int) -> str:
    text = html.escape(caption)
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<figure style="display:inline-block;margin:0.5em 1em 0.5em 0;max-width:{width}px;width:100%">'
        f'<video controls loop muted playsinline style="width:100%" aria-label="{text}">'
        f'<source src="data:video/mp4;base64,{data}" type="video/mp4"></video>'
        f"<figcaption>{text}</figcaption></figure>"
    )
