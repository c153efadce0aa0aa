"""Engines: how a connection to each database is opened, and how its transactions begin.

A write begins with the write lock on both, so two writers wait for each other and never
fail half-way; a read sees one consistent state on both.
"""

import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import NullPool

from bicameral.errors import HomeUnusable, LedgerError
from bicameral.ledger.schema import prepare_for_postgresql

OWNER_ONLY_FILE = 0o600
_WRITE_LOCK = 0x6269_6361  # an arbitrary constant: PostgreSQL's advisory lock of the ledger
_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def parse_url(text: str) -> URL:
    """Return a URL whose driver this project uses; raises `LedgerError`, never quoting it."""
    try:
        url = make_url(text)
    except (exc.ArgumentError, ValueError):
        raise _url_refused("cannot be read") from None
    if url.drivername not in _DRIVERS:
        raise _url_refused("names a database that is neither PostgreSQL nor SQLite")
    if "@" in (url.host or ""):
        raise _url_refused("holds an @ that is not written as %40")
    return url.set(drivername=_DRIVERS[url.drivername])


def _url_refused(why: str) -> LedgerError:
    return LedgerError(
        f"the ledger's URL {why}",
        next_step="set BICAMERAL_LEDGER_URL to postgresql://user:password@host/database, "
        "or unset it for the ledger in the data home",
    )


def sqlite_file(url: URL) -> Path | None:
    """Return the file a SQLite URL names; None for any other URL."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def make_engine(url: URL, *, timeout_seconds: float) -> Engine:
    """Return an engine whose connections wait `timeout_seconds` for a lock."""
    if url.get_backend_name() == "sqlite":
        return _make_sqlite_engine(url, timeout_seconds)
    return _make_postgresql_engine(url, timeout_seconds)


def _make_sqlite_engine(url: URL, timeout_seconds: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": timeout_seconds},
        pool_timeout=timeout_seconds,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_postgresql_engine(url: URL, timeout_seconds: float) -> Engine:
    prepare_for_postgresql()
    milliseconds = max(1, int(timeout_seconds * 1000))
    # Beside what the URL itself sets, a search path for one: these would replace it.
    given = url.normalized_query.get("options", ())
    limits = (f"-c lock_timeout={milliseconds}", f"-c statement_timeout={milliseconds * 6}")
    try:
        engine = create_engine(
            url,
            connect_args={
                "options": " ".join((*given, *limits)),
                "connect_timeout": max(2, int(timeout_seconds)),
            },
            pool_pre_ping=True,
            pool_timeout=timeout_seconds,
            hide_parameters=True,
        )
    except ImportError as error:
        raise LedgerError(
            f"the driver for the ledger's URL is not installed: {error.name}",
            next_step="install it with: pip install 'bicameral-preflight[postgres]'",
        ) from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def make_peeking_engine(path: Path, *, timeout_seconds: float) -> Engine:
    """Return an engine that cannot write to a SQLite file: not its header, not its log."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True, timeout=timeout_seconds),
        poolclass=NullPool,
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: see _begin_sqlite
    # FULL: what was committed must outlive a power cut, which NORMAL does not promise.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _is_writing(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("is_writing", False))


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _is_writing(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if _is_writing(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def is_absent(path: Path) -> bool:
    """Return whether there is no such file yet; raises `HomeUnusable` when one cannot tell."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError as error:
        raise _unusable(path, error) from error
    return False


def create_private_file(path: Path) -> None:
    """Create an empty database that only its owner can read, or tighten an existing one."""
    try:
        if is_absent(path):
            _publish_empty(path)
        # By name: closing a descriptor of the file would drop this process's locks on it
        # (https://www.sqlite.org/howtocorrupt.html, 2.2).
        elif os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & ~OWNER_ONLY_FILE:
            path.chmod(OWNER_ONLY_FILE)
    except OSError as error:
        raise _unusable(path, error) from error


def _publish_empty(path: Path) -> None:
    """Make an empty database appear whole, already in WAL mode.

    Processes that switch one new file to WAL together find it locked, however long they wait.
    """
    descriptor, name = mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    try:
        with closing(sqlite3.connect(temporary)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        with suppress(FileExistsError):  # another process was first
            path.hardlink_to(temporary)
    finally:
        temporary.unlink()


def _unusable(path: Path, error: OSError) -> HomeUnusable:
    return HomeUnusable(
        f"the ledger {path} cannot be reached: {error.strerror}",
        next_step="check who owns it, or set BICAMERAL_HOME to a directory of your own",
    )
