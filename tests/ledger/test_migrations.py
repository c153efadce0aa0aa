"""From an empty database to the schema of this version, recorded, and never twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, create_engine, inspect, select, text

from bicameral.ledger import schema
from bicameral.ledger.database import Ledger
from bicameral.ledger.engines import create_private_file, make_engine, parse_url
from bicameral.ledger.migrations import CURRENT_VERSION, MIGRATIONS, migrate, recorded_version
from bicameral.ledger.transaction import revision
from tests.conftest import Clock
from tests.ledger.parts import ACTOR, a_decision
from tests.ledger.places import Places


def shape_of(connection: Connection) -> dict[str, Any]:
    """Return what the database itself says of its tables."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"], c["default"])
                for c in inspector.get_columns(table)
            ],
            "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (f["constrained_columns"], f["referred_table"], f["referred_columns"])
                for f in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(
                (u["name"], u["column_names"]) for u in inspector.get_unique_constraints(table)
                if u["name"]
            ),
            "indexes": sorted(
                (str(i["name"]), i["column_names"], bool(i["unique"]))
                for i in inspector.get_indexes(table)
            ),
        }
        for table in inspector.get_table_names()
    }  # fmt: skip


def test_migrations_end_in_exactly_the_schema_that_the_code_speaks_of(places: Places) -> None:
    """A step that forgets an index would show only in production, and only as slowness."""
    migrated, declared = places.open(), places.open()
    with migrated.reading() as connection:
        connection.execute(select(schema.decisions)).all()
    write_something(migrated)
    create_declared_tables(declared)
    with migrated.reading() as one, declared.reading() as other:
        assert shape_of(one) == shape_of(other)
        assert set(shape_of(one)) == set(schema.metadata.tables)


def write_something(ledger: Ledger) -> None:
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction)


def create_declared_tables(ledger: Ledger) -> None:
    """Drop what the migrations made and create the tables as declared."""
    write_something(ledger)
    engine = ledger._writing_engine()
    found = MetaData()
    with engine.execution_options(is_writing=True).begin() as connection:
        found.reflect(connection)
        found.drop_all(connection)
        assert inspect(connection).get_table_names() == []
        schema.metadata.create_all(connection)


def test_the_server_orders_texts_by_code_point_whatever_its_locale(
    postgresql_places: Places,
) -> None:
    """Many servers sort by the rules of a language; an export would then come in another order."""
    ledger = postgresql_places.open()
    write_something(ledger)
    query = text(
        "SELECT table_name, column_name, collation_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND data_type = 'text'"
    )
    with ledger.reading() as connection:
        rows = connection.execute(query).all()
    assert len(rows) > 60
    assert [row for row in rows if row.collation_name != "C"] == []


def test_every_applied_step_is_recorded_with_its_moment(places: Places, clock: Clock) -> None:
    """Whoever looks after a server asks when its schema changed."""
    ledger = places.open(clock=clock)
    write_something(ledger)
    with ledger.reading() as connection:
        rows = connection.execute(select(schema.schema_migrations)).all()
    assert [tuple(row) for row in rows] == [
        (step.version, step.name, clock() // 1_000_000) for step in MIGRATIONS
    ]


def test_opening_again_changes_nothing(places: Places, clock: Clock) -> None:
    """Migrations run once in a ledger's life, however often a server starts."""
    place = places.new_place()
    first = places.open(place, clock=clock)
    write_something(first)
    with first.reading() as connection:
        before = everything(connection), shape_of(connection)
    first.close()
    clock.advance(seconds=3_600)
    with places.open(place, clock=clock).reading() as connection:
        assert (everything(connection), shape_of(connection)) == before


def test_migrating_a_current_ledger_again_applies_nothing(ledger: Ledger) -> None:
    """The step under the lock repeats the look at the version: another may have been first."""
    write_something(ledger)
    with ledger.writing(ACTOR) as transaction:
        before = everything(transaction.connection)
        migrate(transaction.connection, at=transaction.at + 1)
        assert everything(transaction.connection) == before


def test_an_empty_database_has_version_zero_and_revision_unknown() -> None:
    """Version 0 is how a new home is told from an old one; a lost revision is not zero."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert recorded_version(connection) == 0
        migrate(connection, at=0)
        assert recorded_version(connection) == CURRENT_VERSION
        assert revision(connection) == 0
        connection.execute(schema.ledger_state.delete())
        assert revision(connection) is None
    engine.dispose()


def test_versions_are_numbered_without_gaps() -> None:
    """The steps still to do are taken from the list by the recorded number."""
    assert [step.version for step in MIGRATIONS] == list(range(1, CURRENT_VERSION + 1))


def test_a_migration_that_fails_leaves_the_database_empty(places: Places) -> None:
    """Half a schema could neither be used nor be migrated again."""
    ledger = places.open()
    with closing_engine(ledger) as engine:
        with pytest.raises(ZeroDivisionError):
            migrate_and_fail(engine)
        with engine.connect() as connection:
            assert inspect(connection).get_table_names() == []
    write_something(ledger)


def migrate_and_fail(engine: Engine) -> None:
    with engine.execution_options(is_writing=True).begin() as connection:
        migrate(connection, at=0)
        raise ZeroDivisionError


@contextmanager
def closing_engine(ledger: Ledger) -> Iterator[Engine]:
    """Yield an engine on the ledger's place that has not migrated it."""
    if ledger.path is not None:
        ledger.path.parent.mkdir()
        create_private_file(ledger.path)
    engine = make_engine(parse_url(ledger._url or f"sqlite:///{ledger.path}"), timeout_seconds=5)
    yield engine
    engine.dispose()


def everything(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    return {
        table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
        for table in schema.metadata.sorted_tables
    }
