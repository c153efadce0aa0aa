"""A whole ledger as JSON lines, out and in again: for backups and for moving to a server.

What can be derived (the text index) is left out and built anew on the way in. The first line
names the format, the last one counts the rows. An import is one transaction into a ledger
without decisions: it arrives whole or not at all.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, delete, exc, func, insert, select, update

from bicameral.errors import InputRefused
from bicameral.ledger import schema
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.exported import TABLES, exported_columns, why_not_a_row, with_defaults
from bicameral.ledger.migrations import CURRENT_VERSION, check_not_newer
from bicameral.ledger.terms import index_decisions
from bicameral.ledger.transaction import Transaction

FORMAT = "bicameral-ledger"
_BATCH = 500


class _Line(NamedTuple):
    number: int
    table: str
    row: dict[str, Any]


def export_lines(connection: Connection) -> Iterator[str]:
    """Yield the ledger as JSON lines, without line ends."""
    count = 0
    yield _as_line({"format": FORMAT, "schema": CURRENT_VERSION})
    for table in TABLES.values():
        order = [table.c.number] if "number" in table.c else list(table.primary_key)
        query = select(*exported_columns(table)).order_by(*order)
        for row in connection.execute(query):
            yield _as_line({"table": table.name, "row": dict(row._mapping)})
            count += 1
    yield _as_line({"rows": count})


def import_lines(transaction: Transaction, lines: Iterable[str]) -> int:
    """Fill an empty ledger from exported lines; return the number of rows.

    Raises `InputRefused` for a ledger that holds decisions, and for lines that are no export,
    `LedgerTooNew` for the export of a newer version.
    """
    connection = transaction.connection
    _check_empty(connection)
    numbered = enumerate(lines, start=1)
    _check_header(numbered)
    parents: list[tuple[int, str, str]] = []
    count = 0
    for batch in _batches(numbered):
        if batch[0].table == schema.decisions.name:
            parents += [
                (line.number, line.row["id"], line.row["parent_id"])
                for line in batch
                if line.row["parent_id"] is not None
            ]
        _insert(connection, batch)
        count += len(batch)
    _set_parents(connection, parents)
    reindex(transaction)
    transaction.record("ledger_imported", "ledger", after={"rows": count})
    return count


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
    if connection.dialect.name == "postgresql":
        # Until it has counted rows that came all at once, the server reads tables end to end.
        names = ", ".join(table.name for table in schema.metadata.sorted_tables)
        connection.exec_driver_sql(f"ANALYZE {names}")


def _check_empty(connection: Connection) -> None:
    held = connection.scalar(select(func.count()).select_from(schema.decisions))
    if held:
        raise InputRefused(
            f"the ledger already holds {held} decisions; an import does not mix ledgers",
            next_step="import into another home: BICAMERAL_HOME=<empty folder>",
        )
    # A ledger that only met repositories gives way to what the export knows of them.
    for table in reversed(TABLES.values()):
        connection.execute(delete(table))


def _check_header(numbered: Iterator[tuple[int, str]]) -> None:
    _, first = next(numbered, (0, ""))
    header = _parse(1, first)
    if header.get("format") != FORMAT or not isinstance(header.get("schema"), int):
        raise _refused(1, f'the first line is not {{"format": "{FORMAT}", "schema": …}}')
    check_not_newer(header["schema"])


def _batches(numbered: Iterator[tuple[int, str]]) -> Iterator[list[_Line]]:
    for _, of_table in groupby(_checked(numbered), key=lambda line: line.table):
        while batch := list(islice(of_table, _BATCH)):
            yield batch


def _checked(numbered: Iterator[tuple[int, str]]) -> Iterator[_Line]:
    """Yield the rows, each as its table holds it; raise at the first line that is not one."""
    last = 1
    for number, text in numbered:
        parsed, last = _parse(number, text), number
        if "rows" in parsed:
            _check_end(number, parsed["rows"], numbered)
            return
        name = str(parsed.get("table"))
        row = with_defaults(name, parsed.get("row"))
        if why := why_not_a_row(name, row):
            raise _refused(number, why)
        yield _Line(number, name, cast("dict[str, Any]", row))
    raise _refused(last + 1, "the export is cut off before its last line")


def _check_end(number: int, stated: object, rest: Iterator[tuple[int, str]]) -> None:
    # The header and this line are no rows.
    if stated != number - 2:
        raise _refused(number, f"the export has {number - 2} rows and says that it had {stated}")
    for after, text in rest:
        if text.strip():
            raise _refused(after, "it follows the last line of the export")


def _insert(connection: Connection, batch: Sequence[_Line]) -> None:
    try:
        _insert_rows(connection, batch)
    except exc.IntegrityError:
        # Once more, one by one, to name the line.
        for line in batch:
            try:
                _insert_rows(connection, [line])
            except exc.IntegrityError:
                raise _refused(line.number, _UNFIT) from None


_UNFIT = "it repeats another line, or refers to a row that is not above it"


def _insert_rows(connection: Connection, batch: Sequence[_Line]) -> None:
    with connection.begin_nested():
        connection.execute(insert(TABLES[batch[0].table]), [_prepared(line) for line in batch])


def _prepared(line: _Line) -> dict[str, Any]:
    if line.table != schema.decisions.name:
        return line.row
    # A parent may stand further down; it is set when all decisions are in.
    return {**line.row, "parent_id": None, "text_length": 0}


def _set_parents(connection: Connection, parents: Iterable[tuple[int, str, str]]) -> None:
    for number, child, parent in parents:
        statement = update(schema.decisions).filter_by(id=child).values(parent_id=parent)
        try:
            with connection.begin_nested():
                connection.execute(statement)
        except exc.IntegrityError:
            raise _refused(number, "its parent is not in the export") from None


def _parse(number: int, line: str) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        raise _refused(number, "not JSON") from None
    if not isinstance(parsed, dict):
        raise _refused(number, "not an object")
    return parsed


def _refused(number: int, why: str) -> InputRefused:
    return InputRefused(
        f"line {number} of the import: {why}; nothing was imported",
        next_step="import a file that `bicameral-mcp export` wrote",
    )


def _as_line(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
