"""Many processes on one ledger: they wait for each other, and none loses what it wrote."""

import os
import signal
import sys
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import Any

import pytest
from sqlalchemy import func, select

from bicameral.ledger import schema
from bicameral.ledger.bindings import decisions_on
from bicameral.ledger.domain import View
from bicameral.ledger.migrations import CURRENT_VERSION
from bicameral.ledger.repositories import find_repository
from bicameral.ledger.transaction import revision
from tests.ledger import workers
from tests.ledger.parts import ACTOR, KEYS, a_decision
from tests.ledger.places import Places
from tests.ledger.recount import assert_statistics_are_exact

Context = ForkServerContext | SpawnContext
WORKERS = 8
EACH = 5


def run_together(processes: Context, target: Any, place: Any, *arguments: Any) -> list[str]:
    """Start the workers, wait for all, and return what each said before it ended."""
    barrier = processes.Barrier(WORKERS)
    started, ends = [], []
    for number in range(WORKERS):
        here, there = processes.Pipe(duplex=False)
        extra = (number, *arguments) if arguments else ()
        started.append(processes.Process(target=target, args=(place, barrier, there, *extra)))
        started[-1].start()
        there.close()
        ends.append(here)
    said = [said_by(end) for end in ends]
    for process in started:
        process.join(workers.LONGEST_WAIT_SECONDS)
    assert [process.exitcode for process in started] == [0] * WORKERS
    return said


def said_by(end: Connection) -> Any:
    with closing(end):
        assert end.poll(workers.LONGEST_WAIT_SECONDS), "a worker did not answer in time"
        try:
            return end.recv()
        except EOFError:
            return "ended without a word"


def test_eight_processes_that_open_an_empty_home_at_once_all_succeed(
    places: Places, processes: Context
) -> None:
    """An editor that restores its windows starts a server for each in the same instant."""
    place = places.new_place()
    assert run_together(processes, workers.open_together, place) == ["ok"] * WORKERS
    with places.open(place).reading() as connection:
        steps = connection.scalar(select(func.count()).select_from(schema.schema_migrations))
        assert steps == CURRENT_VERSION
        opened = select(func.count()).where(schema.audit.c.action == "opened")
        assert connection.scalar(opened) == WORKERS
        assert revision(connection) == WORKERS


def test_eight_processes_that_write_at_once_lose_nothing(
    places: Places, processes: Context
) -> None:
    """Each write is counted, indexed and bound once, whoever else was writing."""
    place = places.new_place()
    said = run_together(processes, workers.write_together, place, EACH)
    assert said == ["ok"] * WORKERS
    with places.open(place).reading() as connection:
        repository_id = find_repository(connection, KEYS) or ""
        bound = decisions_on(connection, View(repository_id), ["src/shared.py"], most=1_000)
        titles = set(connection.scalars(select(schema.decisions.c.title)))
        assert len(bound["src/shared.py"]) == WORKERS * EACH
        assert titles == {
            f"worker{worker} keeps ledger{number} rows"
            for worker in range(WORKERS)
            for number in range(EACH)
        }
        assert connection.scalar(select(func.count()).select_from(schema.regions)) == 1
        assert_statistics_are_exact(connection)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_process_killed_while_it_writes_leaves_the_last_committed_state(
    places: Places, processes: Context
) -> None:
    """Clients kill a server without notice; the next one must find a whole ledger, unlocked."""
    place = places.new_place()
    here, there = processes.Pipe(duplex=False)
    victim = processes.Process(target=workers.die_while_writing, args=(place, there))
    victim.start()
    there.close()
    assert said_by(here) == "writing"
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    victim.join(workers.LONGEST_WAIT_SECONDS)
    survivor = places.open(place)
    with survivor.reading() as connection:
        assert connection.scalars(select(schema.decisions.c.title)).all() == ["Committed"]
        assert_statistics_are_exact(connection)
    with survivor.writing(ACTOR) as transaction:
        a_decision(transaction, "Written after")
