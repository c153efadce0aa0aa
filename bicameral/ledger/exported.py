"""What a row of an export may hold: the columns of its table, each with a value that fits.

SQLite would take any type in any column; a damaged row must be refused before it is in.
"""

import json
from typing import Any, get_args

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table

from bicameral.capture.sizes import LONGEST_SESSION_ID
from bicameral.ledger import domain, schema
from bicameral.ledger.columns import CheckedText, why_unstorable

# In the order of their references: a row refers only to tables above its own.
TABLES: dict[str, Table] = {
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
DERIVED = frozenset({"number", "decision_count", "text_length"})

_CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("decisions", "signoff"): get_args(domain.SignOff),
    ("decisions", "stated_signoff"): get_args(domain.SignOff),
    ("decisions", "source_type"): get_args(domain.SourceType),
    ("decisions", "level"): get_args(domain.Level),
    ("regions", "kind"): get_args(domain.RegionKind),
    ("region_states", "presence"): get_args(domain.Presence),
    ("bindings", "origin"): get_args(domain.Origin),
    ("verdicts", "verdict"): get_args(domain.VerdictKind),
    ("questions", "kind"): get_args(domain.QuestionKind),
}
_LISTS = {("decisions", "warnings"), ("decisions", "participants")}
_BITS = ((SmallInteger, 16), (BigInteger, 64), (Integer, 32))


def exported_columns(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that cannot be derived from others."""
    return [column for column in table.columns if column.name not in DERIVED]


def with_defaults(name: str, row: object) -> object:
    """Return a row with the columns that its table has got since an older version wrote it."""
    if name not in TABLES or not isinstance(row, dict):
        return row
    columns = exported_columns(TABLES[name])
    return {c.name: "" for c in columns if c.server_default is not None} | row


def why_not_a_row(name: str, row: object) -> str | None:
    """Say what is wrong with a row of the table `name`; None when nothing is."""
    if name not in TABLES:
        return f"unknown table {name[:80]!r}"
    columns = exported_columns(TABLES[name])
    if not isinstance(row, dict) or row.keys() != {column.name for column in columns}:
        return f"not a row of {name}"
    for column in columns:
        if why := _why_not(name, column, row[column.name]):
            return f"{column.name} of {name}: {why}"
    return None


def _why_not(name: str, column: Column[Any], value: object) -> str | None:
    if value is None:
        return None if column.nullable else "it is missing"
    if isinstance(column.type, CheckedText):
        return _why_not_text((name, column.name), value, most_bytes=column.type.most_bytes)
    bits = next(bits for kind, bits in _BITS if isinstance(column.type, kind))
    if not isinstance(value, int) or isinstance(value, bool) or value.bit_length() >= bits:
        return f"it is not a number of {bits} bits"
    return None


def _why_not_text(place: tuple[str, str], value: object, *, most_bytes: int | None) -> str | None:
    if not isinstance(value, str):
        return "it is not text"
    if value not in _CHOICES.get(place, (value,)):
        return "it is not one of " + ", ".join(_CHOICES[place])
    if place[1] == "session_id" and not 0 < len(value) <= LONGEST_SESSION_ID:
        return f"it does not have 1 to {LONGEST_SESSION_ID} characters"
    if place in _LISTS and not _is_list_of_texts(value):
        return "it is not a list of texts"
    return why_unstorable(value, most_bytes=most_bytes)


def _is_list_of_texts(value: str) -> bool:
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return isinstance(parsed, list) and all(isinstance(each, str) for each in parsed)
