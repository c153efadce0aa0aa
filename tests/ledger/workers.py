"""What the other processes of a test do; each function runs in a process of its own."""

import ctypes
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from bicameral.environment import Environment
from bicameral.errors import BicameralError
from bicameral.ledger.bindings import add_binding, ensure_region
from bicameral.ledger.database import Ledger
from bicameral.ledger.states import set_state
from bicameral.ledger.transaction import revision
from tests.ledger.parts import ACTOR, STATE, a_decision, a_repository

Place = tuple[Path, str | None]
LONGEST_WAIT_SECONDS = 120.0


@contextmanager
def opened(place: Place, *, timeout_seconds: float = 20.0) -> Iterator[Ledger]:
    home, url = place
    environment = Environment(
        home=home,
        cwd=home.parent,
        variables={},
        process_id=os.getpid(),
        time_ns=time.time_ns,
        monotonic_ns=time.perf_counter_ns,
        random_bytes=os.urandom,
        warn=lambda text: None,
    )
    ledger = Ledger(environment, url=url, timeout_seconds=timeout_seconds)
    try:
        yield ledger
    finally:
        ledger.close()


def open_together(place: Place, barrier: Barrier, done: Connection) -> None:
    """Be one of many that migrate the same empty place."""
    barrier.wait(LONGEST_WAIT_SECONDS)
    with opened(place) as ledger, ledger.writing(ACTOR) as transaction:
        transaction.record("opened", str(os.getpid()))
    done.send("ok")


def write_together(
    place: Place, barrier: Barrier, done: Connection, worker: int, count: int
) -> None:
    """Add `count` decisions, each bound to the one region that all workers share."""
    with opened(place) as ledger:
        barrier.wait(LONGEST_WAIT_SECONDS)
        for number in range(count):
            with ledger.writing(ACTOR) as transaction:
                title = f"worker{worker} keeps ledger{number} rows"
                decision = a_decision(transaction, title)
                region = ensure_region(
                    transaction, a_repository(transaction), "src/shared.py", "file", ""
                )
                set_state(transaction, region, STATE)
                add_binding(transaction, decision.id, region, "explicit", "")
            with ledger.reading() as connection:
                assert revision(connection)
    done.send("ok")


def die_while_writing(place: Place, told: Connection) -> None:
    """Commit one decision, write half of another, say so, and wait to be killed."""
    with opened(place) as ledger:
        with ledger.writing(ACTOR) as transaction:
            a_decision(transaction, "Committed")
        with ledger.writing(ACTOR) as transaction:
            a_decision(transaction, "Not committed")
            told.send("writing")
            signal.pause()


def hold_exclusively(path: Path, told: Connection) -> None:
    """Hold a SQLite file so that nobody else can even read it, until told to let go."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    told.send("held")
    told.poll(LONGEST_WAIT_SECONDS)
    connection.close()


def fill_the_disk(place: Place, told: Connection) -> None:
    """Write until the largest file this process may make is full; tell how it failed."""
    import resource

    with opened(place) as ledger:
        with ledger.writing(ACTOR) as transaction:
            a_decision(transaction, "Committed")
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        told.send(failure_of(lambda: write_large_decisions(ledger)))


def write_large_decisions(ledger: Ledger) -> None:
    for number in range(200):
        with ledger.writing(ACTOR) as transaction:
            text = " ".join(f"word{number}x{part}" for part in range(2_000))
            a_decision(transaction, f"Large {number}", description=text)


def try_as_an_ordinary_user(place: Place, told: Connection) -> None:
    """Read and write where file modes count even for the superuser; tell both failures."""
    obey_file_modes()
    with opened(place) as ledger:
        told.send((failure_of(lambda: read_once(ledger)), failure_of(lambda: write_once(ledger))))


def read_once(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        revision(connection)


def write_once(ledger: Ledger) -> None:
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction)


def failure_of(act: Callable[[], None]) -> tuple[str, str, str] | None:
    """Return the kind, message and next step of the error that an act ends in, or None."""
    try:
        act()
    except BicameralError as error:
        return type(error).__name__, error.message, error.next_step
    return None


def obey_file_modes() -> None:
    """Give up the superuser's right to pass over file modes (Linux capabilities)."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing) != 0:
        raise OSError(ctypes.get_errno(), "capset")
