"""The ledger: is it at a schema of this version, and is all of it whole?

Looked at through a copy, so that a server at work is neither held up nor changed. A ledger
on PostgreSQL is asked for its schema; its integrity is its server's to keep.
"""

import sqlite3
from typing import TYPE_CHECKING

from bicameral.errors import LedgerCorrupt
from bicameral.observe.doctor.finding import Finding, failed, passed, skipped
from bicameral.observe.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    from bicameral.ledger.database import Ledger
    from bicameral.ledger.inspection import ContentFacts, SchemaFacts

BOUND_SECONDS = 20
_UPGRADE = "uv tool upgrade bicameral-preflight"
_RESTORE = (
    "move ledger.sqlite3 and the files ledger.sqlite3-wal and -shm aside, then: "
    "bicameral-mcp import YOUR-NEWEST-EXPORT"
)
_BUSY = skipped(
    "the ledger was written to without a pause, so it could not be looked at",
    mend="bicameral-mcp doctor --only ledger-schema,ledger-integrity, when the server rests",
)


def check_schema(around: Surroundings) -> Finding:
    """Compare the recorded steps and the tables with those of this version."""
    from bicameral.ledger.inspection import (  # noqa: PLC0415 - start-up time
        KeepsChanging,
        read_schema,
        read_server_schema,
        still_copy,
    )

    ledger = _ledger(around)
    if ledger.path is None:
        return judge_schema(read_server_schema(around.environment), "the server of its URL")
    if not ledger.path.exists():
        return _none_yet(ledger)
    try:
        with still_copy(ledger.path) as connection:
            facts = read_schema(connection)
    except KeepsChanging:
        return _BUSY
    except sqlite3.DatabaseError as error:
        raise _damaged(ledger, error) from error
    return judge_schema(facts, str(ledger.path))


def judge_schema(facts: "SchemaFacts", place: str) -> Finding:
    """Say what the recorded steps and the tables mean for this version."""
    version, current = facts.version, facts.current_version
    evidence = (f"{place} has schema {version}; this version knows up to {current}",)
    known = {"schema": version, "known": current}
    if version > current:
        return failed(
            "the ledger was written by a newer version, and is not touched by this one",
            *evidence,
            mend=_UPGRADE,
            **known,
        )
    if facts.strange_steps or (version == current and facts.lacking):
        strange = [f"step {number} is recorded as {name!r}" for number, name in facts.strange_steps]
        lacking = [f"not there: {each}" for each in facts.lacking]
        return failed(
            "the ledger is not as its recorded schema says",
            *evidence,
            *strange,
            *lacking,
            mend=_RESTORE,
            **known,
        )
    if version < current:
        return passed("the ledger is brought up to date when it is next used", *evidence, **known)
    return passed("the ledger has the schema of this version", *evidence, **known)


def check_integrity(around: Surroundings) -> Finding:
    """Have SQLite look through the whole file, and for rows that refer to nothing."""
    from bicameral.ledger.inspection import (  # noqa: PLC0415 - start-up time
        KeepsChanging,
        read_content,
        still_copy,
    )

    ledger = _ledger(around)
    if ledger.path is None:
        return skipped("the ledger is on a server, which keeps its own integrity")
    if not ledger.path.exists():
        return _none_yet(ledger)
    clock = around.environment.monotonic_ns
    end = clock() + BOUND_SECONDS * 1_000_000_000
    try:
        with still_copy(ledger.path) as connection:
            facts = read_content(connection, lambda: clock() > end)
    except KeepsChanging:
        return _BUSY
    except sqlite3.DatabaseError as error:
        raise _damaged(ledger, error) from error
    return judge_content(facts, str(ledger.path))


def judge_content(facts: "ContentFacts", place: str) -> Finding:
    """Say what SQLite found."""
    if not facts.is_complete:
        return skipped(f"{place} is too large to be looked through within {BOUND_SECONDS} s")
    if facts.damage:
        return failed("the ledger is damaged", place, *facts.damage, mend=_RESTORE)
    if facts.broken_references:
        return failed(
            "rows of the ledger refer to rows that are not there",
            place,
            *facts.broken_references,
            mend=_RESTORE,
        )
    return passed(
        "every page is whole and every reference leads somewhere",
        f"{place}: {facts.decisions} decisions",
        decisions=facts.decisions,
    )


def _ledger(around: Surroundings) -> "Ledger":
    from bicameral.ledger.database import open_ledger  # noqa: PLC0415 - start-up time

    return open_ledger(around.environment)


def _none_yet(ledger: "Ledger") -> Finding:
    return skipped(f"there is no ledger yet at {ledger.path}; the first decision makes it")


def _damaged(ledger: "Ledger", error: sqlite3.Error) -> LedgerCorrupt:
    return LedgerCorrupt(f"the ledger {ledger.path} is damaged: {error}", next_step=_RESTORE)
