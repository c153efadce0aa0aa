"""A look at a ledger's file that changes nothing: no lock, no journal, no index beside it.

SQLite itself cannot promise that for a file that others have open, so what is looked at is
the file as it lies there, or a copy of it with its log, taken while neither changed.
"""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from bicameral.environment import Environment
from bicameral.ledger.database import DEFAULT_TIMEOUT_SECONDS, URL_VARIABLE
from bicameral.ledger.engines import make_engine, parse_url
from bicameral.ledger.failures import translated_errors
from bicameral.ledger.migrations import CURRENT_VERSION, MIGRATIONS, recorded_version
from bicameral.ledger.schema import metadata, schema_migrations

ATTEMPTS, PAUSE_SECONDS = 5, 0.02
MOST_LISTED = 10
_LOG_HEADER_BYTES = 32
_STEPS_BETWEEN_LOOKS = 100_000


class KeepsChanging(Exception):
    """The ledger was written to during each attempt to look at it."""


@dataclass(frozen=True, slots=True)
class SchemaFacts:
    """The recorded steps as (number, name), and the tables and columns that are not there."""

    steps: tuple[tuple[int, str], ...]
    lacking: tuple[str, ...]
    current_version: int = CURRENT_VERSION

    @property
    def version(self) -> int:
        """The number of the last recorded step; 0 for an empty file."""
        return max((number for number, _ in self.steps), default=0)

    @property
    def strange_steps(self) -> tuple[tuple[int, str], ...]:
        """The recorded steps that this version knows under another name or not at all."""
        known = {(each.version, each.name) for each in MIGRATIONS}
        return tuple(
            each for each in self.steps if each not in known and each[0] <= CURRENT_VERSION
        )


@dataclass(frozen=True, slots=True)
class ContentFacts:
    """What SQLite says of the content: damage, and rows that refer to nothing.

    `is_complete` is false when the time ran out first.
    """

    damage: tuple[str, ...] = ()
    broken_references: tuple[str, ...] = ()
    decisions: int = 0
    is_complete: bool = True


@contextmanager
def still_copy(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection to the ledger's file as it was at one moment; the file is left alone.

    Raises `KeepsChanging` when it never lay still, `OSError` when it cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="bicameral-doctor-") as folder:
        copy = Path(folder) / "ledger.sqlite3"
        _copy_still(path, copy)
        with closing(sqlite3.connect(copy)) as connection:
            yield connection


def read_schema(connection: sqlite3.Connection) -> SchemaFacts:
    """Read which steps are recorded and what is lacking; raises `sqlite3.Error`."""
    tables = {
        name: {row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')}
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    if schema_migrations.name not in tables:
        return SchemaFacts((), ())
    rows = connection.execute(f"SELECT version, name FROM {schema_migrations.name} ORDER BY 1")  # noqa: S608
    return SchemaFacts(tuple((int(number), str(name)) for number, name in rows), _lacking(tables))


def read_content(connection: sqlite3.Connection, is_late: Callable[[], bool]) -> ContentFacts:
    """Have SQLite look through everything until `is_late`; raises `sqlite3.Error`."""
    connection.set_progress_handler(lambda: int(is_late()), _STEPS_BETWEEN_LOOKS)
    try:
        said = [str(row[0]) for row in connection.execute(f"PRAGMA quick_check({MOST_LISTED})")]
        damage = tuple(each for each in said if each != "ok")
        broken = [] if damage else list(connection.execute("PRAGMA foreign_key_check"))
        return ContentFacts(damage, _references(broken), _count_decisions(connection))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return ContentFacts(is_complete=False)
        raise
    finally:
        connection.set_progress_handler(None, 0)


def read_server_schema(environment: Environment) -> SchemaFacts:
    """Read which steps the ledger of `BICAMERAL_LEDGER_URL` records; tables are not compared.

    Raises `LedgerError`, which never quotes the URL.
    """
    url = parse_url(environment.variables.get(URL_VARIABLE, ""))
    engine = make_engine(url, timeout_seconds=DEFAULT_TIMEOUT_SECONDS)
    try:
        with translated_errors("the server of its URL"), engine.connect() as connection:
            if not recorded_version(connection):
                return SchemaFacts((), ())
            columns = (schema_migrations.c.version, schema_migrations.c.name)
            return SchemaFacts(
                tuple((n, name) for n, name in connection.execute(select(*columns))), ()
            )
    finally:
        engine.dispose()


def _copy_still(path: Path, copy: Path) -> None:
    """Copy file and log so that the two belong together.

    A log only grows until it is written back into the file, and then begins with another
    header: neither happened when the file and the header are the same before and after.
    """
    # A write shows in the file's time only once the clock of the system has moved on, so
    # whatever is written while it is copied has to come a while after the first look.
    log, log_copy = (each.with_name(f"{each.name}-wal") for each in (path, copy))
    for _ in range(ATTEMPTS):
        # The log of an earlier attempt would be played over a file that has no log any more.
        log_copy.unlink(missing_ok=True)
        before = _stillness(path, log)
        time.sleep(PAUSE_SECONDS)
        shutil.copyfile(path, copy)
        if before[1]:
            with suppress(FileNotFoundError):
                shutil.copyfile(log, log_copy)
        if before == _stillness(path, log):
            return
    raise KeepsChanging


def _stillness(path: Path, log: Path) -> tuple[tuple[int, int, int], bytes]:
    state = path.stat()
    try:
        with log.open("rb") as file:
            header = file.read(_LOG_HEADER_BYTES)
    except FileNotFoundError:
        header = b""
    return (state.st_ino, state.st_size, state.st_mtime_ns), header


def _lacking(tables: dict[str, set[str]]) -> tuple[str, ...]:
    wanted = [
        table.name if table.name not in tables else f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name not in tables.get(table.name, ())
    ]
    return tuple(dict.fromkeys(wanted))


def _references(rows: list[tuple[object, ...]]) -> tuple[str, ...]:
    """Return one line for each pair of tables, never a value of a row."""
    pairs = [
        f"{table} refers to a row of {parent} that is not there" for table, _, parent, _ in rows
    ]
    return tuple(f"{each} ({pairs.count(each)} times)" for each in dict.fromkeys(pairs))


def _count_decisions(connection: sqlite3.Connection) -> int:
    tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'decisions'").fetchone()
    return int(connection.execute("SELECT count(*) FROM decisions").fetchone()[0]) if tables else 0
