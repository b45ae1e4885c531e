"""Make the built pages light: what a page does not need leaves it, what it needs later is loaded later.

Works on the copy of the site that is about to be published; the same pages in give the same bytes out.
"""

from __future__ import annotations

import base64
import hashlib
import io
import posixpath
import re
import subprocess
import sys
from pathlib import Path

import imageio.v3
import imagesize
from bs4 import BeautifulSoup
from bs4.element import Tag
from PIL import Image

from tools import icons, markup

SEARCH_PAGE = "search.html"
ONLY_FOR_SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")
# Bootstrap would open menus, which are plain links here (extensions/header.py); boxes fold as `<details>` elements do.
UNUSED_SCRIPTS = ("fontawesome.js", "bootstrap.js", "design-tabs.js", "togglebutton.js")
UNUSED_STYLES = ("sphinx-design.min.css",)
THEME_STYLE = Path("styles") / "pydata-sphinx-theme.css"
# The theme's style sheet names all of Font Awesome's two thousand icons and its fonts.
ICON_RULE = re.compile(
    r"\.fa-[\w-]+(?:,\.fa-[\w-]+)*:{1,2}before\{content:[^}]*\}|(?:\.fa-[\w-]+:{1,2}before,?)+\{content:[^}]*\}"
)
ICON_FONT = re.compile(r"@font-face\{[^}]*Font ?Awesome[^}]*\}|@font-face\{[^}]*Font Awesome\\? [^}]*\}")
ADDRESS = re.compile(r"""url\(["']?(?!data:|#|http)([^"')]+)["']?\)""")
STYLE = "site.css"
THEME_SCRIPT = "scripts/pydata-sphinx-theme.js"
# The theme measures every block of code when a page opens, and the browser lays the page out anew after each. What may
# have to scroll is known in the build.
MEASURED = (
    '["pre",".nboutput > .output_area",".cell_output > .output",".jp-RenderedHTMLCommon",'
    '".pst-scrollable-table-container"]'
)
FITS_A_PHONE = 36  # characters of code in a line
SOURCE_MAP = re.compile(r"\s*/[/*][#@] sourceMappingURL=\S+(?: \*/)?")
NOT_PUBLISHED = (
    "**/fontawesome*",
    "**/*.map",
    "scripts/bootstrap*",
    "vendor/**/*",
    "locales/**/*",
    "*webpack-macros.html",
    "design-tabs.js",
    "sphinx-thebe.*",
    "sphinx-design.min.css",
    "togglebutton.*",
    "copybutton_funcs.js",
)
DESCRIPTION_LENGTH = 155
VIDEO = "data:video/mp4;base64,"


class LeanError(Exception):
    """A site whose pages cannot be made light; the message says why."""


