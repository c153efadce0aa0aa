"""Statements that are made ready once answer as they do when they are built anew."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, select

from bicameral.errors import InputRefused
from bicameral.ledger.columns import MOST_KEY_BYTES
from bicameral.ledger.domain import MAIN
from bicameral.ledger.places import PATHS, where_moved
from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import decisions, regions
from tests.ledger.parts import ACTOR, a_decision, a_region, a_repository
from tests.ledger.places import Places

BY_TITLE = (
    select(decisions.c.title, decisions.c.number, decisions.c.parent_id)
    .where(
        decisions.c.title.in_(bindparam("titles", expanding=True)),
        decisions.c.signoff.not_in(("rejected", "superseded")),
        decisions.c.repository_id == bindparam("repository"),
    )
    .order_by(decisions.c.number)
    .limit(bindparam("most"))
)
PREPARED = Prepared(BY_TITLE)
TITLES = [f"title {number}" for number in range(12)]


def test_rows_are_those_of_the_statement_whatever_the_lengths(places: Places) -> None:
    """A list that is filled up, repeated or empty must find what it names, and no more."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        repository = a_repository(transaction)
        for number, title in enumerate(TITLES):
            a_decision(transaction, title, signoff="ratified" if number % 3 else "rejected")

    with ledger.reading() as connection:

        @settings(max_examples=40, deadline=None)
        @given(
            titles=st.lists(st.sampled_from([*TITLES, "unknown", "it's 100%"]), max_size=20),
            most=st.integers(0, 20),
        )
        def agree(titles: Sequence[str], most: int) -> None:
            asked = {"titles": titles, "repository": repository, "most": most}
            expected = connection.execute(BY_TITLE, asked).all()
            found = PREPARED.rows(connection, asked)
            assert [row._asdict() for row in found] == [row._asdict() for row in expected]

        agree()


def test_a_list_that_is_used_twice_is_put_in_twice(places: Places) -> None:
    """The values of a union stand in its text once for each of its halves."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        region = a_region(transaction, "src/a.py")
    query = where_moved(regions.c.id).union_all(
        select(regions.c.path, regions.c.id).where(regions.c.path.in_(PATHS))
    )
    asked = {
        "paths": ("src/a.py", "src/b.py", "src/c.py"),
        "repository": region.repository_id,
        "branch": MAIN,
        "branches": (MAIN,),
    }
    with ledger.reading() as connection:
        rows = Prepared(query).rows(connection, asked)
    assert [tuple(row) for row in rows] == [("src/a.py", region.id)]


@pytest.mark.parametrize("bad", ["nul\0", "half \ud800", "x" * (MOST_KEY_BYTES + 1)])
def test_a_text_that_no_column_holds_is_refused_wherever_it_stands(
    places: Places, bad: str
) -> None:
    """One database would answer, the other fail with an error of its driver."""
    by_id = Prepared(
        select(decisions.c.id).where(decisions.c.id.in_(bindparam("ids", expanding=True)))
    )
    ledger = places.open()
    with ledger.reading() as connection, pytest.raises(InputRefused):
        by_id.rows(connection, {"ids": ["fine", bad, "fine too"]})
    with ledger.reading() as connection:
        longest = "\N{SNOWMAN}" * (MOST_KEY_BYTES // 3)
        assert by_id.rows(connection, {"ids": [longest]}) == []
