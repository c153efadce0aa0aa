"""The topic channel: one reading of the ledger serves any gate, and the rule is what it was."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import SignOff
from bicameral.ledger.repositories import find_repository
from bicameral.ledger.terms import (
    TermStatistics,
    match_terms,
    term_statistics,
    within_budget,
)
from bicameral.ledger.text import COMMON_STEMS, distinct_terms, words_by_term
from bicameral.preflight.topic import (
    MOST_HOLDERS,
    MOST_POSTINGS,
    MOST_TOPIC_TERMS,
    Evidence,
    Gate,
    TopicMatch,
    confidence_of,
    decide,
    is_rare,
    match_topic,
    read_evidence,
)
from tests.conftest import environment_at
from tests.ledger.parts import ACTOR, KEYS, a_decision

WORDS = (
    "invoice ledger cursor retry gateway webhook tenant quota shard replica kafka vault "
    "service update test customer error handler PaymentGateway retry_policy"
).split()
SIGNOFFS: tuple[SignOff, ...] = ("ratified", "ratified", "proposed", "rejected", "superseded")

gates = st.builds(
    Gate,
    coverage=st.sampled_from([0.0, 0.3, 0.5, 0.6, 0.9, 1.0]),
    lone_coverage=st.sampled_from([0.0, 0.3, 0.6, 1.0]),
    commonest=st.sampled_from([0.0, 0.05, 0.2, 1.0]),
    always_rare=st.sampled_from([0, 1, 5, 200]),
    of_best=st.sampled_from([0.0, 0.4, 0.6, 1.0]),
    most=st.integers(1, 6),
)
topics = st.lists(st.sampled_from([*WORDS, "unheard", "elsewhere"]), max_size=9).map(" ".join)


def rule_in_one_piece(
    connection: Connection, repository_id: str, topic: str, gate: Gate
) -> list[TopicMatch]:
    """Decide about a topic while reading; the rule as it was before the two were parted."""
    asked = distinct_terms(topic, most=MOST_TOPIC_TERMS)
    if COMMON_STEMS.issuperset(asked):
        return []
    statistics = term_statistics(connection, repository_id, asked)
    telling = [each for each in statistics.terms if each.term not in COMMON_STEMS]
    rare = {e.term for e in telling if is_rare(e, statistics.decision_count, gate)}
    if not rare:
        return []
    read = within_budget(
        (each for each in statistics.terms if each.document_count <= MOST_HOLDERS),
        most_postings=MOST_POSTINGS,
    )
    matches = match_terms(connection, read, mean_length=statistics.mean_length)
    unknown = len([term for term in asked if term not in COMMON_STEMS]) - len(telling)
    total = sum(each.weight for each in telling) + unknown * statistics.unknown_weight
    passed = []
    for match in matches:
        shared = rare & match.matched.keys()
        # In one order: at a gate of 1.0 the last bit of the sum decides.
        coverage = sum(match.matched[term] for term in sorted(shared)) / total
        lone = len(shared) == 1
        needed = gate.lone_coverage if lone else gate.coverage
        if shared and coverage >= needed and not (lone and not shared & match.in_title):
            passed.append((match, coverage, sorted(shared)))
    best = max((match.score for match, _, _ in passed), default=0.0)
    words = words_by_term(topic)
    return [
        TopicMatch(
            match.decision_id,
            confidence_of(coverage),
            tuple(dict.fromkeys(words[term] for term in shared)),
        )
        for match, coverage, shared in passed
        if match.score >= gate.of_best * best
    ][: gate.most]


@contextmanager
def a_ledger(fill: Callable[[Ledger], None]) -> Iterator[tuple[Connection, str]]:
    """Open a fresh real ledger, filled; yield a connection and the repository."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(environment_at(Path(folder)))
        try:
            fill(ledger)
            with ledger.reading() as connection:
                yield connection, find_repository(connection, KEYS) or ""
        finally:
            ledger.close()


def a_random_ledger(seed: int) -> Callable[[Ledger], None]:
    random = Random(seed)

    def fill(ledger: Ledger) -> None:
        with ledger.writing(ACTOR) as transaction:
            for number in range(random.randint(1, 40)):
                a_decision(
                    transaction,
                    title=" ".join(random.choices(WORDS, k=random.randint(1, 4))),
                    ref=str(number),
                    description=" ".join(random.choices(WORDS, k=random.randint(0, 8))),
                    signoff=random.choice(SIGNOFFS),
                )

    return fill


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    """Collect the statements that are run meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


@given(
    seed=st.integers(0, 2**32), asked=st.lists(st.tuples(topics, gates), min_size=5, max_size=25)
)
@settings(max_examples=40, deadline=None)
def test_the_parted_rule_answers_as_the_one_in_one_piece(
    seed: int, asked: list[tuple[str, Gate]]
) -> None:
    """Same decisions, same order, same confidence and words, and not one question more."""
    with a_ledger(a_random_ledger(seed)) as (connection, repository_id):
        for topic, gate in asked:
            with counted(connection) as before:
                expected = rule_in_one_piece(connection, repository_id, topic, gate)
            with counted(connection) as after:
                found = match_topic(connection, repository_id, topic, gate)
            assert found == expected
            assert after == before


@given(seed=st.integers(0, 2**32), topic=topics, several=st.lists(gates, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_one_reading_serves_every_gate_it_was_made_for(
    seed: int, topic: str, several: list[Gate]
) -> None:
    """Calibration reads once and tries thousands."""
    with a_ledger(a_random_ledger(seed)) as (connection, repository_id):
        evidence = read_evidence(connection, repository_id, topic, several)
        for gate in several:
            alone = match_topic(connection, repository_id, topic, gate)
            shown = [(each.decision_id, each.confidence) for each in decide(evidence, gate)]
            assert shown == [(each.decision_id, each.confidence) for each in alone]


def test_nothing_is_read_of_decisions_where_no_gate_would_count_a_word() -> None:
    """A word that half the ledger holds must not cost a second question."""

    def fill(ledger: Ledger) -> None:
        with ledger.writing(ACTOR) as transaction:
            for number in range(30):
                a_decision(transaction, f"invoice number{'x' * number}", ref=str(number))

    with a_ledger(fill) as (connection, repository_id), counted(connection) as statements:
        evidence = read_evidence(connection, repository_id, "invoice", [Gate()])
    assert evidence.holders == {}
    assert decide(evidence, Gate()) == []
    assert len(statements) == 1


@pytest.mark.parametrize("topic", ["", "update the service", "of the"])
def test_a_topic_of_common_words_asks_nothing(topic: str) -> None:
    """It could tell no decisions apart, so it is not worth a look."""
    with a_ledger(a_random_ledger(1)) as (connection, repository_id), counted(connection) as asked:
        assert match_topic(connection, repository_id, topic, Gate()) == []
    assert asked == []


def test_a_lone_word_counts_only_in_a_title() -> None:
    """One shared word is little, and less in passing."""
    held = {"dec_1": {"invoic": (3.0, False)}}
    known = Evidence((), decision_count=10, total_weight=1.0, holders=held, weights={"invoic": 1.0})
    term = TermStatistics("invoic", 1, 1, 1.0)
    in_body = replace(known, telling=(term,))
    in_title = replace(in_body, holders={"dec_1": {"invoic": (3.0, True)}})
    assert decide(known, Gate()) == []
    assert decide(in_body, Gate()) == []
    assert [each.decision_id for each in decide(in_title, Gate())] == ["dec_1"]
