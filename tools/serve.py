"""Build the book and serve it on this machine only, compressed as a real host does.

    python -m tools.serve        http://127.0.0.1:8000, or the port in the environment variable PORT

Exit code 1 when the book cannot be built, 2 when the port is taken or is no port.
"""

from __future__ import annotations

import errno
import functools
import gzip
import io
import os
import sys
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

from tools import book

HOST = "127.0.0.1"
MISSING = "404.html"
COMPRESSED = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".wasm", ".txt", ".xml", ".inv"}


@functools.lru_cache(maxsize=256)
def _gzipped(path: str, _changed: float) -> bytes:
    return gzip.compress(Path(path).read_bytes(), compresslevel=6)


class Handler(SimpleHTTPRequestHandler):
    """Static files: text is compressed, a page that does not exist is the site's own 404 page, nothing is logged."""

    protocol_version = "HTTP/1.1"

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        # The system's own tables may call a module something that browsers refuse to run.
        return "text/javascript" if str(path).endswith((".js", ".mjs")) else super().guess_type(path)

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.partition("?")[0].endswith("/"):
            path = path / "index.html"
        accepts = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (accepts and path.is_file() and path.suffix in COMPRESSED):
            return super().send_head()
        body = _gzipped(str(path), path.stat().st_mtime)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        return io.BytesIO(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / MISSING
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *request: Any) -> None:
        # A browser that leaves a page hangs up in the middle of an answer: nothing to tell anybody.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*request)


def listen(folder: Path, port: int) -> Server:
    """A server for `folder` on the loopback address, bound but not yet serving. Port 0 takes a free one."""
    return Server((HOST, port), functools.partial(Handler, directory=str(folder)))


def main() -> int:
    value = os.environ.get("PORT") or "8000"
    if not value.isdecimal() or not 0 < int(value) < 65536:
        print(f"upright: PORT={value} is no port; choose a number from 1 to 65535.", file=sys.stderr)
        return 2
    try:
        # Before the book is built: minutes of waiting should not end in a taken port.
        server = listen(book.SITE, int(value))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = int(value) % 65535 + 1
            reason = f"port {value} is taken by another program; choose another one: make serve PORT={other}"
        else:
            reason = f"port {value} cannot be used ({error.strerror}); choose one above 1023: make serve PORT=8000"
        print(f"upright: {reason}", file=sys.stderr)
        return 2
    with server:
        if book.main() != 0:
            return 1
        print(f"The book is at http://{HOST}:{value} (Ctrl+C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
