"""The file of a gradebook: its tables, its lock, and how one of an earlier version becomes one of today's."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import zlib
from pathlib import Path
from typing import Any

from autograder.errors import GradebookError, UsageError
from autograder.text import harmless

FILE = "gradebook.sqlite"
APPLICATION = 0x55505247  # "UPRG": tells `file` and us whose database this is
VERSION = 2
ATTEMPT = """(
    lab TEXT NOT NULL,
    student TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    graded_at TEXT NOT NULL,
    submitted_at TEXT,
    result TEXT NOT NULL"""
# objects: JSON, compressed, by the SHA-256 of what it was before; signatures: what is compared to find copies.
TABLES = f"""
CREATE TABLE attempts {ATTEMPT}, PRIMARY KEY (lab, student, attempt));
CREATE TABLE history {ATTEMPT});
CREATE TABLE objects (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE signatures (
    lab TEXT NOT NULL, student TEXT NOT NULL, attempt INTEGER NOT NULL, kind TEXT NOT NULL, sha256 TEXT NOT NULL,
    PRIMARY KEY (lab, kind, sha256, student, attempt)
) WITHOUT ROWID;
CREATE TABLE runs (lab TEXT PRIMARY KEY, seed TEXT NOT NULL);
CREATE TABLE policies (lab TEXT PRIMARY KEY, policy TEXT NOT NULL);
CREATE TABLE extensions (
    lab TEXT NOT NULL, student TEXT NOT NULL, days REAL, deadline TEXT, PRIMARY KEY (lab, student)
);
CREATE TABLE roster (student TEXT PRIMARY KEY, name TEXT NOT NULL);
"""


def locked(folder: Path) -> int:
    """A descriptor that holds the folder's lock for as long as it is open. Raises GradebookError or UsageError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise GradebookError(f"--out {folder}: cannot be written ({error.strerror}); give another folder.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise UsageError(f"--out {folder}: another grader is at work on it; wait until it has ended.") from None
    return lock


def connected(path: Path) -> sqlite3.Connection:
    """The database, with today's tables. Raises GradebookError."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise cannot(path, error) from None
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file; refuse another program's file, or a later version's, before it is changed."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    new = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not new and application != APPLICATION:
        raise GradebookError(f"{path}: is not a gradebook but another database; give another folder, or move it away.")
    if not new and version not in (1, VERSION):
        raise GradebookError(f"{path}: has version {version}, and this autograder reads {VERSION}; use a later one.")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if not new and version == VERSION:
        return
    # In one transaction: who is stopped here finds the file as it was.
    connection.execute("BEGIN IMMEDIATE")
    try:
        _make(connection, migrate=not new)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _make(connection: sqlite3.Connection, migrate: bool) -> None:
    old = ("attempts", "history") if migrate else ()
    for table in old:
        connection.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in filter(str.strip, TABLES.split(";")):
        connection.execute(statement)
    for table in old:
        _migrate(connection, table)
        connection.execute(f"DROP TABLE old_{table}")
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _migrate(connection: sqlite3.Connection, table: str) -> None:
    """Version 1 held each result as JSON in its row, and did not know when it was handed in."""
    columns = "lab, student, attempt, variant, graded_at"
    for *values, text in connection.execute(f"SELECT {columns}, result FROM old_{table} ORDER BY rowid"):
        try:
            key = keep_result(connection, json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            key = ""  # which is told as damaged when it is read, as it was before
        connection.execute(
            f"INSERT INTO {table} ({columns}, result) VALUES (?, ?, ?, ?, ?, ?)",
            (*values, key),
        )


def keep(connection: sqlite3.Connection, value: Any) -> str:
    """Keep plain data once, however often it comes. Returns the SHA-256 by which it is found."""
    data = json.dumps(value, allow_nan=False).encode()
    key = hashlib.sha256(data).hexdigest()
    connection.execute("INSERT OR IGNORE INTO objects VALUES (?, ?)", (key, zlib.compress(data)))
    return key


def kept(connection: sqlite3.Connection, key: str) -> Any:
    """What was kept. Raises KeyError if it is not there, ValueError if it is not what was kept."""
    found = connection.execute("SELECT data FROM objects WHERE sha256 = ?", (key,)).fetchone()
    if found is None:
        raise KeyError(key)
    try:
        data = zlib.decompress(found[0])
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if hashlib.sha256(data).hexdigest() != key:
        raise ValueError("the object is not the one that was kept")
    return json.loads(data)


def keep_result(connection: sqlite3.Connection, result: dict[str, Any]) -> str:
    """Keep a result; its log and the replays of its checks by themselves, since many are alike. Returns its key."""
    checks = [
        {**check, "replay": keep(connection, check["replay"])} if check.get("replay") is not None else check
        for check in result["checks"]
    ]
    log = keep(connection, result["log"]) if result.get("log") else ""
    return keep(connection, {**result, "checks": checks, "log": log})


def kept_result(connection: sqlite3.Connection, key: str) -> dict[str, Any]:
    """A result as it was before it was kept. Raises KeyError, ValueError or TypeError if it is damaged."""
    result = kept(connection, key)
    checks = [
        {**check, "replay": kept(connection, check["replay"])} if check.get("replay") is not None else check
        for check in result["checks"]
    ]
    return {**result, "checks": checks, "log": kept(connection, result["log"]) if result["log"] else ""}


def cannot(path: Path, error: sqlite3.Error) -> GradebookError:
    """What SQLite says, as a sentence. It may quote a whole damaged schema."""
    told = " ".join(harmless(str(error), 200).split())
    if "malformed" in told or "not a database" in told or "no such" in told:
        return GradebookError(f"{path}: is damaged or no gradebook ({told}); restore a copy, or move it away.")
    return GradebookError(
        f"{path}: cannot be read and written ({told}); what was graded before is still there. "
        "Free some space or give yourself the right to write there, and run the same command again."
    )
