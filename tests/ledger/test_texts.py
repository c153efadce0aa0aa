"""The state of the texts moves with every change of them, and with nothing else."""

from collections.abc import Callable

import pytest

from bicameral.ledger.decisions import amend_decision, get_decision, set_signoff
from bicameral.ledger.domain import Content, Decision
from bicameral.ledger.texts import TextsSeen, look_at_texts
from bicameral.ledger.transaction import Transaction
from tests.ledger.parts import ACTOR, a_decision, a_region, bound
from tests.ledger.places import Places

Act = Callable[[Transaction, Decision], object]
CHANGES: dict[str, Act] = {
    "added": lambda t, decision: a_decision(t, "Another"),
    "amended to as many words": lambda t, decision: amend_decision(
        t, decision, Content(title="Use MariaDB for billing"), decision.source
    ),
    "rejected": lambda t, decision: set_signoff(t, decision, "rejected"),
    "superseded": lambda t, decision: set_signoff(t, decision, "superseded"),
}
OTHERS: dict[str, Act] = {
    "bound": lambda t, decision: bound(t, decision, a_region(t)),
    "ratified": lambda t, decision: set_signoff(t, decision, "ratified"),
    "nothing": lambda t, decision: None,
}


@pytest.mark.parametrize("name", [*CHANGES, *OTHERS])
def test_the_state_moves_when_what_is_searched_changes(places: Places, name: str) -> None:
    """What was kept of other texts is wrong, and to find it anew takes longer than an answer."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction)
    with ledger.reading() as connection:
        before = look_at_texts(connection, None)

    with ledger.writing(ACTOR) as transaction:
        (CHANGES | OTHERS)[name](transaction, decision)

    with ledger.reading() as connection:
        after = look_at_texts(connection, before)
        assert (after.changed != before.changed) == (name in CHANGES)
        assert look_at_texts(connection, after) == after


def test_what_was_rejected_and_stands_again_is_a_change(places: Places) -> None:
    """It was left out of the search, and now is in it."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction, signoff="rejected")
    with ledger.reading() as connection:
        before = look_at_texts(connection, None)

    with ledger.writing(ACTOR) as transaction:
        set_signoff(transaction, get_decision(transaction.connection, decision.id), "ratified")

    with ledger.reading() as connection:
        assert look_at_texts(connection, before).changed > before.changed


def test_an_empty_ledger_and_one_put_in_its_place_have_a_state(places: Places) -> None:
    """A copy that is restored under a running server has fewer rows than were seen."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction)
    with ledger.reading() as connection:
        now = look_at_texts(connection, None)
        assert look_at_texts(connection, TextsSeen(now.audited + 9, now.audited + 9)) == now
    with places.open().reading() as connection:
        assert look_at_texts(connection, None) == TextsSeen(0, 0)
