"""A ledger that cannot answer says why and what to do, and is left exactly as it was found."""

import os
import random
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert

from bicameral.errors import (
    HomeUnusable,
    InputRefused,
    LedgerBusy,
    LedgerCorrupt,
    LedgerError,
    LedgerTooNew,
)
from bicameral.ledger import schema
from bicameral.ledger.database import LEDGER_FILE, Ledger
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import Actor
from bicameral.ledger.engines import parse_url
from bicameral.ledger.listing import list_decisions
from bicameral.ledger.migrations import CURRENT_VERSION
from bicameral.ledger.repositories import find_repository
from tests.conftest import MakeEnvironment
from tests.ledger import workers
from tests.ledger.parts import ACTOR, KEYS, a_decision
from tests.ledger.places import Places
from tests.ledger.test_processes import said_by

Context = ForkServerContext | SpawnContext
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and file modes")
SECRET = "s3cret-w0rd"


def filled_file(places: Places) -> tuple[tuple[Path, str | None], Path]:
    """Write a ledger of some pages and close it, so that all of it is in the one file."""
    home, _ = place = places.new_place()
    ledger = places.open(place)
    with ledger.writing(ACTOR) as transaction:
        for number in range(60):
            a_decision(transaction, f"Decision {number} about ledgers", description="why " * 200)
    ledger.close()
    return place, home / LEDGER_FILE


def read(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        repository_id = find_repository(connection, KEYS) or ""
        page = list_decisions(connection, repository_id, limit=100)
        get_decisions(connection, [each.id for each in page.decisions])


def write(ledger: Ledger) -> None:
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction, f"One more {transaction.new_id('number')}")


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, 'of a later version', 0)",
            (CURRENT_VERSION + 1,),
        )


@pytest.mark.parametrize("act", [read, write])
def test_a_newer_schema_is_refused_and_never_touched(places: Places, act: Any) -> None:
    """An old server beside a new one must not write what the new one cannot read."""
    place = places.new_place()
    first = places.open(place)
    write(first)
    engine = first._writing_engine()
    with engine.execution_options(is_writing=True).begin() as connection:
        connection.execute(
            insert(schema.schema_migrations).values(
                version=CURRENT_VERSION + 1, name="later", applied_at=0
            )
        )
    first.close()
    before = place[0].joinpath(LEDGER_FILE).read_bytes() if places.kind == "sqlite" else b""
    with pytest.raises(LedgerTooNew) as caught:
        act(places.open(place))
    assert "upgrade" in caught.value.next_step
    places.close()
    if places.kind == "sqlite":
        assert place[0].joinpath(LEDGER_FILE).read_bytes() == before


@pytest.mark.parametrize("journal_mode", ["DELETE", "WAL"])
def test_a_newer_file_keeps_even_its_journal_mode(sqlite_places: Places, journal_mode: str) -> None:
    """The switch to WAL is a write to the file's header: it comes after the look at the version."""
    place, path = filled_file(sqlite_places)
    make_newer(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
    before = path.read_bytes()
    with pytest.raises(LedgerTooNew):
        read(sqlite_places.open(place))
    assert path.read_bytes() == before


def test_what_a_newer_process_left_in_its_log_stays_there(sqlite_places: Places) -> None:
    """A crash of the newer version leaves a log; folding it in is the newer version's work."""
    place, path = filled_file(sqlite_places)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA wal_autocheckpoint=0")
    with newer:
        newer.execute("INSERT INTO schema_migrations VALUES (99, 'later', 0)")
    before = path.read_bytes()
    with pytest.raises(LedgerTooNew):
        read(sqlite_places.open(place))
    sqlite_places.close()
    assert path.read_bytes() == before
    newer.close()


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(40_000))


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def page_overwritten(path: Path) -> None:
    """Spoil the page that the table of decisions hangs from."""
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'decisions'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(random.Random(7).randbytes(size))


@pytest.mark.parametrize("act", [read, write])
@pytest.mark.parametrize("damage", [random_bytes, truncated, page_overwritten])
def test_a_damaged_file_is_refused_and_never_overwritten(
    sqlite_places: Places, damage: Any, act: Any
) -> None:
    """What is left of a damaged ledger may still be saved; a new one over it could not."""
    place, path = filled_file(sqlite_places)
    damage(path)
    before = path.read_bytes()
    with pytest.raises(LedgerCorrupt) as caught:
        act(sqlite_places.open(place))
    assert str(path) in caught.value.message
    assert "import" in caught.value.next_step
    sqlite_places.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize("act", [read, write])
