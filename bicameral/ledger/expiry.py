"""Rows of the ledger that are older than their table's limit: found, and removed in one write.

Which tables have a limit is not decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, inspect, select

from bicameral.ledger.schema import metadata
from bicameral.ledger.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Limit:
    """Rows of `table` go whose column `clock` is `until` or less: milliseconds since the epoch."""

    table: str
    clock: str
    until: int


@dataclass(frozen=True, slots=True)
class Expired:
    """How many rows of a table are beyond their limit, and the times of the first and the last."""

    limit: Limit
    rows: int
    oldest: int | None
    newest: int | None


def find_expired(connection: Connection, limits: Iterable[Limit]) -> list[Expired]:
    """Return what is beyond each limit, tables with nothing left out."""
    there = set(inspect(connection).get_table_names())
    found = (_find(connection, limit) for limit in limits if limit.table in there)
    return [each for each in found if each.rows]


def remove_expired(transaction: Transaction, limits: Iterable[Limit]) -> list[Expired]:
    """Remove what is beyond each limit, all of it or nothing; the audit says so. Returns it."""
    found = find_expired(transaction.connection, limits)
    for each in found:
        table = metadata.tables[each.limit.table]
        transaction.connection.execute(
            delete(table).where(table.c[each.limit.clock] <= each.limit.until)
        )
        transaction.record(
            "rows_expired", each.limit.table, after={"rows": each.rows, "until": each.limit.until}
        )
    return found


def _find(connection: Connection, limit: Limit) -> Expired:
    clock = metadata.tables[limit.table].c[limit.clock]
    figures = select(func.count(), func.min(clock), func.max(clock)).where(clock <= limit.until)
    return Expired(limit, *connection.execute(figures).one())
