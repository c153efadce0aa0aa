"""The text index: rare words decide, common ones cost nothing, and the counts are exact."""

import math
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from bicameral.ledger.decisions import amend_decision, set_signoff
from bicameral.ledger.domain import Content, Decision
from bicameral.ledger.schema import decisions, postings, terms
from bicameral.ledger.search import search
from bicameral.ledger.terms import (
    MOST_ASKED,
    MOST_POSTINGS,
    MOST_TERMS,
    TermStatistics,
    TextMatch,
    index_decisions,
    inverse_frequency,
    match_terms,
    saturated,
    term_statistics,
    within_budget,
)
from bicameral.ledger.transfer import reindex
from tests.ledger.parts import ACTOR, a_decision
from tests.ledger.places import Places
from tests.ledger.recount import assert_statistics_are_exact

counts = st.integers(min_value=1, max_value=3 * MOST_POSTINGS)
statistics = st.lists(counts, max_size=60).map(
    lambda held: [TermStatistics(f"t{n}", n, each, 1.0) for n, each in enumerate(sorted(held))]
)


def matched(connection: Connection, repository_id: str, *words: str) -> list[TextMatch]:
    found = term_statistics(connection, repository_id, words)
    return match_terms(connection, within_budget(found.terms), mean_length=found.mean_length)


@given(statistics)
def test_the_rarest_terms_are_kept_within_the_budget(known: list[TermStatistics]) -> None:
    """An OR over common words is the trap: its cost would follow the ledger's size."""
    kept = within_budget(known)
    assert kept == known[: len(kept)]
    assert len(kept) <= MOST_TERMS
    assert bool(kept) == bool(known)
    assert len(kept) <= 1 or sum(each.document_count for each in kept) <= MOST_POSTINGS
    if len(kept) < min(len(known), MOST_TERMS):
        over = [*kept, known[len(kept)]]
        assert sum(each.document_count for each in over) > MOST_POSTINGS


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_rarer_terms_weigh_more_and_none_weighs_less_than_nothing(held: int, more: int) -> None:
    """BM25's weight in the form that stays positive where a word is in every decision."""
    count = held + more
    assert inverse_frequency(held, count) > inverse_frequency(held + more, count) > 0


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.01, 100), st.floats(0.01, 100))
def test_a_term_counts_more_the_more_often_and_the_shorter_the_text(
    in_title: int, in_body: int, ratio: float, longer: float
) -> None:
    """And ever less so: no repetition outweighs a second matched term of the same weight."""
    here = saturated(in_title, in_body, length_ratio=ratio)
    assert saturated(in_title + 1, in_body, length_ratio=ratio) > here
    assert saturated(in_title, in_body + 1, length_ratio=ratio) > here
    assert saturated(in_title, in_body, length_ratio=ratio + longer) <= here
    assert saturated(in_title + 1, in_body, length_ratio=ratio) > saturated(
        in_title, in_body + 1, length_ratio=ratio
    )
    assert 0 <= here < 2.2


def test_more_rare_terms_matched_score_higher(places: Places) -> None:
    """The decision that shares all of the topic comes before those that share a part."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        titles = ["kafka outbox billing", "kafka outbox ledger", "kafka queue ledger"]
        made = [a_decision(transaction, title) for title in titles]
        for number in range(20):
            a_decision(transaction, f"unrelated matter{number}")
    with ledger.reading() as connection:
        found = matched(connection, made[0].repository_id, "kafka", "outbox", "bill")
    assert [each.decision_id for each in found] == [each.id for each in made]
    assert [set(each.matched) for each in found] == [
        {"kafka", "outbox", "bill"},
        {"kafka", "outbox"},
        {"kafka"},
    ]
    assert found[0].in_title == {"kafka", "outbox", "bill"}


def test_a_word_in_the_title_outweighs_one_in_the_text(places: Places) -> None:
    """A decision is about what its title says."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        body = a_decision(transaction, "alpha beta", description="kafka gamma")
        title = a_decision(transaction, "kafka beta", description="alpha gamma")
    with ledger.reading() as connection:
        found = matched(connection, body.repository_id, "kafka")
    assert [each.decision_id for each in found] == [title.id, body.id]
    assert [each.in_title for each in found] == [{"kafka"}, set()]


def test_rejected_and_superseded_decisions_match_no_topic_but_are_found_by_search(
    places: Places,
) -> None:
    """They bind nobody; whoever searches still wants to know that they were."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        standing = a_decision(transaction, "kafka one")
        others = [a_decision(transaction, "kafka two"), a_decision(transaction, "kafka three")]
        set_signoff(transaction, others[0], "rejected")
        set_signoff(transaction, others[1], "superseded")
    with ledger.reading() as connection:
        found = matched(connection, standing.repository_id, "kafka")
        assert [each.decision_id for each in found] == [standing.id]
        assert set(search(connection, standing.repository_id, "Kafka!")) == {
            standing.id,
            *(each.id for each in others),
        }


def test_a_lone_term_that_everything_holds_reads_the_newest_within_the_budget(
    places: Places,
) -> None:
    """The one exception to the budget is bounded by the statement itself."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction, "kafka")
        add_many_with_the_terms_of(transaction.connection, decision.number, MOST_POSTINGS + 10)
        found = matched(transaction.connection, decision.repository_id, "kafka")
    assert len(found) == MOST_POSTINGS
    assert decision.id not in {each.decision_id for each in found}
    assert f"copy{MOST_POSTINGS + 9}" in {each.decision_id for each in found}


