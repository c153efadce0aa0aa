"""The tables, alike on both databases, and what naming them loads."""

import subprocess
import sys

from sqlalchemy import text

from tests.ledger.parts import ACTOR, a_decision
from tests.ledger.places import Places

PARTIAL = {
    "states_elsewhere": "(path <> ''::text)",
    "states_on_branches": "(branch <> ''::text)",
}


def test_indexes_of_a_part_of_a_table_are_that_on_postgresql_too(
    postgresql_places: Places,
) -> None:
    """Most states are where they were bound, and on the main branch: indexed, all would be."""
    ledger = postgresql_places.open()
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction)
    with ledger.reading() as connection:
        rows = connection.execute(text("SELECT indexname, indexdef FROM pg_indexes"))
        found = {name: definition.partition(" WHERE ")[2] for name, definition in rows}
    assert {name: found[name] for name in PARTIAL} == PARTIAL
    assert found["bindings_by_region"] == ""


def test_no_other_database_is_loaded_with_the_tables() -> None:
    """A server without PostgreSQL would hold 2 MB for it, and its first call would wait."""
    script = "import sys, handlers.table; print('sqlalchemy.dialects.postgresql' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert ran.stdout.split() == [b"False"]
