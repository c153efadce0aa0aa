"""One reading of the index for gate and signals alike, and the answers of the plain way."""

import math
from collections.abc import Mapping, Sequence
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bicameral.grounding.history.past import Words, breadth, past_of
from bicameral.grounding.history.store import Kept
from bicameral.grounding.history.words import words_of_paths
from bicameral.ledger.decisions import titles_of
from bicameral.ledger.terms import TextMatch, match_terms, term_statistics, within_budget
from bicameral.ledger.text import COMMON_STEMS, distinct_terms, terms_of
from bicameral.preflight import titles
from bicameral.preflight.reading import (
    MOST_HOLDERS,
    MOST_POSTINGS,
    MOST_TOPIC_TERMS,
    Around,
    Question,
    read_texts,
)
from bicameral.preflight.relevance import unusualness
from bicameral.preflight.signals import gather, gather_from
from bicameral.preflight.topic import Gate, match_topic, pass_gate
from tests.preflight.test_topic import WORDS, a_ledger, a_random_ledger, counted, gates, topics

PARTS = ("invoice", "retry", "src", "vault", "part1", "PaymentGateway", "tests")
COMMITS = 40

paths = st.lists(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map(
        lambda each: "/".join(each) + ".py"
    ),
    max_size=5,
    unique=True,
)
questions = st.builds(Question, topics, paths)
commonness = st.dictionaries(
    st.sampled_from([term for word in WORDS for term in terms_of(word)]),
    st.tuples(st.integers(0, COMMITS), st.integers(0, COMMITS)),
    max_size=9,
)


def around_of(words: Words) -> Around:
    """Surround a question by commits that cite nothing, among which words are so common."""
    past = past_of([], [Kept(1, "first", ("src/a.py",), frozenset())], commit_count=COMMITS)
    return Around(past, {}, lambda wanted: {word: words[word] for word in wanted if word in words})


def plain_signals(
    connection: Connection, repository_id: str, question: Question, words: Words
) -> Mapping[str, tuple[float, float, tuple[str, ...], float]]:
    """Score every decision by itself, in the words of the definition: text, places, title."""
    topic = distinct_terms(question.topic, most=MOST_TOPIC_TERMS)
    counts = words_of_paths(question.paths)
    shares = {word: math.sqrt(count / len(question.paths)) for word, count in counts.items()}

    def rarity(word: str, kind: int) -> float:
        seen, known = words.get(word, (0, 0))[kind], COMMITS + 20
        return max(0.0, math.log(known / (seen + 1)) / math.log(known))

    statistics = term_statistics(connection, repository_id, [*topic, *shares])
    few = [each for each in statistics.terms if each.document_count <= MOST_HOLDERS]
    read = within_budget(few, most_postings=MOST_POSTINGS, most_terms=MOST_TOPIC_TERMS)
    matches: Sequence[TextMatch] = ()
    if read:
        matches = match_terms(connection, read, mean_length=statistics.mean_length)
    found = {}
    for match in matches:
        scores = match.scores
        text = math.fsum(scores.get(term, 0.0) for term in topic)
        places = math.fsum(
            scores[word] * share * rarity(word, 1)
            for word, share in shares.items()
            if word in scores
        )
        shared = [term for term in topic if term in scores and term not in COMMON_STEMS]
        [title] = titles_of(connection, [match.decision_id]).values()
        whole = named = 0.0
        weights = term_statistics(connection, repository_id, terms_of(title)).terms
        by_term = {each.term: each.weight for each in weights}
        for word in sorted(set(terms_of(title))):
            whole += by_term[word] * rarity(word, 0)
            in_topic = rarity(word, 0) if word in topic else 0.0
            named += by_term[word] * max(in_topic, rarity(word, 1) * shares.get(word, 0.0))
        share = min(1.0, named / whole) if whole else 0.0
        ordered = tuple(sorted(shared, key=lambda term: -scores[term]))
        found[match.decision_id] = (text, places, ordered, share)
    return found


@given(
    seed=st.integers(0, 2**32),
    asked=st.lists(questions, min_size=3, max_size=9),
    words=commonness,
    most_kept=st.sampled_from([0, 3, 5_000]),
)
@settings(max_examples=40, deadline=None)
def test_signals_are_those_of_the_plain_way(
    seed: int, asked: Sequence[Question], words: Words, most_kept: int
) -> None:
    """What is made cheaper must not change one bit of what is shown."""
    around = around_of(words)
    with (
        patch.object(titles, "MOST_TITLES", most_kept),
        a_ledger(a_random_ledger(seed)) as (connection, repository_id),
    ):
        for question in asked:
            expected = plain_signals(connection, repository_id, question, words)
            for each in gather(connection, repository_id, question, around).signals:
                found = (each.text, each.places, each.words, each.title)
                assert found == expected[each.decision_id]


@given(
    seed=st.integers(0, 2**32), asked=st.lists(st.tuples(questions, gates), min_size=3, max_size=9)
)
@settings(max_examples=40, deadline=None)
def test_gate_and_signals_say_the_same_after_one_reading(
    seed: int, asked: Sequence[tuple[Question, Gate]]
) -> None:
    """Both asked the same index about the same words; now it is asked once for them."""
    with a_ledger(a_random_ledger(seed)) as (connection, repository_id):
        for question, gate in asked:
            around, another = around_of({}), around_of({})
            with counted(connection) as apart:
                passed = match_topic(connection, repository_id, question.topic, gate)
                gathered = gather(connection, repository_id, question, another)
            with counted(connection) as together:
                read = read_texts(connection, repository_id, question, around, [gate])
                found = gather_from(connection, repository_id, question, around, read)
            assert pass_gate(read.evidence, question.topic, gate) == passed
            assert found == gathered
            assert len(together) <= len(apart)
            assert len(together) <= 4


@given(value=st.integers(-2, 9), usual=st.lists(st.integers(-1, 8), max_size=30).map(sorted))
def test_counting_in_order_counts_the_same(value: int, usual: list[int]) -> None:
    """A sorted list need not be walked from end to end to say how much of it is below."""
    below = sum(each < value for each in usual) + sum(each == value for each in usual) / 2

    assert unusualness(value, usual) == (below + 0.5) / (len(usual) + 1)
    sizes = [size for size in usual if size > 0]
    recent = [Kept(n, "", _files(size), frozenset()) for n, size in enumerate(sizes)]
    if recent and value > 0:
        fewer = sum(size < value for size in sizes) + sizes.count(value) / 2
        past = past_of([], recent, commit_count=9)
        assert breadth(past, _files(value)) == fewer / len(sizes)


def _files(count: int) -> tuple[str, ...]:
    return tuple(f"src/{number}.py" for number in range(count))
