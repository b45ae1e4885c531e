"""Build the book and serve it on this machine only.

    python -m tools.serve        http://127.0.0.1:8000, or the port in the environment variable PORT

Exit code 1 when the book cannot be built, 2 when the port is taken or is no port.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools import book

HOST = "127.0.0.1"


class Handler(SimpleHTTPRequestHandler):
    """Static files, without a line of log for each."""

    def log_message(self, *_: object) -> None:
        pass


def listen(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server for `folder` on the loopback address, bound but not yet serving. Port 0 takes a free one."""
    return ThreadingHTTPServer((HOST, port), functools.partial(Handler, directory=str(folder)))


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
