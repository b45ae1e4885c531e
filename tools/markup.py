"""What the markup of the theme and of Sphinx's extensions lacks for readers in the dark, or with a screen reader."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

DIALOGS = {
    "pst-search-dialog": "Search",
    "pst-primary-sidebar-modal": "Contents of the course",
    "pst-secondary-sidebar-modal": "Contents of this page",
}
# Before anything is drawn: the reader's own choice of light or dark, or else the system's. Where the browser refuses
# storage, a theme's script would stop at its first use; it gets one that forgets.
START = """
try { localStorage.getItem("mode"); } catch {
  const none = { getItem: () => null, setItem() {}, removeItem() {} };
  for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { value: none });
}
{
  const root = document.documentElement, mode = localStorage.getItem("mode") || "auto";
  root.dataset.mode = mode;
  root.dataset.theme = mode !== "auto" ? mode : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
"""


def start_in_the_right_colours(page: BeautifulSoup) -> None:
    """A page that is opened in the dark is dark from its first moment."""
    script = page.find("script", attrs={"data-cfasync": "false"})
    if isinstance(script, Tag):
        script.attrs = {}
        script.string = START
    hint = page.new_tag("meta", attrs={"name": "color-scheme", "content": "light dark"})
    if isinstance(page.head, Tag):
        page.head.append(hint)


def leave_out_the_empty(page: BeautifulSoup) -> None:
    """The theme's places for advertisements and versions, its second table of contents, its second logo."""
    unused = (
        "#ethical-ad-placement, .pst-async-banner-revealer, #jb-print-docs-body, #searchbox, img.logo__image.only-dark"
    )
    for found in page.select(unused):
        found.decompose()
    for logo in page.select("img.logo__image"):
        logo["class"] = "logo__image"


def name_what_is_there(page: BeautifulSoup) -> None:
    """Icons are silent, dialogs and questions have names, and a control with a text is called by that text."""
    for icon in page.select("i[class*=fa-], span[class*=fa-]"):
        icon["aria-hidden"] = "true"
    for dialog in page.select("dialog[id]"):
        dialog["aria-label"] = DIALOGS.get(str(dialog["id"]), "Dialog")
    for number, question in enumerate(page.select("div.question"), start=1):
        asked = question.find(class_="question-text")
        if isinstance(asked, Tag):
            asked["id"] = f"question-{number}"
            question["role"], question["aria-labelledby"] = "group", f"question-{number}"
    for control in page.select("summary[aria-label], button.search-button-field[aria-label]"):
        del control["aria-label"]
    for sidebar in page.select("#pst-primary-sidebar"):
        sidebar["role"], sidebar["aria-label"] = "complementary", "The course"


def fold_with_details(page: BeautifulSoup) -> None:
    """A box that folds is a `<details>` element: it works with the keyboard and without a script."""
    for box in page.select(".admonition.dropdown"):
        title = box.find(class_="admonition-title")
        if isinstance(title, Tag):
            box.name, title.name = "details", "summary"


RULES = (
    start_in_the_right_colours,
    leave_out_the_empty,
    name_what_is_there,
    fold_with_details,
)