def add_many_with_the_terms_of(connection: Connection, number: int, count: int) -> None:
    """Copy a decision and its postings as rows: through the front door it would take minutes."""
    (row,) = connection.execute(select(decisions).filter_by(number=number)).mappings()
    copies = [
        {**row, "number": number + 1 + n, "id": f"copy{n}", "source_ref": f"copy{n}"}
        for n in range(count)
    ]
    connection.execute(insert(decisions), copies)
    held = connection.execute(select(postings).filter_by(decision_number=number)).mappings().all()
    for posting in held:
        rows = [{**posting, "decision_number": each["number"]} for each in copies]
        connection.execute(insert(postings), rows)
    more = terms.c.document_count + count
    connection.execute(update(terms).values(document_count=more))


def test_asking_for_any_number_of_terms_asks_the_database_for_a_bounded_one(
    places: Places,
) -> None:
    """Neither database takes a statement of a hundred thousand parameters."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction, "kafka outbox")
    late = [*(f"word{number}" for number in range(100_000)), "kafka"]
    with ledger.reading() as connection:
        found = term_statistics(connection, decision.repository_id, ["outbox", *late])
    assert [each.term for each in found.terms] == ["outbox"]
    assert MOST_ASKED < 32_766


def test_a_term_that_nobody_holds_any_more_is_unknown(places: Places) -> None:
    """Its row may stay; a count of zero would divide the weights wrongly."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction, "kafka outbox")
        amend_decision(transaction, decision, Content("outbox"), decision.source)
        found = term_statistics(transaction.connection, decision.repository_id, ["kafka", "outbox"])
        assert [(each.term, each.document_count) for each in found.terms] == [("outbox", 1)]
        assert (found.decision_count, found.mean_length) == (1, 1.0)
        assert found.unknown_weight == inverse_frequency(0, 1)


def test_a_decision_without_any_term_is_not_counted_however_often_it_is_indexed(
    places: Places,
) -> None:
    """A title of stop words alone once raised the count at each amendment."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction, "the and of")
        for title in ("to be or not to be", "kafka", "the", "the outbox"):
            amend_decision(transaction, decision, Content(title), decision.source)
            assert_statistics_are_exact(transaction.connection)


def test_a_word_repeated_beyond_a_small_number_is_counted_up_to_it(places: Places) -> None:
    """A pasted log of one word must not overflow the column."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction, "log", description="kafka " * 40_000)
        found = matched(transaction.connection, decision.repository_id, "kafka")
    assert [each.decision_id for each in found] == [decision.id]


def test_two_repositories_in_one_ledger_do_not_see_each_others_words(places: Places) -> None:
    """One server holds the ledgers of many repositories."""
    from bicameral.ledger.decisions import add_decision
    from bicameral.ledger.repositories import ensure_repository

    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        own = a_decision(transaction, "kafka outbox")
        other_id = ensure_repository(transaction, ["root:other"])
        add_decision(transaction, other_id, Content("kafka ledger"), replace(own.source))
        found = matched(transaction.connection, own.repository_id, "kafka", "ledger")
        assert [each.decision_id for each in found] == [own.id]
        assert_statistics_are_exact(transaction.connection)


def test_indexing_in_one_go_equals_indexing_one_by_one(places: Places) -> None:
    """An import indexes in batches what was added decision by decision."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        made = [a_decision(transaction, f"kafka matter{n % 7}", ref=str(n)) for n in range(20)]
        before = scores(matched(transaction.connection, made[0].repository_id, "kafka", "matter3"))
        index_decisions(transaction, made)
        assert_statistics_are_exact(transaction.connection)
        reindex(transaction)
        assert_statistics_are_exact(transaction.connection)
        after = scores(matched(transaction.connection, made[0].repository_id, "kafka", "matter3"))
        index_decisions(transaction, [])
    assert before == after


def scores(found: Iterable[TextMatch]) -> list[tuple[str, float]]:
    return [(each.decision_id, each.score) for each in found]


def test_scores_are_those_of_the_formula(places: Places) -> None:
    """Checked by hand once: BM25 with k1 1.2, b 0.6, titles three times."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision: Decision = a_decision(transaction, "kafka", description="outbox kafka ledger")
        a_decision(transaction, "alpha beta")
        (found,) = matched(transaction.connection, decision.repository_id, "kafka")
    # So small a ledger is counted as one of fifty decisions.
    weight = math.log(1 + (50 - 1 + 0.5) / (1 + 0.5))
    frequency, ratio = 3 * 1 + 1, 4 / 3
    norm = 1.2 * (1 - 0.6 + 0.6 * ratio)
    assert found.score == pytest.approx(weight * frequency * 2.2 / (frequency + norm))
