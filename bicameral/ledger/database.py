"""The one door to the database: connections, transactions, and errors that can be acted on.

Every write is one transaction that begins with the write lock (`BEGIN IMMEDIATE`), so two
writers wait for each other and never fail half-way. A damaged or newer file is refused as
it is. Reading a ledger that was never written answers as an empty one and makes no file.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.pool import StaticPool

from bicameral.environment import Environment, prepare_home
from bicameral.errors import HomeUnusable, LedgerBusy, LedgerCorrupt, LedgerError
from bicameral.ledger.domain import Actor
from bicameral.ledger.migrations import CURRENT_VERSION, check_not_newer, migrate, recorded_version
from bicameral.ledger.transaction import Transaction

LEDGER_FILE = "ledger.sqlite3"
DEFAULT_TIMEOUT_SECONDS = 5.0
_MIGRATION_LOCK = 0x6269_6361  # an arbitrary constant: PostgreSQL's advisory lock of this schema


class Ledger:
    """The team's decisions, in SQLite under the data home or wherever a URL points.

    `url` is a SQLAlchemy URL (`BICAMERAL_LEDGER_URL`). `timeout_seconds` bounds how long a
    call waits for another writer before `LedgerBusy`.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        url: str | None = None,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> None:
        self._environment = environment
        self._timeout_seconds = timeout_seconds
        self.path = None if url else environment.home / LEDGER_FILE
        self._url = url or f"sqlite:///{self.path}"
        self._lock = Lock()
        self._engine: Engine | None = None
        self._empty: Engine | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state. Raises `LedgerError`."""
        with translated_errors(self._url), self._reading_engine().connect() as connection:
            yield connection

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Transaction]:
        """Yield one write transaction; it commits on success and leaves no trace on failure."""
        with translated_errors(self._url):
            engine = self._writing_engine().execution_options(is_writing=True)
            with engine.begin() as connection:
                yield Transaction(
                    connection=connection,
                    actor=actor,
                    at=self._environment.time_ns() // 1_000_000,
                    random_bytes=self._environment.random_bytes,
                )

    def close(self) -> None:
        """Let go of every connection."""
        for engine in (self._engine, self._empty):
            if engine is not None:
                engine.dispose()
        self._engine = self._empty = None

    def _reading_engine(self) -> Engine:
        if self._engine is None and self.path is not None and not self.path.exists():
            return self._empty_engine()
        return self._writing_engine()

    def _writing_engine(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._open()
            return self._engine

    def _empty_engine(self) -> Engine:
        with self._lock:
            if self._empty is None:
                self._empty = create_engine("sqlite://", poolclass=StaticPool)
                with self._empty.begin() as connection:
                    migrate(connection, at=0)
            return self._empty

    def _open(self) -> Engine:
        if self.path is not None:
            create_private_file(self.path)
        engine = make_engine(self._url, timeout_seconds=self._timeout_seconds)
        try:
            self._bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _bring_up_to_date(self, engine: Engine) -> None:
        with engine.connect() as connection:
            version = recorded_version(connection)
        check_not_newer(version)
        if version == CURRENT_VERSION:
            return
        with engine.execution_options(is_writing=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            # Another process may have migrated while this one waited for the lock.
            migrate(connection, at=self._environment.time_ns() // 1_000_000)


def make_engine(url: str, *, timeout_seconds: float) -> Engine:
    """Return an engine whose connections wait `timeout_seconds` for a lock."""
    milliseconds = int(timeout_seconds * 1000)
    if not url.startswith("sqlite"):
        options = f"-c lock_timeout={milliseconds} -c statement_timeout={milliseconds * 6}"
        return create_engine(
            url,
            connect_args={"options": options, "connect_timeout": max(2, int(timeout_seconds))},
            pool_pre_ping=True,
        )
    engine = create_engine(url, connect_args={"timeout": timeout_seconds})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-8000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def create_private_file(path: Path) -> None:
    """Create an empty file that only its owner can read; leave an existing one as it is."""
    prepare_home(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise HomeUnusable(
            f"the ledger {path} cannot be opened for writing: {error.strerror}",
            next_step="check who owns it, or set BICAMERAL_HOME to a directory of your own",
        ) from error


@contextmanager
def translated_errors(url: str) -> Iterator[None]:
    """Turn the driver's errors into `LedgerError`s that say what to do."""
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error) as error:
        raise explain(error, url) from error
    except ImportError as error:
        raise LedgerError(
            f"the driver for the ledger's URL is not installed: {error.name}",
            next_step="install it with: pip install 'bicameral-preflight[postgres]'",
        ) from error


def explain(error: exc.SQLAlchemyError | sqlite3.Error, url: str) -> LedgerError:
    """Return the `LedgerError` that fits a database error; never its parameters."""
    # The text of SQLAlchemy's own error quotes the parameters; the driver's does not.
    cause = error if isinstance(error, sqlite3.Error) else getattr(error, "orig", None)
    what = " ".join(str(cause or type(error).__name__).split())[:300]
    place = url.partition("///")[2] if url.startswith("sqlite") else "the ledger's server"
    if any(sign in what for sign in ("locked", "busy", "lock timeout", "statement timeout")):
        return LedgerBusy(
            f"another process holds the ledger: {what}",
            next_step="try again; if it persists, look for a process that hangs on " + place,
        )
    if any(sign in what for sign in ("malformed", "not a database", "disk image")):
        return LedgerCorrupt(
            f"the ledger at {place} is damaged: {what}",
            next_step="move it aside and restore a copy, or `bicameral-mcp import` an export",
        )
    return LedgerError(
        f"the ledger at {place} cannot answer: {what}",
        next_step="check that the disk is not full or read-only and the server is reachable",
    )
