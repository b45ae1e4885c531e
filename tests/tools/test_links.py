"""Links to other sites are followed; those that lead nowhere are told with their page, and silence is no success."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tools import book, links


def link(uri: str, status: str, info: str = "") -> dict[str, Any]:
    return {"filename": "book/ppo.md", "lineno": 7, "status": status, "code": 0, "uri": uri, "info": info}


GOOD, MOVED, LOCAL = link("https://a.org", "working"), link("https://b.org", "redirected"), link("#x", "unchecked")
DEAD = link("https://c.org", "broken", "404 Client Error:\n Not Found")


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What linkcheck says: to be filled by a test."""
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(book, "main", lambda: 0)
    monkeypatch.setattr(links, "follow", lambda: said)
    monkeypatch.setattr(links, "REPORT", tmp_path / "links.md")
    return said


def test_links_that_work_leave_no_report(found: list, tmp_path: Path) -> None:
    links.REPORT.write_text("of last week")
    found += [GOOD, MOVED, LOCAL]
    assert links.main(["--json", str(tmp_path / "links.json")]) == 0
    assert not links.REPORT.exists()
    record = json.loads((tmp_path / "links.json").read_text())
    assert (record["followed"], record["broken"]) == (2, [])


def test_a_dead_link_is_told_once_with_its_page_and_line(found: list, capsys: pytest.CaptureFixture[str]) -> None:
    found += [GOOD, DEAD, DEAD, link("https://d.org", "timeout")]
    assert links.main([]) == 1
    told = links.REPORT.read_text()
    assert "- https://c.org in `book/ppo.md`, line 7: 404 Client Error: Not Found\n" in told
    assert "https://d.org in `book/ppo.md`, line 7: timeout" in told
    assert "3 links were followed, 2 lead nowhere" in capsys.readouterr().out


@pytest.mark.parametrize("said", [[], [LOCAL], [DEAD, LOCAL]], ids=["nothing", "no other site", "no network"])
def test_when_no_other_site_was_reached_nothing_is_claimed(
    found: list, said: list, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found += said
    assert links.main(["--json", str(tmp_path / "links.json")]) == 2
    assert links.REPORT.read_text() == "No other site was reached, so nothing is known of the links.\n"
    assert not (tmp_path / "links.json").exists()
    assert "nothing is known" in capsys.readouterr().err


def test_a_book_that_cannot_be_built_is_told_and_no_report_of_last_week_is_left(
    found: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    links.REPORT.write_text("of last week")
    monkeypatch.setattr(book, "main", lambda: 1)
    assert links.main([]) == 1
    assert links.REPORT.read_text() == "The book cannot be built, so no link of it was followed.\n"


class Site(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200 if self.path == "/here" else 404)
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815  the name is http.server's

    def log_message(self, *_: Any) -> None:
        pass


def test_sphinx_follows_the_links_of_a_real_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    (tmp_path / "index.md").write_text(f"# A book\n\n[here]({address}/here) and [gone]({address}/gone)\n")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (tmp_path / "_config.yml").write_text("title: A book\n")
    monkeypatch.setattr(links, "ROOT", tmp_path)
    monkeypatch.setattr(links, "OUTPUT", tmp_path / "linkcheck")
    asked, broken = links.split(links.follow())
    assert {each["uri"] for each in asked} == {f"{address}/here", f"{address}/gone"}
    assert [each["uri"] for each in broken] == [f"{address}/gone"]
    server.shutdown()
    server.server_close()
