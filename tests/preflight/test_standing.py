"""What is kept of decisions between two writes, and never beyond one."""

from collections.abc import Sequence

import pytest

from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import set_signoff
from bicameral.ledger.domain import Decision, View
from bicameral.ledger.transaction import revision
from bicameral.preflight.standing import LONGEST_KEPT, MOST_KEPT, Standing
from tests.ledger.parts import ACTOR, a_decision, a_region, bound
from tests.ledger.places import Places
from tests.preflight.test_topic import counted


@pytest.fixture
def ledger(places: Places) -> Ledger:
    return places.open()


def decided(ledger: Ledger, count: int, description: str = "") -> list[Decision]:
    with ledger.writing(ACTOR) as transaction:
        made = [
            a_decision(transaction, ref=str(number), description=description)
            for number in range(count)
        ]
        region = a_region(transaction)
        for each in made:
            bound(transaction, each, region)
    return made


def ask(known: Standing, ledger: Ledger, asked: Sequence[Decision]) -> tuple[list[str], int]:
    """Return the ids of those that stand, and how many statements it took to know."""
    with ledger.reading() as connection:
        view, current = View(asked[0].repository_id), revision(connection)
        with counted(connection) as sent:
            found = known.of(connection, view, current, [each.id for each in asked])
    assert all(groundings for _, groundings in found)
    return [each.id for each, _ in found], len(sent)


def test_what_was_read_at_a_revision_is_not_read_again(ledger: Ledger) -> None:
    """An agent asks about the same files again and again before it changes anything."""
    known, [first, second, third] = Standing(), decided(ledger, 3)
    _, whole = ask(known, ledger, [first, second])
    assert whole > 0
    assert ask(known, ledger, [second, first]) == ([second.id, first.id], 0)
    assert ask(known, ledger, [third, first]) == ([third.id, first.id], whole)


def test_what_was_written_since_is_seen(ledger: Ledger) -> None:
    """Another server's decision may end what this one has shown a moment ago."""
    known, [first, second] = Standing(), decided(ledger, 2)
    assert ask(known, ledger, [first, second])[0] == [first.id, second.id]
    with ledger.writing(ACTOR) as transaction:
        set_signoff(transaction, first, "rejected")
    assert ask(known, ledger, [first, second])[0] == [second.id]


def test_no_more_is_kept_than_fits(ledger: Ledger) -> None:
    """A server may run for weeks over a ledger of any size."""
    known, many = Standing(), decided(ledger, MOST_KEPT + 1)
    for _ in range(2):
        assert ask(known, ledger, many)[1] > 0
    assert ask(known, ledger, many[:9])[1] > 0
    assert ask(known, ledger, many[:9])[1] == 0
    assert ask(known, ledger, many)[1] > 0


def test_a_decision_of_much_text_is_read_each_time(ledger: Ledger) -> None:
    """A few of them would take more than all the others."""
    known, [long] = Standing(), decided(ledger, 1, "text " * LONGEST_KEPT)
    for _ in range(2):
        assert ask(known, ledger, [long])[1] > 0