def test_a_file_held_by_another_process_is_busy_within_the_timeout(
    sqlite_places: Places, processes: Context, act: Any
) -> None:
    """A lock that does not go away is an answer to the caller, not a hang and not silence."""
    place, path = filled_file(sqlite_places)
    here, there = processes.Pipe()
    holder = processes.Process(target=workers.hold_exclusively, args=(path, there))
    holder.start()
    assert here.poll(workers.LONGEST_WAIT_SECONDS)
    here.recv()
    with pytest.raises(LedgerBusy) as caught:
        act(sqlite_places.open(place, timeout_seconds=0.1))
    assert "try again" in caught.value.next_step
    here.send("let go")
    holder.join(workers.LONGEST_WAIT_SECONDS)
    act(sqlite_places.open(place))


def test_a_writer_waits_its_timeout_for_another_writer_and_readers_do_not(places: Places) -> None:
    """One writer at a time on both databases; a preflight reads on meanwhile."""
    place = places.new_place()
    first, second = places.open(place), places.open(place, timeout_seconds=0.1)
    write(first)
    with first.writing(ACTOR) as transaction:
        a_decision(transaction, "Slow")
        read(second)
        with pytest.raises(LedgerBusy):
            write(second)
    write(second)


def test_a_locked_table_on_the_server_is_busy_for_readers(postgresql_places: Places) -> None:
    """Somebody else's maintenance on the server must not hang a preflight."""
    _, url = place = postgresql_places.new_place()
    ledger = postgresql_places.open(place, timeout_seconds=0.1)
    write(ledger)
    assert url is not None
    engine = create_engine(parse_url(url))
    with engine.begin() as other:
        other.exec_driver_sql("LOCK TABLE repository_keys IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LedgerBusy):
            read(ledger)
    engine.dispose()
    read(ledger)


def test_more_callers_than_connections_are_told_that_the_ledger_is_busy(places: Places) -> None:
    """A pool that is empty is a ledger that is slow, not one that is broken."""
    ledger = places.open(timeout_seconds=0.1)
    write(ledger)
    began = time.monotonic()
    with pytest.raises(LedgerBusy):
        hold_connections(ledger, 40)
    assert time.monotonic() - began < 15, "the pool's own patience is half a minute"


def hold_connections(ledger: Ledger, count: int) -> None:
    with ledger.reading():
        if count:
            hold_connections(ledger, count - 1)


@posix_only
def test_a_full_disk_is_said_and_what_was_committed_stays(
    sqlite_places: Places, processes: Context
) -> None:
    """The limit on a file's size stands in for the disk: SQLite meets both the same way."""
    place = sqlite_places.new_place()
    here, there = processes.Pipe()
    filler = processes.Process(target=workers.fill_the_disk, args=(place, there))
    filler.start()
    failure = said_by(here)
    filler.join(workers.LONGEST_WAIT_SECONDS)
    assert failure is not None
    kind, _, next_step = failure
    assert (kind, "disk" in next_step) == ("LedgerError", True)
    with sqlite_places.open(place).reading() as connection:
        repository_id = find_repository(connection, KEYS) or ""
        titles = [e.content.title for e in list_decisions(connection, repository_id).decisions]
    assert titles[0] == "Committed"
    write(sqlite_places.open(place))


@posix_only
@pytest.mark.parametrize(
    ("spoil", "read_fails", "write_fails"),
    [
        ("parent is read-only", None, "HomeUnusable"),
        ("home is a file", "HomeUnusable", "HomeUnusable"),
        ("home is closed", "HomeUnusable", "HomeUnusable"),
        ("file is read-only", None, "LedgerError"),
        ("file is unreadable", "LedgerError", "LedgerError"),
    ],
)
def test_a_home_that_cannot_be_used_is_named_with_a_way_out(
    sqlite_places: Places,
    processes: Context,
    spoil: str,
    read_fails: str | None,
    write_fails: str,
) -> None:
    """Run where modes count even for the superuser; only a home not made yet reads as empty."""
    place, restore = spoiled(sqlite_places, spoil)
    here, there = processes.Pipe()
    trier = processes.Process(target=workers.try_as_an_ordinary_user, args=(place, there))
    trier.start()
    failures = said_by(here)
    trier.join(workers.LONGEST_WAIT_SECONDS)
    restore.chmod(0o700)
    for failure, expected in zip(failures, (read_fails, write_fails), strict=True):
        assert (failure and failure[0]) == expected
        if failure:
            assert "BICAMERAL_HOME" in failure[2]


def spoiled(places: Places, how: str) -> tuple[tuple[Path, str | None], Path]:
    """Return a place that cannot be used, and what to open again afterwards."""
    if how == "parent is read-only":
        home, _ = places.new_place()
        home.mkdir(mode=0o500)
        return (home / "inner", None), home
    if how == "home is a file":
        home, _ = places.new_place()
        home.write_text("not a folder", encoding="utf-8")
        return (home, None), home
    place, path = filled_file(places)
    if how == "home is closed":
        outer = place[0]
        (outer / "inner").mkdir()
        outer.chmod(0o000)
        return (outer / "inner", None), outer
    path.chmod({"file is read-only": 0o400, "file is unreadable": 0o000}[how])
    assert stat.S_IMODE(path.stat().st_mode) in {0o400, 0o000}
    return place, path


@pytest.mark.parametrize(
    "url",
    [
        "garbage",
        "://",
        f"postgresql:{SECRET}@host",
        f"postgresql://user:{SECRET}",
        f"postgresql://user:{SECRET}@host:port/database",
        f"postgresql://user:p@{SECRET}@host/database",
        f"mysql://user:{SECRET}@host/database",
        f"nothing://user:{SECRET}@host/database",
        f"postgresql+asyncpg://user:{SECRET}@host/database",
        f"postgresql://user:{SECRET}@127.0.0.1:1/database",
        f"postgres://user:{SECRET}@127.0.0.1:1/database?connect_timeout=2",
        f"postgresql://user:{SECRET}@127.0.0.1:99999/database",
        f"postgresql://user:{SECRET}@127.0.0.1:1/database?sslmode=bogus",
        f"postgresql://user:{SECRET}@127.0.0.1:1/database?nonsense={SECRET}",
    ],
)
@pytest.mark.parametrize("act", [read, write])
def test_a_url_that_leads_nowhere_is_an_error_without_its_password(
    make_environment: MakeEnvironment, url: str, act: Any
) -> None:
    """The text reaches a model's context and logs: it says what to do and quotes no secret."""
    ledger = Ledger(make_environment(), url=url, timeout_seconds=1)
    with pytest.raises(LedgerError) as caught:
        act(ledger)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
    assert caught.value.next_step


def test_a_sqlite_url_into_a_folder_that_is_not_there_makes_none(
    make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    """A folder made from a misspelt URL would be a second, empty ledger."""
    ledger = Ledger(make_environment(), url=f"sqlite:///{tmp_path}/misspelt/team.sqlite3")
    with pytest.raises(HomeUnusable, match="cannot be reached"):
        write(ledger)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_driver_is_answered_with_how_to_install_it(tmp_path: Path) -> None:
    """PostgreSQL is an extra; whoever sets the URL first meets this."""
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from bicameral.environment import read_environment\n"
        "from bicameral.ledger.database import Ledger\n"
        "from bicameral.errors import LedgerError\n"
        "try:\n"
        "    with Ledger(read_environment(), url=sys.argv[1]).reading(): pass\n"
        "except LedgerError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, f"postgresql://user:{SECRET}@host/database"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "BICAMERAL_HOME": str(tmp_path / "home")},
    )
    assert "pip install 'bicameral-preflight[postgres]'" in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_an_import_that_fails_inside_a_read_is_not_blamed_on_the_driver(places: Places) -> None:
    """A grammar that is not installed has nothing to do with the ledger's URL."""
    ledger = places.open()
    with pytest.raises(ModuleNotFoundError), ledger.reading():
        raise ModuleNotFoundError("no grammar")


def test_an_error_names_no_row_of_the_ledger(places: Places) -> None:
    """PostgreSQL quotes the whole key in its detail line; `locked` in it is not a lock."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction, "First", ref="locked/planted-reference.md")
    with pytest.raises(LedgerError) as caught, ledger.writing(ACTOR) as transaction:
        a_decision(transaction, "Second", ref="locked/planted-reference.md")
    assert type(caught.value) is LedgerError
    assert "planted" not in str(caught.value)


def test_a_home_in_the_way_is_refused_before_anything_is_made(
    sqlite_places: Places, tmp_path: Path
) -> None:
    """Nothing half-made is left behind."""
    home, _ = sqlite_places.new_place()
    home.write_text("a file", encoding="utf-8")
    with pytest.raises(HomeUnusable) as caught:
        write(sqlite_places.open((home, None)))
    assert "BICAMERAL_HOME" in caught.value.next_step
    assert home.read_text(encoding="utf-8") == "a file"


@pytest.mark.parametrize("session_id", ["", "s" * 513])
def test_a_session_id_beyond_its_limits_writes_nothing(session_id: str) -> None:
    """The audit keeps it for ever, so it is held to the same limits as an event's."""
    with pytest.raises(InputRefused, match="the session id has"):
        Actor(session_id=session_id, tool="test")
    assert Actor(session_id="s" * 512, tool="test").session_id
