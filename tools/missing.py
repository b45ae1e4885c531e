"""The page that a host shows for an address that does not exist: self-contained, since it may be shown at any depth."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from extensions.repository import site_url
from tools.chapters import chapters, source_path

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page — Upright</title>
<meta name="description" content="This address of the course Upright leads nowhere. Its chapters are here.">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; --accent: light-dark(#1c5f96, #7db8e8); }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 38rem; padding: 8vh 1.2rem 2rem;
  background: light-dark(#fff, #14181e); color: light-dark(#222832, #ced6dd); }}
a {{ color: var(--accent); }}
li {{ padding: 0.25rem 0; }}
svg {{ width: 9rem; }}
.skip {{ position: absolute; left: -99rem; }}
.skip:focus {{ position: static; }}
</style>
</head>
<body>
<a class="skip" href="#main-content">Skip to the content</a>
<main id="main-content">
<svg viewBox="0 0 160 90" aria-hidden="true"><path d="M5 76H155" stroke="currentColor" stroke-width="2"/>
<rect x="40" y="52" width="44" height="18" rx="4" fill="currentColor"/>
<path d="M62 52L150 72" stroke="var(--accent)" stroke-width="8" stroke-linecap="round"/></svg>
<h1>This page has fallen over</h1>
<p>There is nothing at this address. Perhaps the chapter was renamed, or the link was cut short.</p>
<p><a href="{base}">To the front page</a>, or to a chapter:</p>
<ol>
{chapters}
</ol>
</main>
<script>
// Served from another folder or from the root of a host, the links start there.
const base = "{base}";
if (!location.pathname.startsWith(base)) {{
  const links = document.querySelectorAll("main a");
  for (const link of links) link.href = "/" + link.getAttribute("href").slice(base.length);
}}
</script>
</body>
</html>
"""


def write(path: Path) -> None:
    """Write the page. Its links begin with the path of the published site."""
    base = urlsplit(site_url()).path.rstrip("/") + "/"
    items = []
    for page in chapters():
        found = TITLE.search(source_path(page).read_text(encoding="utf-8").partition("\n---\n")[2])
        items.append(f'<li><a href="{base}{page}.html">{found[1] if found else page}</a></li>')
    path.write_text(PAGE.format(base=base, chapters="\n".join(items)), encoding="utf-8")
