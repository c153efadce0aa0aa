"""The one door to the ledger: reads that see one state, writes that happen whole or not at all.

A damaged or newer file is refused as it is. Reading a ledger that was never written answers
as an empty one and makes no file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool

from bicameral.environment import Environment, prepare_home
from bicameral.errors import LedgerError
from bicameral.ledger.domain import Actor
from bicameral.ledger.engines import (
    create_private_file,
    is_absent,
    make_engine,
    make_peeking_engine,
    parse_url,
    sqlite_file,
)
from bicameral.ledger.failures import translated_errors
from bicameral.ledger.migrations import CURRENT_VERSION, check_not_newer, migrate, recorded_version
from bicameral.ledger.statements import watched
from bicameral.ledger.transaction import Transaction
from bicameral.tracing import span

LEDGER_FILE = "ledger.sqlite3"
DEFAULT_TIMEOUT_SECONDS = 5.0
URL_VARIABLE = "BICAMERAL_LEDGER_URL"


class Ledger:
    """The team's decisions, in SQLite under the data home or wherever a URL points.

    `url` is a SQLAlchemy URL (`BICAMERAL_LEDGER_URL`). `timeout_seconds` bounds how long a
    call waits for another writer before `LedgerBusy`. `path` is the ledger's file, if it is one.
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
        self._url = url or None
        self.path = _path_of(environment, url)
        self._place = str(self.path or "the server of its URL")
        self._backend = "sqlite" if self.path is not None else "postgresql"
        self._lock = Lock()
        self._engine: Engine | None = None
        self._empty: Engine | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state. Raises `LedgerError`."""
        with (
            span("ledger", "read", self._backend),
            translated_errors(self._place),
            self._reading_engine().connect() as connection,
            watched(connection),
        ):
            yield connection

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Transaction]:
        """Yield one write transaction; it commits on success and leaves no trace on failure.

        Raises `LedgerError`, `InputRefused` for text that cannot be stored, and `NotFound`
        when something refers to an id that is not there.
        """
        with span("ledger", "write", self._backend), translated_errors(self._place):
            engine = self._writing_engine().execution_options(is_writing=True)
            with engine.begin() as connection, watched(connection):
                yield Transaction(
                    connection=connection,
                    actor=actor,
                    at=self._environment.time_ns() // 1_000_000,
                    random_bytes=self._environment.random_bytes,
                )

    def close(self) -> None:
        """Let go of every connection."""
        with self._lock:
            for engine in (self._engine, self._empty):
                if engine is not None:
                    engine.dispose()
            self._engine = self._empty = None

    def _reading_engine(self) -> Engine:
        if self._engine is None and self.path is not None and is_absent(self.path):
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
                # One connection holds the empty ledger; threads take turns with it.
                self._empty = create_engine(
                    "sqlite://",
                    connect_args={"check_same_thread": False},
                    poolclass=QueuePool,
                    pool_size=1,
                    max_overflow=0,
                )
                with self._empty.begin() as connection:
                    migrate(connection, at=0)
            return self._empty

    def _open(self) -> Engine:
        # Not from text: a home may hold a `?` or a `%`.
        url = parse_url(self._url) if self._url else URL.create("sqlite", database=str(self.path))
        version = 0 if self.path is None else self._prepare_file(self.path)
        engine = make_engine(url, timeout_seconds=self._timeout_seconds)
        try:
            if version < CURRENT_VERSION:
                self._bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _prepare_file(self, path: Path) -> int:
        """Return the file's schema version; refuse a newer one before anything touches it."""
        if self._url is None:
            prepare_home(path.parent)
        create_private_file(path)
        peeking = make_peeking_engine(path, timeout_seconds=self._timeout_seconds)
        with peeking.connect() as connection:
            version = recorded_version(connection)
        check_not_newer(version)
        return version

    def _bring_up_to_date(self, engine: Engine) -> None:
        with engine.connect() as connection:
            version = recorded_version(connection)
        check_not_newer(version)
        if version < CURRENT_VERSION:
            with engine.execution_options(is_writing=True).begin() as connection:
                # Another process may have migrated while this one waited for the lock.
                migrate(connection, at=self._environment.time_ns() // 1_000_000)


def open_ledger(environment: Environment) -> Ledger:
    """Return the ledger that the environment names, or the one in its data home."""
    return Ledger(environment, url=environment.variables.get(URL_VARIABLE))


def _path_of(environment: Environment, url: str | None) -> Path | None:
    if not url:
        return environment.home / LEDGER_FILE
    try:
        return sqlite_file(parse_url(url))
    except LedgerError:
        return None  # refused with its reason at the first use
