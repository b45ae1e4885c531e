"""The book is served on this machine only, and a port that cannot be had is told before minutes of building."""

from __future__ import annotations

import gzip
import http.client
import os
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.conftest import TinyBook, cell
from tools import serve


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running server of a small site."""
    site = tmp_path_factory.mktemp("served") / "site"
    (site / "book").mkdir(parents=True)
    (site.parent / "secret").write_text("secret")
    for name in ("index.html", "a.svg", "a.json", "a.mjs", "a.wasm", "a.css", "a.whl", "book/ppo.html"):
        (site / name).write_bytes(name.encode())
    with serve.listen(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def get(port: int, path: str) -> tuple[int, str | None, bytes]:
    """Status, type and content, the path sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.getheader("Content-Type"), answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index.html", "text/html"),
        ("a.svg", "image/svg+xml"),
        ("a.json", "application/json"),
        ("a.mjs", "text/javascript"),
        ("a.wasm", "application/wasm"),
        ("a.css", "text/css"),
        ("book/ppo.html", "text/html"),
    ],
)
def test_each_kind_of_file_is_served_as_what_it_is(port: int, name: str, kind: str) -> None:
    status, served, content = get(port, f"/{name}")
    assert (status, content) == (200, name.encode())
    assert (served or "").split(";")[0] == kind


def test_the_root_is_the_front_page(port: int) -> None:
    assert get(port, "/")[2] == b"index.html"


def test_a_page_that_is_not_there_is_404(port: int) -> None:
    assert get(port, "/book/none.html")[0] == 404


@pytest.mark.parametrize("path", ["/../secret", "/..%2fsecret", "/book/../../secret", "/%2e%2e/secret", "//../secret"])
def test_nothing_outside_of_the_site_is_served(port: int, path: str) -> None:
    status, _, content = get(port, path)
    assert status == 404
    assert b"secret" not in content.replace(path.encode(), b"")


def test_the_server_listens_on_loopback_only(tmp_path: Path) -> None:
    with serve.listen(tmp_path, 0) as server:
        assert server.socket.getsockname()[0] == "127.0.0.1"


def test_requests_are_served_without_a_line_of_log(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    get(port, "/")
    assert capfd.readouterr() == ("", "")


def test_a_browser_that_hangs_up_is_not_reported(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\n")
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
    get(port, "/")
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_told_at_once_with_another_one_and_nothing_is_built(tiny: TinyBook) -> None:
    tiny.chapter("counts", cell('open("../ran", "w")'))
    tiny.contents("book/counts")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        said = tiny.run("tools.serve", PORT=str(number))
    assert said.returncode == 2
    assert said.stderr == (
        f"upright: port {number} is taken by another program; choose another one: make serve PORT={number + 1}\n"
    )
    assert not (tiny.root / "_build").exists()
    assert not (tiny.root / "ran").exists()


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80a", "8000.5", "http", "1e3", " "])
def test_what_is_no_port_is_refused_with_its_value(
    value: str, tiny: TinyBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", value)
    assert serve.main() == 2
    assert capsys.readouterr().err == f"upright: PORT={value} is no port; choose a number from 1 to 65535.\n"


def test_a_book_that_cannot_be_built_is_not_served(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.chapter("breaks", cell("1 / 0"))
    tiny.contents("book/breaks")
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    monkeypatch.setenv("PORT", str(number))
    assert serve.main() == 1
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.err
    assert "The book is at" not in said.out
    # The port is free again.
    serve.listen(tiny.root, number).server_close()


def ask(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={key.replace("_", "-"): value for key, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


@pytest.mark.parametrize("path", ["/a.wasm", "/a.mjs", "/book/ppo.html", "/"])
def test_text_is_compressed_for_those_who_ask(port: int, path: str) -> None:
    status, headers, body = ask(port, path, Accept_Encoding="gzip, br")
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert int(headers["content-length"]) == len(body)
    assert gzip.decompress(body) == get(port, path)[2]


def test_what_is_compressed_already_is_sent_as_it_is(port: int) -> None:
    _, headers, body = ask(port, "/a.whl", Accept_Encoding="gzip")
    assert "content-encoding" not in headers
    assert body == b"a.whl"


def test_a_changed_file_is_not_served_from_memory(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    with serve.listen(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for text, time in (("old", 1e9), ("new", 2e9)):
            page.write_text(text)
            os.utime(page, (time, time))
            body = ask(server.server_port, "/page.html", Accept_Encoding="gzip")[2]
            assert gzip.decompress(body) == text.encode()
        server.shutdown()


def test_an_address_that_leads_nowhere_shows_the_sites_own_page(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("<h1>lost</h1>")
    with serve.listen(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        status, headers, body = ask(server.server_port, "/no/such/page.html")
        server.shutdown()
    assert (status, body) == (404, b"<h1>lost</h1>")
    assert headers["content-type"].startswith("text/html")
