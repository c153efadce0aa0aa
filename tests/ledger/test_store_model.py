"""The store against a plain model: any order of writes, seen from every branch."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from bicameral.ledger import schema
from bicameral.ledger.database import Ledger
from tests.conftest import Clock
from tests.ledger.parts import ACTOR
from tests.ledger.places import Places
from tests.ledger.store_machine import Store


def test_the_store_behaves_as_its_model(places: Places) -> None:
    """No order of writes may lose a verdict, reset a sign-off, or leave a stale answer valid."""
    shared = places.new_place()

    class OnFreshPlaces(Store):
        @staticmethod
        def open_ledger(clock: Clock) -> Ledger:
            ledger = places.open(shared if places.kind == "postgresql" else None, clock=clock)
            if places.kind == "postgresql":
                empty(ledger)
            return ledger

    run_state_machine_as_test(
        OnFreshPlaces,
        settings=settings(
            max_examples=10 if places.kind == "sqlite" else 4,
            stateful_step_count=45,
            deadline=None,
            phases=[Phase.generate],  # shrinking a failure takes minutes; its steps are printed
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def empty(ledger: Ledger) -> None:
    """Clear a database for the next example: making a new one takes longer."""
    with ledger.writing(ACTOR) as transaction:
        names = ", ".join(table.name for table in schema.metadata.sorted_tables)
        names = names.replace("schema_migrations, ", "").replace(", schema_migrations", "")
        transaction.connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        transaction.connection.execute(
            schema.ledger_state.insert().values(name="revision", value=0)
        )
