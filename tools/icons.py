"""The few icons that the pages use, as one small style sheet in place of the theme's script with all of them (1.5 MB).

The outlines are those of the theme's own Font Awesome Free, by Fonticons, licence CC BY 4.0.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

SCRIPT = Path("scripts") / "fontawesome.js"
HEAD = """\
/* Icons of Font Awesome Free (https://fontawesome.com), licence CC BY 4.0, by tools/icons.py. */
:is(i,span)[class*="fa-"]{display:inline-block;width:1em;height:1em;vertical-align:-.125em;background:currentColor;
-webkit-mask:var(--icon) center/contain no-repeat;mask:var(--icon) center/contain no-repeat}
:is(i,span).fa-lg{font-size:1.25em;vertical-align:-.2em}
@media (forced-colors:active){:is(i,span)[class*="fa-"]{background:CanvasText;forced-color-adjust:none}}
"""
STYLES = {"fa-solid", "fa-brands", "fa-regular", "fa-lg", "fa-fw", "fa-sm", "fas", "fab", "far"}
USED = re.compile(r'class="[^"]*\bfa-[^"]*"')


class IconError(Exception):
    """An icon that the theme's script does not have."""


def used(html: str) -> set[str]:
    """The icons that a page names, such as `fa-bars`."""
    classes = {name for found in USED.findall(html) for name in found[7:-1].split()}
    return {name for name in classes if name.startswith("fa-")} - STYLES


def style(names: set[str], static: Path) -> str:
    """A style sheet for these icons, from the theme's script in `static`. Raises IconError."""
    script = (static / SCRIPT).read_text(encoding="utf-8")
    return HEAD + "".join(_rule(name, script) for name in sorted(names))


def _rule(name: str, script: str) -> str:
    shape = rf'[{{,]"?{re.escape(name[3:])}"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]+)"\]'
    found = re.findall(shape, script)
    if not found:
        raise IconError(f"the icon {name} is not in {SCRIPT}; use another one")
    width, height, path = found[-1]  # the last of several is the solid one
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><path d="{path}"/></svg>'
    return f'.{name}{{--icon:url("data:image/svg+xml,{quote(drawn, safe=" =:/")}")}}\n'
