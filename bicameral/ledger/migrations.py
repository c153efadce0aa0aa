"""Recorded migrations: the numbered steps that bring a ledger to the schema of this version.

A ledger that records a step unknown here was written by a newer version: it is refused
before anything is touched.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, inspect, select
from sqlalchemy.schema import CreateIndex

from bicameral.errors import LedgerTooNew
from bicameral.ledger.schema import ledger_state, metadata, region_states, schema_migrations


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number, its name, and what it does to the tables."""

    version: int
    name: str
    apply: Callable[[Connection], None]


def _first_tables(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(insert(ledger_state).values(name="revision", value=0))


def _places_of_states(connection: Connection) -> None:
    """Let a region stand elsewhere than where it was bound, and say how it was found there."""
    table = region_states.name
    if "evidence" in {column["name"] for column in inspect(connection).get_columns(table)}:
        return  # made by this version's first step
    for column in ("path", "selector", "evidence"):
        kind = region_states.c[column].type.compile(connection.dialect)
        connection.exec_driver_sql(
            f"ALTER TABLE {table} ADD COLUMN {column} {kind} DEFAULT '' NOT NULL"
        )
    [index] = (each for each in region_states.indexes if each.name == "states_elsewhere")
    connection.execute(CreateIndex(index))


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "first tables", _first_tables),
    Migration(2, "places of states", _places_of_states),
)
CURRENT_VERSION = MIGRATIONS[-1].version


def recorded_version(connection: Connection) -> int:
    """Return the number of the last step this ledger records; 0 for an empty database."""
    if not inspect(connection).has_table(schema_migrations.name):
        return 0
    return connection.scalar(select(func.max(schema_migrations.c.version))) or 0


def check_not_newer(version: int) -> None:
    """Raise `LedgerTooNew` when a version is beyond what this code knows."""
    if version > CURRENT_VERSION:
        raise LedgerTooNew(
            f"the ledger has schema {version}, this version knows up to {CURRENT_VERSION}",
            next_step="upgrade bicameral-preflight; the ledger has not been touched",
        )


def migrate(connection: Connection, *, at: int) -> None:
    """Apply every step the ledger lacks, inside the caller's transaction."""
    version = recorded_version(connection)
    check_not_newer(version)
    for step in MIGRATIONS[version:]:
        step.apply(connection)
        connection.execute(
            insert(schema_migrations).values(version=step.version, name=step.name, applied_at=at)
        )
