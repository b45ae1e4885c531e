"""One line of `_config.yml` names the repository; every address follows from it."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml

from extensions import repository
from extensions.repository import colab_url, repository_url, site_url, slug


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPRIGHT_REPOSITORY", raising=False)
    monkeypatch.delenv("UPRIGHT_SITE", raising=False)


def test_without_an_override_the_settings_name_the_repository() -> None:
    url = yaml.safe_load(repository.CONFIG.read_text(encoding="utf-8"))["repository"]["url"]
    assert repository_url() == url.removesuffix(".git")


@pytest.mark.parametrize(
    "value",
    [
        "someone/else",
        "  someone/else ",
        "https://github.com/someone/else",
        "https://github.com/someone/else/",
        "https://github.com/someone/else.git",
        "git@github.com:someone/else.git",
    ],
)
def test_the_environment_overrides_it_in_each_form_that_git_knows(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_REPOSITORY", value)
    assert slug() == "someone/else"
    assert repository_url() == "https://github.com/someone/else"


def test_a_name_may_hold_dots_and_dashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "some-one/up.right_2")
    assert slug() == "some-one/up.right_2"


@pytest.mark.parametrize(
    "value",
    [
        "else",
        "/",
        "someone/",
        "/else",
        "https://github.com/someone",
        "https://github.com/a/b/tree/main",
        "a b/c",
        "a/b?x",
    ],
)
def test_what_names_no_repository_is_refused_with_its_value(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_REPOSITORY", value)
    with pytest.raises(ValueError, match="names no repository; write owner/name or") as caught:
        slug()
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_value_is_no_override_because_make_exports_those(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = slug(), site_url()
    monkeypatch.setenv("UPRIGHT_REPOSITORY", empty)
    monkeypatch.setenv("UPRIGHT_SITE", empty)
    assert (slug(), site_url()) == expected


def test_the_site_is_where_github_pages_puts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "SomeOne/Else")
    assert site_url() == "https://someone.github.io/Else"


def test_the_site_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_SITE", "https://example.org/course/")
    assert site_url() == "https://example.org/course"


def test_colab_opens_a_pages_notebook_from_the_branch_of_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "someone/else")
    assert colab_url("book/ppo") == (
        "https://colab.research.google.com/github/someone/else/blob/notebooks/book/ppo.ipynb"
    )


def test_colab_opens_a_lab_from_the_same_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "someone/else")
    assert colab_url("labs/lab1_episodes") == (
        "https://colab.research.google.com/github/someone/else/blob/notebooks/labs/lab1_episodes.ipynb"
    )


def buttons(chapter: bool, *urls: str) -> list:
    """What the page `book/ppo` is left with of one group of buttons."""
    group = {"type": "group", "buttons": [{"type": "link", "url": url} for url in urls]}
    context = {"header_buttons": [group, {"type": "script"}], "is_chapter": chapter}
    repository._point_buttons(None, "book/ppo", "", context, None)  # type: ignore[arg-type]
    return context["header_buttons"]  # type: ignore[return-value]


THEMES = "https://colab.research.google.com/github/someone/else/blob/main/book/ppo.md"


def test_a_chapters_colab_button_points_at_its_notebook() -> None:
    group, script = buttons(True, THEMES, "https://github.com/x")
    assert [button["url"] for button in group["buttons"]] == [colab_url("book/ppo"), "https://github.com/x"]
    assert script == {"type": "script"}


def test_a_page_without_cells_has_no_colab_button_and_no_empty_group() -> None:
    assert buttons(False, THEMES) == [{"type": "script"}]
    group, _ = buttons(False, THEMES, "https://github.com/x")
    assert [button["url"] for button in group["buttons"]] == ["https://github.com/x"]


def test_a_repository_named_as_its_owners_site_is_at_the_top_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "Ada/ada.github.io")
    assert site_url() == "https://ada.github.io"
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "Ada/course")
    assert site_url() == "https://ada.github.io/course"


def test_a_site_elsewhere_is_named_in_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "_config.yml"
    config.write_text("repository: {url: https://github.com/ada/rl}\nhtml: {baseurl: https://ada.example.org/rl/}\n")
    monkeypatch.setattr(repository, "CONFIG", config)
    assert site_url() == "https://ada.example.org/rl"
    monkeypatch.setenv("UPRIGHT_SITE", "https://once.example.org")
    assert site_url() == "https://once.example.org"
    monkeypatch.delenv("UPRIGHT_SITE")
    monkeypatch.setenv("UPRIGHT_REPOSITORY", "bo/rl")
    assert site_url() == "https://bo.github.io/rl"


def test_the_settings_are_parsed_once_and_again_when_they_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "_config.yml"
    monkeypatch.setattr(repository, "CONFIG", config)
    parse = Mock(wraps=yaml.safe_load)
    monkeypatch.setattr(yaml, "safe_load", parse)
    for owner in ("ada", "bo"):
        config.write_text(f"repository: {{url: https://github.com/{owner}/once}}\n")
        assert [site_url() for _ in range(3)] == [f"https://{owner}.github.io/once"] * 3
    assert parse.call_count == 2
