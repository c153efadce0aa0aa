"""Files of derived data: SQLite in the data home, made anew where they cannot be used.

All that stands in them is in git or in the work tree too, so a file of another version, or a
damaged one, is never refused; what a power cut takes is read again.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bicameral.environment import prepare_home

INDEX_FOLDER = "index"
_OWNER_ONLY = 0o600


def derived_path(home: Path, repository_id: str, kind: str) -> Path:
    """Return where a kind of derived data of a repository lies in the data home."""
    return home / INDEX_FOLDER / f"{repository_id}.{kind}.sqlite3"


def files_of(path: Path) -> list[Path]:
    """Return the file with what SQLite keeps beside it; they need not exist."""
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]


def connect(database: str, *, timeout_seconds: float, is_uri: bool = False) -> sqlite3.Connection:
    """Open a file; its transactions are begun by whoever uses it, from any thread."""
    return sqlite3.connect(
        database,
        timeout=timeout_seconds,
        isolation_level=None,
        check_same_thread=False,
        uri=is_uri,
        cached_statements=64,
    )


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 in a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def open_derived(
    path: Path,
    *,
    timeout_seconds: float,
    is_current: Callable[[sqlite3.Connection], bool],
    make_anew: Callable[[sqlite3.Connection], None],
) -> sqlite3.Connection:
    """Open a file to write it, made if missing; `make_anew` where it is not `is_current`.

    A damaged one is removed first. Raises `HomeUnusable`, `OSError` and `sqlite3.Error`.
    """
    prepare_home(path.parent.parent)
    prepare_home(path.parent)

    def opened() -> sqlite3.Connection:
        with suppress(FileExistsError):
            path.touch(mode=_OWNER_ONLY, exist_ok=False)
        path.chmod(_OWNER_ONLY)
        connection = connect(str(path), timeout_seconds=timeout_seconds)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            if not is_current(connection):
                make_anew(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    try:
        return opened()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # locked, or no room: the file itself is sound
        for each in files_of(path):
            each.unlink(missing_ok=True)
        return opened()


def make_tables(
    connection: sqlite3.Connection,
    statements: str,
    version: int,
    *,
    fill: Callable[[sqlite3.Connection], object] = lambda _connection: None,
) -> None:
    """Drop what another version left, make the tables and `fill` them; all or nothing.

    `statements` are separated by `;`, none of which stands within a text.
    """
    connection.execute("BEGIN EXCLUSIVE")
    try:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        for [name] in tables:
            connection.execute(f'DROP TABLE "{name}"')
        for statement in statements.split(";")[:-1]:
            connection.execute(statement)
        fill(connection)
        connection.execute(f"PRAGMA user_version={version}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
