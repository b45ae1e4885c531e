"""The way to a Ray cluster: an address that is not there, or Ray itself that is not, ends in one sentence."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
from types import ModuleType

from autograder.errors import UsageError

REACH_SECONDS = 10.0
ADDRESS = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d{1,5})")
SETTINGS = b"\x04"  # the type of the frame with which each side begins (RFC 9113)
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + SETTINGS + bytes(5)
ON_IT = "this machine must be a node of it: ray start --address=HOST:PORT --num-cpus=0 makes it one that only sends"


def connect(address: str) -> ModuleType:
    """The module `ray`, connected to the cluster at HOST:PORT, or to the one on this machine ("auto").

    Raises UsageError.
    """
    _check(address)
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            f"--cluster {address}: Ray cannot be imported ({error}); pip install 'upright[cluster]'."
        ) from None
    found = os.getcwd()  # noqa: PTH109 (a text, as os.chdir takes it back; a Path would only be undone)
    try:
        # Ray lets every node import from the folder in which this is called. Submissions may lie there; in / none do.
        os.chdir("/")
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, OSError, ray.exceptions.RayError) as error:
        with contextlib.suppress(Exception):
            ray.shutdown()
        why = " ".join(str(error).split())[:300]
        raise UsageError(f"--cluster {address}: cannot be joined ({why}); {ON_IT}.") from None
    finally:
        os.chdir(found)
    return ray


def _check(address: str) -> None:
    """Refuse what is no address, or where nobody listens: Ray would try for minutes. Raises UsageError."""
    if address == "auto":
        return
    given = ADDRESS.fullmatch(address)
    if given is None or not 0 < int(given["port"]) < 65_536:
        raise UsageError(f"--cluster {address}: is no address; give HOST:PORT as `ray start --head` tells it, or auto.")
    if reason := _unreachable(given["host"].strip("[]"), int(given["port"])):
        raise UsageError(f"--cluster {address}: {reason}; `ray status` on the cluster tells its address.")


def _unreachable(host: str, port: int) -> str:
    """Why no Ray can be there, or nothing. Ray speaks gRPC, so what is there answers HTTP/2's greeting with its own."""
    try:
        with socket.create_connection((host, port), REACH_SECONDS) as stream:
            if os.environ.get("RAY_USE_TLS", "0") not in ("", "0"):
                return ""
            stream.sendall(GREETING)
            return "" if stream.recv(9)[3:4] == SETTINGS else "what answers there is not Ray"
    except OSError as error:
        return f"nothing answers there ({error.strerror or error})"
