"""Many regions seen at once, on both databases: written together, told one by one."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bicameral.ledger.bindings import ensure_region
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import MAIN, Region, RegionState
from bicameral.ledger.schema import audit
from bicameral.ledger.states import set_states, state_on_main
from bicameral.ledger.transaction import revision
from tests.ledger.parts import ACTOR, STATE, a_repository
from tests.ledger.test_queries import is_framing, statements

MANY = 60


@pytest.fixture
def regions(ledger: Ledger) -> list[Region]:
    """Regions that were seen once, each with a digest of its own."""
    with ledger.writing(ACTOR) as transaction:
        repository = a_repository(transaction)
        made = [
            ensure_region(transaction, repository, "a.py", "symbol", f"f{n}") for n in range(MANY)
        ]
        set_states(transaction, [(each, seen(each)) for each in made])
    return made


def seen(region: Region) -> RegionState:
    return replace(STATE, digest=f"digest of {region.selector}")


def actions(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.reading() as connection:
        return [tuple(row) for row in connection.execute(select(audit.c.action, audit.c.subject))]


def test_each_region_that_a_reader_sees_changed_has_an_audit_row(
    ledger: Ledger, regions: list[Region]
) -> None:
    """What is written together was still done to each of them."""
    first, second, *others = regions
    known = len(actions(ledger))
    states = [
        (first, replace(seen(first), raw_digest="other")),
        (second, replace(seen(second), path="b.py", selector="f1")),
        *((each, replace(seen(each), commit="c2")) for each in others),
    ]

    with ledger.writing(ACTOR) as transaction:
        assert set_states(transaction, states) == len([first, second])

    assert actions(ledger)[known:] == [("region_seen", first.id), ("region_moved", second.id)]
    with ledger.reading() as connection:
        assert [state_on_main(connection, each) for each, _ in states] == [s for _, s in states]


def test_a_branch_may_speak_of_a_region_for_the_first_time_beside_main(
    ledger: Ledger, regions: list[Region]
) -> None:
    """Rows that are new and rows that are known go into one write."""
    region = regions[0]
    on_main = replace(seen(region), raw_digest="newer")
    states = [(region, on_main), (region, replace(on_main, branch="feature", digest="own"))]

    with ledger.writing(ACTOR) as transaction:
        assert set_states(transaction, states) == len(states)

    with ledger.reading() as connection:
        assert state_on_main(connection, region) == replace(on_main, branch=MAIN)


def test_nothing_to_write_moves_no_revision(ledger: Ledger, regions: list[Region]) -> None:
    """A commit that touches no bound code leaves remembered answers as good as they were."""
    with ledger.reading() as connection:
        before = revision(connection)

    with ledger.writing(ACTOR) as transaction:
        assert set_states(transaction, []) == 0
        assert set_states(transaction, [(each, seen(each)) for each in regions]) == 0

    with ledger.reading() as connection:
        assert revision(connection) == before


def test_many_regions_take_as_many_statements_as_few(ledger: Ledger, regions: list[Region]) -> None:
    """A commit that changes hundreds of bound functions is written in one go."""
    sent = []
    for some in (regions[:2], regions):
        states = [(each, replace(seen(each), raw_digest=f"of {len(some)}")) for each in some]
        with ledger.writing(ACTOR) as transaction, statements(transaction.connection) as found:
            set_states(transaction, states)
        sent.append(len([each for each in found if not is_framing(each)]))

    assert sent[0] == sent[1]
