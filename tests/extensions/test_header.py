"""The buttons above a page are links, which open without a script."""

from __future__ import annotations

from typing import Any

from extensions import header

COLAB = {"type": "link", "url": "https://colab.research.google.com/x", "text": "Colab"}
SOURCE = {"type": "link", "url": "https://github.com/x/y", "text": "Repository"}


def test_a_menu_gives_way_to_its_entries_and_the_order_stays() -> None:
    switch = {"type": "script"}
    context: dict[str, Any] = {"header_buttons": [{"type": "group", "buttons": [COLAB, SOURCE]}, switch]}
    header._flatten(None, "book/ppo", "", context, None)  # type: ignore[arg-type] # the rule does not ask the application
    assert context["header_buttons"] == [COLAB, SOURCE, switch]


def test_a_page_without_buttons_has_none() -> None:
    context: dict[str, Any] = {}
    header._flatten(None, "book/ppo", "", context, None)  # type: ignore[arg-type] # the rule does not ask the application
    assert context["header_buttons"] == []
