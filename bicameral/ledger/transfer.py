"""A whole ledger as JSON lines, out and in again: for backups and for moving to a server.

What can be derived (the text index) is left out and built anew on the way in. An import is
one transaction into a ledger without decisions: it arrives whole or not at all.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from bicameral.errors import InputRefused
from bicameral.ledger import schema
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.migrations import CURRENT_VERSION, check_not_newer
from bicameral.ledger.terms import index_decisions
from bicameral.ledger.transaction import Transaction

FORMAT = "bicameral-ledger"
_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        schema.repositories,
        schema.repository_keys,
        schema.cursors,
        schema.decisions,
        schema.decision_links,
        schema.regions,
        schema.region_states,
        schema.bindings,
        schema.binding_removals,
        schema.verdicts,
        schema.questions,
        schema.bypasses,
        schema.audit,
    )
}
_DERIVED = {"number", "decision_count", "text_length"}
_BATCH = 500


def export_lines(connection: Connection) -> Iterator[str]:
    """Yield the ledger as JSON lines, the first of which names the format."""
    yield _line({"format": FORMAT, "schema": CURRENT_VERSION})
    for table in _TABLES.values():
        columns = [column for column in table.columns if column.name not in _DERIVED]
        order = table.c.number if "number" in table.c else None
        query = select(*columns).order_by(*([order] if order is not None else table.primary_key))
        for row in connection.execute(query):
            yield _line({"table": table.name, "row": dict(row._mapping)})


def import_lines(transaction: Transaction, lines: Iterable[str]) -> int:
    """Fill an empty ledger from exported lines; return the number of rows.

    Raises `InputRefused` for a ledger that holds decisions, and for lines that are no export.
    """
    connection = transaction.connection
    _check_empty(connection)
    numbered = enumerate(lines, start=1)
    _check_header(numbered)
    parents: dict[str, str] = {}
    count = 0
    for name, rows in _batches(numbered):
        if name == schema.decisions.name:
            parents |= {row["id"]: row["parent_id"] for row in rows if row.get("parent_id")}
        connection.execute(insert(_TABLES[name]), [_prepared(name, row) for row in rows])
        count += len(rows)
    for child, parent in parents.items():
        connection.execute(update(schema.decisions).filter_by(id=child).values(parent_id=parent))
    reindex(transaction)
    transaction.record("ledger_imported", "ledger", after={"rows": count})
    return count


def _prepared(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    if name != schema.decisions.name:
        return dict(row)
    # A parent may stand further down; it is set when all decisions are in.
    return {**row, "parent_id": None, "text_length": 0}


def reindex(transaction: Transaction) -> None:
    """Build the text index anew from the decisions, repository by repository."""
    connection = transaction.connection
    connection.execute(delete(schema.postings))
    connection.execute(delete(schema.terms))
    connection.execute(update(schema.repositories).values(decision_count=0, text_length=0))
    for repository_id in connection.scalars(select(schema.repositories.c.id)).all():
        own = select(schema.decisions.c.id).filter_by(repository_id=repository_id)
        ids = iter(connection.scalars(own.order_by(schema.decisions.c.number)).all())
        while batch := list(islice(ids, _BATCH)):
            index_decisions(transaction, list(get_decisions(connection, batch).values()))


def _check_empty(connection: Connection) -> None:
    held = connection.scalar(select(func.count()).select_from(schema.decisions))
    if held:
        raise InputRefused(
            f"the ledger already holds {held} decisions; an import does not mix ledgers",
            next_step="import into another home: BICAMERAL_HOME=<empty folder>",
        )
    # A ledger that only met repositories gives way to what the export knows of them.
    for table in reversed(_TABLES.values()):
        connection.execute(delete(table))


def _check_header(numbered: Iterator[tuple[int, str]]) -> None:
    _, first = next(numbered, (0, ""))
    header = _parse(1, first)
    if header.get("format") != FORMAT or not isinstance(header.get("schema"), int):
        raise _refused(1, f'the first line is not {{"format": "{FORMAT}", "schema": …}}')
    check_not_newer(header["schema"])


def _batches(
    numbered: Iterable[tuple[int, str]],
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    name = ""
    rows: list[dict[str, Any]] = []
    for number, line in numbered:
        parsed = _parse(number, line)
        table = str(parsed.get("table"))
        _check_row(number, table, parsed.get("row"))
        if rows and (table != name or len(rows) == _BATCH):
            yield name, rows
            rows = []
        name = table
        rows.append(parsed["row"])
    if rows:
        yield name, rows


def _check_row(number: int, name: str, row: object) -> None:
    if name not in _TABLES:
        raise _refused(number, f"unknown table {name[:80]!r}")
    expected = {column.name for column in _TABLES[name].columns} - _DERIVED
    if not isinstance(row, dict) or row.keys() != expected:
        raise _refused(number, f"not a row of {name}")


def _parse(number: int, line: str) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError:
        raise _refused(number, "not JSON") from None
    if not isinstance(parsed, dict):
        raise _refused(number, "not an object")
    return parsed


def _refused(number: int, why: str) -> InputRefused:
    return InputRefused(
        f"line {number} of the import: {why}; nothing was imported",
        next_step="import a file that `bicameral-mcp export` wrote",
    )


def _line(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
