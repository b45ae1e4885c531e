"""Where the book is published: everything that follows from the one line in `_config.yml` that names the repository.

As a Sphinx extension it points each page's Colab button at the notebook that `make notebooks` writes for it.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CONFIG = Path(__file__).resolve().parent.parent / "_config.yml"
NOTEBOOK_BRANCH = "notebooks"
REPOSITORY = re.compile(r"(?:https://github\.com/|git@github\.com:)?([\w-]+)/([\w.-]+?)(?:\.git)?/?")


def settings() -> dict[str, Any]:
    return dict(_parsed(CONFIG.read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def _parsed(text: str) -> dict[str, Any]:
    """The settings are asked for in each cell of each notebook, and to parse them took most of the notebooks' time."""
    return dict(yaml.safe_load(text))


def slug() -> str:
    """`owner/name`, from UPRIGHT_REPOSITORY if that is set, else from `_config.yml`."""
    override = os.environ.get("UPRIGHT_REPOSITORY", "").strip()
    url = override or settings()["repository"]["url"]
    match = REPOSITORY.fullmatch(str(url))
    if not match:
        raise ValueError(f"{url!r} names no repository; write owner/name or https://github.com/owner/name")
    return f"{match[1]}/{match[2]}"


def repository_url() -> str:
    return f"https://github.com/{slug()}"


def site_url() -> str:
    """The address of the published site, without a slash at its end.

    It is UPRIGHT_SITE, else `baseurl` below `html` in `_config.yml`, else GitHub Pages' address of the repository. With
    another repository for once, in UPRIGHT_REPOSITORY, `baseurl` is not its address.
    """
    owner, name = slug().split("/")
    pages = f"https://{owner.lower()}.github.io"
    own = "" if os.environ.get("UPRIGHT_REPOSITORY", "").strip() else (settings().get("html") or {}).get("baseurl", "")
    # make exports what is not set as empty text.
    override = os.environ.get("UPRIGHT_SITE", "").strip() or own
    return (override or (pages if f"https://{name.lower()}" == pages else f"{pages}/{name}")).rstrip("/")


def colab_url(page: str) -> str:
    """Colab's link for the notebook of a page such as `book/ppo` or `labs/lab1_episodes`."""
    return f"https://colab.research.google.com/github/{slug()}/blob/{NOTEBOOK_BRANCH}/{page}.ipynb"


def _point_buttons(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """The theme links a .md chapter to Colab as .md, which Colab cannot open; pages without cells need no button."""
    for group in context.get("header_buttons", []):
        if "buttons" in group:
            buttons = [button for button in group["buttons"] if context["is_chapter"] or not _is_colab(button)]
            group["buttons"] = [
                {**button, "url": colab_url(page)} if _is_colab(button) else button for button in buttons
            ]
    context["header_buttons"] = [group for group in context.get("header_buttons", []) if group.get("buttons", True)]


def _is_colab(button: dict[str, Any]) -> bool:
    return str(button.get("url", "")).startswith("https://colab.research.google.com")


def _mark_chapter(app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    context["is_chapter"] = bool(app.env.metadata.get(page, {}).get("kernelspec"))


def _name_repository(_app: Sphinx, config: Any) -> None:
    """The theme's source and issue buttons, and the canonical address of each page."""
    config.html_theme_options["repository_url"] = repository_url()
    config.html_baseurl = f"{site_url()}/"


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", _name_repository)
    app.connect("html-page-context", _mark_chapter, priority=400)
    app.connect("html-page-context", _point_buttons, priority=900)  # the theme adds its buttons at 501
    return {"parallel_read_safe": True, "parallel_write_safe": True}
