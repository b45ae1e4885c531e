"""A lab on the built site: to be read here, to be worked on in Colab or where the downloaded notebook is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.repository import colab_url
from tests.browser.conftest import Visit
from tools.chapters import labs, source_path


@pytest.mark.parametrize("page", labs())
def test_a_labs_colab_links_open_its_notebook_on_the_branch_of_notebooks(desk: Visit, site: str, page: str) -> None:
    opened = desk.open(f"{site}/{page}.html")
    links = opened.locator("a[href*='colab.research']").evaluate_all("links => links.map(link => link.href)")
    assert len(links) == 2, "one button and one link in the text"
    assert set(links) == {colab_url(page)}


@pytest.mark.parametrize("page", labs())
def test_a_lab_downloads_as_the_notebook_that_is_committed(reader: Visit, site: str, page: str) -> None:
    opened = reader.open(f"{site}/{page}.html")
    with opened.expect_download() as download:
        opened.locator("article a[download]").click()
    assert download.value.suggested_filename == f"{Path(page).name}.ipynb"
    assert Path(download.value.path()).read_bytes() == source_path(page).read_bytes()


@pytest.mark.parametrize("page", labs())
def test_a_lab_shows_code_and_no_output(desk: Visit, site: str, page: str) -> None:
    opened = desk.open(f"{site}/{page}.html")
    assert opened.locator("article div.cell_input").count() >= 3
    assert opened.locator("article div.cell_output").count() == 0
    assert "google.colab" not in opened.locator("article").inner_text()


@pytest.mark.parametrize("page", labs()[:2])
def test_a_hint_is_closed_until_it_is_asked_for(reader: Visit, site: str, page: str) -> None:
    opened = reader.open(f"{site}/{page}.html")
    hints = opened.locator("article .admonition.dropdown")
    assert hints.count() >= 2
    table = hints.first.locator("table")
    assert not table.is_visible()
    hints.first.locator(".admonition-title").click()
    assert table.is_visible()
    assert reader.errors == []