def lighten(site: Path) -> None:
    """Rewrite every page of the site in place, and leave out of it the files that no page asks for any more.

    Raises LeanError for another theme than the pinned one, icons.IconError for an icon that it does not have.
    """
    static = site / "_static"
    names: set[str] = set()
    sheets: dict[str, None] = {}  # in the order in which pages ask for them
    for path in sorted(site.glob("**/*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        if page.html is None:
            continue  # a fragment of the theme's
        _leave_out(page, path.name == SEARCH_PAGE)
        _load_later(page)
        _move_videos(page, path, site)
        _size_images(page, path)
        _open_to_everybody(page)
        for mend in markup.RULES:
            mend(page)
        _describe(page)
        up = "../" * (len(path.relative_to(site).parts) - 1)
        sheets |= dict.fromkeys(_take_styles(page, f"{up}_static/{STYLE}"))
        html = str(page)
        names |= icons.used(html)
        path.write_text(html, encoding="utf-8")
    (static / "icons.css").write_text(icons.style(names, static), encoding="utf-8")
    _strip(static)
    own = ["widgets/figure.css", "live/cells.css", "upright.css"]  # after all that they change
    _one_style(
        static, [*(sheet for sheet in sheets if sheet not in own), *(s for s in own if s in sheets), "icons.css"]
    )
    for pattern in NOT_PUBLISHED:
        for path in static.glob(pattern):
            if path.is_file():
                path.unlink()


def _strip(static: Path) -> None:
    """Take the rules and fonts of icons out of the theme's style sheet, and the way to files that are not published."""
    theme = static / THEME_STYLE
    rules = theme.read_text(encoding="utf-8")
    theme.write_text(ICON_FONT.sub("", ICON_RULE.sub("", rules)), encoding="utf-8")
    for script in static.glob(THEME_SCRIPT):
        text = script.read_text(encoding="utf-8")
        if MEASURED not in text:
            raise LeanError(f"{script.name} is not that of the pinned theme: mend MEASURED in tools/lean.py")
        script.write_text(text.replace(MEASURED, '[".measured-by-the-theme"]'), encoding="utf-8")
    for path in [*static.glob("scripts/*.js"), *static.glob("styles/*.css")]:
        path.write_text(SOURCE_MAP.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")


def _source(tag: Tag) -> str:
    return str(tag.get("src") or tag.get("href") or "").partition("?")[0].rpartition("/")[2]


def _leave_out(page: BeautifulSoup, is_search: bool) -> None:
    unwanted = {*UNUSED_SCRIPTS, *UNUSED_STYLES}
    if not is_search:
        unwanted |= set(ONLY_FOR_SEARCH)
    for tag in page.select("script[src], link[href]"):
        if _source(tag) in unwanted:
            tag.decompose()
    for tag in page.select('script[type="text/x-thebe-config"], meta[name^="docsearch"]'):
        tag.decompose()
    for extra in page.select("meta[name=viewport]")[1:]:
        extra.decompose()


def _load_later(page: BeautifulSoup) -> None:
    """No script stands in the way of the first view; those that follow one another stay in their order."""
    for script in page.select("script[src]:not([type=module])"):
        script["defer"] = ""
    for script in page.find_all("script", src=False, type=False):
        if "DOCUMENTATION_OPTIONS" in script.text:
            script["type"] = "module"  # runs in its turn after the deferred script that it needs
    for script in page.select("head script[src], head link[rel=preload][as=script]"):
        if script.name == "link":
            script.decompose()


def _take_styles(page: BeautifulSoup, address: str) -> list[str]:
    """Put one style sheet in the place of the page's own, and give their paths below `_static/` in their order."""
    links = page.select('link[rel=stylesheet][href*="_static/"]')
    found = [str(link["href"]).partition("?")[0].partition("_static/")[2] for link in links]
    if links:
        links[0].insert_before(page.new_tag("link", rel="stylesheet", href=address))
    for link in links:
        link.decompose()
    return [
        "basic.css" if sheet == "styles/theme.css" else sheet for sheet in found
    ]  # all that it does is to import that


def _one_style(static: Path, sheets: list[str]) -> None:
    """All style sheets as one, without the nine tenths of the theme's that no page of this book uses."""
    whole = static / STYLE
    whole.write_text("\n".join(_sheet(static, sheet) for sheet in sheets), encoding="utf-8")
    node = Path(sys.executable).with_name("node")
    command = [str(node), str(Path(__file__).with_name("purge.js")), str(static.parent), str(whole)]
    kept = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent).stdout
    whole.write_text(kept, encoding="utf-8")


def _sheet(static: Path, name: str) -> str:
    """A style sheet whose addresses are seen from `_static/` itself."""

    def moved(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[1]))
        return f"url({target})"

    return ADDRESS.sub(moved, (static / name).read_text(encoding="utf-8"))


def _move_videos(page: BeautifulSoup, path: Path, site: Path) -> None:
    """An embedded video becomes a file that is loaded when it is played, with its first frame in its place."""
    for source in page.select(f'video source[src^="{VIDEO}"]'):
        data = base64.b64decode(str(source["src"])[len(VIDEO) :])
        name = f"video-{hashlib.sha256(data).hexdigest()[:12]}"
        folder = site / "_images"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.mp4").write_bytes(data)
        frame = Image.fromarray(imageio.v3.imread(data, index=0, extension=".mp4"))
        poster = io.BytesIO()
        frame.save(poster, "WEBP", quality=80)
        (folder / f"{name}.webp").write_bytes(poster.getvalue())
        up = "../" * (len(path.relative_to(site).parts) - 1)
        source["src"] = f"{up}_images/{name}.mp4"
        video = source.parent
        if video is not None:
            video["preload"], video["poster"] = "none", f"{up}_images/{name}.webp"
            video["width"], video["height"] = str(frame.width), str(frame.height)
            video["style"] = "width:100%;height:auto"


def _size_images(page: BeautifulSoup, path: Path) -> None:
    """With its size known, a picture that comes late moves nothing; below the first it comes when it is scrolled to."""
    for number, image in enumerate(page.select("article img, .bd-article img")):
        file = path.parent / str(image.get("src", ""))
        if file.is_file() and not image.get("width"):
            width, height = imagesize.get(str(file))
            if width > 0:
                image["width"], image["height"] = str(width), str(height)
        if number:
            image["loading"] = "lazy"


def _open_to_everybody(page: BeautifulSoup) -> None:
    """What the theme, MyST-NB and sphinxcontrib-bibtex leave undone for keyboards and screen readers."""
    for table in page.select("article table"):
        caption = table.caption.get_text(" ", strip=True) if table.caption else "table"
        table.wrap(
            page.new_tag("div", attrs={"class": "wide", "tabindex": "0", "role": "group", "aria-label": caption})
        )
    for empty in page.select("article th"):
        if not empty.get_text(strip=True):
            empty.name = "td"  # a corner above row names is no heading
    for summary in page.select("summary[aria-label]"):
        del summary["aria-label"]  # it says less than the words that are there
    for entry in page.select("[role=doc-biblioentry]"):
        del entry["role"]  # deprecated; and a list of them holds links too, which a list may not
    for entries in page.select(".citation-list[role=list]"):
        del entries["role"]
    for code in page.select("article pre"):
        # Every block that the keyboard stops at is one more on the way through the page.
        if any(len(line) > FITS_A_PHONE for line in code.get_text().splitlines()):
            code["tabindex"] = "0"


def _describe(page: BeautifulSoup) -> None:
    """What search engines and messengers show of a page: its title and its first sentences."""
    if page.head is None or page.select_one("meta[name=description]"):
        return
    paragraphs = page.select("article section > p, article > p")
    text = " ".join(" ".join(found.get_text(" ").split()) for found in paragraphs if len(found.get_text()) > 60)
    text = (
        re.sub(r" ([.,;:?!])", r"\1", text)
        or "Upright, a course: reinforcement learning from zero, by balancing a pole."
    )
    if len(text) > DESCRIPTION_LENGTH:
        text = text[:DESCRIPTION_LENGTH].rpartition(" ")[0] + " …"
    title = page.title.get_text() if page.title else "Upright"
    page.head.append(page.new_tag("meta", attrs={"name": "description", "content": text}))
    for name, value in (("title", title.partition(" —")[0].strip()), ("description", text), ("type", "article")):
        page.head.append(page.new_tag("meta", attrs={"property": f"og:{name}", "content": value}))
