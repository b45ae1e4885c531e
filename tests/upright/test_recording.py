"""A recorded result is found beside the notebook or on the published site, and says where it comes from."""

from __future__ import annotations

import functools
import json
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path

import pytest

from upright import recorded
from upright.recording import cpu_name, provenance

ROOT = Path(__file__).resolve().parents[2]


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real server of a site with one recorded result; UPRIGHT_SITE names it. The working folder is empty."""
    write(tmp_path / "site" / "data", {"from": "the site"})
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(tmp_path / "site")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("UPRIGHT_SITE", address)
    yield address
    server.shutdown()
    server.server_close()


def write(folder: Path, result: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    (folder / "searches.json").write_text(json.dumps(result), encoding="utf-8")


def test_a_result_beside_the_notebook_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "data", {"from": "beside — ja"})
    monkeypatch.chdir(tmp_path)
    assert recorded("searches") == {"from": "beside — ja"}


def test_a_result_in_the_book_is_found_from_the_root_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "book" / "data", {"from": "the book"})
    monkeypatch.chdir(tmp_path)
    assert recorded("searches") == {"from": "the book"}


def test_a_result_is_fetched_from_the_site_when_it_is_not_beside(site: str) -> None:
    assert recorded("searches") == {"from": "the site"}


def test_a_slash_at_the_end_of_the_sites_address_does_no_harm(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPRIGHT_SITE", f"{site}/")
    assert recorded("searches") == {"from": "the site"}
    with pytest.raises(FileNotFoundError, match=rf"{site}/data/other\.json cannot be read"):
        recorded("other")


def test_a_result_beside_the_notebook_comes_before_the_sites(site: str) -> None:
    write(Path("data"), {"from": "beside"})
    assert recorded("searches") == {"from": "beside"}


def test_a_result_that_is_nowhere_is_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for value in (None, ""):
        if value is None:
            monkeypatch.delenv("UPRIGHT_SITE", raising=False)
        else:
            monkeypatch.setenv("UPRIGHT_SITE", value)
        with pytest.raises(FileNotFoundError, match=r"data/searches\.json: not found; run the notebook from .* `book`"):
            recorded("searches")


def test_a_result_that_the_site_does_not_have_is_named_with_its_address(site: str) -> None:
    with pytest.raises(FileNotFoundError, match=rf"data/other\.json: .*{site}/data/other\.json cannot be read .*404"):
        recorded("other")


def test_a_site_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("UPRIGHT_SITE", address)
    with pytest.raises(FileNotFoundError, match=f"{address}/data/searches.json cannot be read .*refused"):
        recorded("searches")


def test_provenance_tells_when_where_and_with_what() -> None:
    found = provenance("python -m benchmarks.searches")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    assert found["commit"] == (head or None)
    assert found["command"] == "python -m benchmarks.searches"
    assert datetime.strptime(found["date"], "%Y-%m-%d").replace(tzinfo=UTC) <= datetime.now(UTC)
    assert found["packages"]["gymnasium"] == version("gymnasium")
    assert found["packages"]["torch"] == version("torch")
    assert found["cpu"] == cpu_name() != ""
    assert found["cpu_count"] >= 1
    json.dumps(found)
