"""The text index: which decision holds which term, and how rare the term is.

A topic is matched by its rarest terms only, so the cost of a question follows the number of
decisions that hold a rare word and not the size of the ledger. Scores are BM25
(Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) over two fields.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from bicameral.ledger.domain import Decision
from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import decisions, postings, repositories, terms
from bicameral.ledger.text import terms_of
from bicameral.ledger.transaction import Transaction

TITLE_WEIGHT = 3.0
SATURATION = 1.2
LENGTH_INFLUENCE = 0.6
MOST_ASKED = 500
SMALLEST_COUNT = 50
MOST_TERMS = 24
MOST_POSTINGS = 4_000
_LARGEST_COUNT = 32_767
_BATCH = 5_000  # well under the number of parameters either database takes


@dataclass(frozen=True, slots=True)
class TermStatistics:
    """How a term stands in one repository's ledger. `weight` is its inverse frequency."""

    term: str
    number: int
    document_count: int
    weight: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """What one repository's ledger knows of some terms, rarest first.

    `unknown_weight` is what a term that no decision holds would weigh.
    """

    terms: Sequence[TermStatistics]
    decision_count: int
    mean_length: float
    unknown_weight: float


@dataclass(frozen=True, slots=True)
class TextMatch:
    """One decision that holds some of the asked terms."""

    decision_id: str
    score: float
    matched: Mapping[str, float]
    """The terms it holds, each with its weight."""
    in_title: frozenset[str]
    scores: Mapping[str, float]
    """What each of them adds to the score."""


Held = tuple[float, bool]
"""What a term adds to the score of a decision that holds it, and whether it is in its title."""
Holders = Mapping[str, Mapping[str, Held]]


def index_decisions(transaction: Transaction, changed: Sequence[Decision]) -> None:
    """Index (again) the texts of decisions of one repository; statistics stay exact.

    Decisions without any term are not counted: nothing of them can be found or be common.
    """
    if not changed:
        return
    connection, repository_id = transaction.connection, changed[0].repository_id
    _forget(connection, changed)
    counted = {each.number: _count(each) for each in changed}
    held = Counter(term for title, body in counted.values() for term in title.keys() | body.keys())
    numbers = _ensure_terms(connection, repository_id, sorted(held))
    rows = [
        {
            "term_number": numbers[term],
            "decision_number": decision_number,
            "in_title": min(title[term], _LARGEST_COUNT),
            "in_body": min(body[term], _LARGEST_COUNT),
        }
        for decision_number, (title, body) in counted.items()
        for term in sorted(title.keys() | body.keys())
    ]
    if rows:
        connection.execute(insert(postings), rows)
    _add_to_counts(connection, {numbers[term]: count for term, count in held.items()})
    lengths = {number: title.total() + body.total() for number, (title, body) in counted.items()}
    _set_lengths(connection, lengths)
    with_terms = sum(1 for length in lengths.values() if length)
    _add_to_repository(connection, repository_id, with_terms, sum(lengths.values()))


def _count(decision: Decision) -> tuple[Counter[str], Counter[str]]:
    content = decision.content
    return Counter(terms_of(content.title)), Counter(terms_of(content.body))


def _forget(connection: Connection, changed: Sequence[Decision]) -> None:
    own = [each.number for each in changed]
    held = connection.execute(
        select(postings.c.term_number, func.count())
        .where(postings.c.decision_number.in_(own))
        .group_by(postings.c.term_number)
    )
    counts = {number: -count for number, count in held}
    if not counts:
        return
    indexed = decisions.c.number.in_(
        select(postings.c.decision_number).where(postings.c.decision_number.in_(own))
    )
    count, length = connection.execute(
        select(func.count(), func.sum(decisions.c.text_length)).where(indexed)
    ).one()
    _add_to_repository(connection, changed[0].repository_id, -count, -length)
    connection.execute(delete(postings).where(postings.c.decision_number.in_(own)))
    _add_to_counts(connection, counts)


def _add_to_repository(
    connection: Connection, repository_id: str, documents: int, length: int
) -> None:
    connection.execute(
        update(repositories)
        .filter_by(id=repository_id)
        .values(
            decision_count=repositories.c.decision_count + documents,
            text_length=repositories.c.text_length + length,
        )
    )


def _add_to_counts(connection: Connection, changes: Mapping[int, int]) -> None:
    if changes:
        connection.execute(
            update(terms)
            .where(terms.c.number == bindparam("which"))
            .values(document_count=terms.c.document_count + bindparam("change")),
            [{"which": number, "change": change} for number, change in changes.items()],
        )


def _set_lengths(connection: Connection, lengths: Mapping[int, int]) -> None:
    connection.execute(
        update(decisions)
        .where(decisions.c.number == bindparam("which"))
        .values(text_length=bindparam("length")),
        [{"which": number, "length": length} for number, length in lengths.items()],
    )


def _ensure_terms(
    connection: Connection, repository_id: str, wanted: Sequence[str]
) -> dict[str, int]:
    known = _numbers(connection, repository_id, wanted)
    fresh = [term for term in wanted if term not in known]
    if fresh:
        rows = [{"repository_id": repository_id, "term": t, "document_count": 0} for t in fresh]
        connection.execute(insert(terms), rows)
        known |= _numbers(connection, repository_id, fresh)
    return known


def _numbers(connection: Connection, repository_id: str, wanted: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _BATCH):
        rows = connection.execute(
            select(terms.c.term, terms.c.number).where(
                terms.c.repository_id == repository_id,
                terms.c.term.in_(wanted[start : start + _BATCH]),
            )
        )
        found |= dict(rows.all())
    return found


_KNOWN = Prepared(
    select(
        terms.c.term,
        terms.c.number,
        terms.c.document_count,
        repositories.c.decision_count,
        repositories.c.text_length,
    )
    .join(repositories, repositories.c.id == terms.c.repository_id)
    .where(
        terms.c.repository_id == bindparam("repository"),
        terms.c.term.in_(bindparam("asked", expanding=True)),
    )
)


def term_statistics(
    connection: Connection, repository_id: str, wanted: Iterable[str]
) -> Statistics:
    """Return what is known of the first `MOST_ASKED` wanted terms.

    Empty for an unknown repository.
    """
    asked = list(islice(dict.fromkeys(wanted), MOST_ASKED))
    rows = _KNOWN.rows(connection, {"repository": repository_id, "asked": asked})
    # Each row repeats the repository's totals: one question less than asking for them first.
    count, length = (rows[0].decision_count, rows[0].text_length) if rows else (0, 0)
    found = [
        TermStatistics(row.term, row.number, held, inverse_frequency(held, count))
        for row in rows
        if (held := row.document_count)
    ]
    return Statistics(
        terms=sorted(found, key=lambda each: (each.document_count, each.term)),
        decision_count=count,
        mean_length=length / max(1, count),
        unknown_weight=inverse_frequency(0, count),
    )


def term_weights(
    connection: Connection, repository_id: str, wanted: Sequence[str]
) -> dict[str, float]:
    """Return what each of at most `MOST_ASKED` terms weighs that some decision holds."""
    if not wanted:
        return {}
    asked = {"repository": repository_id, "asked": wanted[:MOST_ASKED]}
    return {
        row.term: inverse_frequency(held, row.decision_count)
        for row in _KNOWN.rows(connection, asked)
        if (held := row.document_count)
    }


def inverse_frequency(held: int, count: int) -> float:
    """Return BM25's inverse document frequency, in its form that is never negative.

    A small ledger is counted as one of `SMALLEST_COUNT`: among five decisions, every word
    would look common.
    """
    count = max(count, SMALLEST_COUNT)
    return math.log(1 + (count - held + 0.5) / (held + 0.5))


def within_budget(
    statistics: Iterable[TermStatistics],
    *,
    most_postings: int = MOST_POSTINGS,
    most_terms: int = MOST_TERMS,
) -> list[TermStatistics]:
    """Keep the rarest terms, at most so many, whose postings stay within `most_postings`.

    The rarest is kept whatever it costs; `match_terms` bounds what it reads of a lone one.
    """
    kept: list[TermStatistics] = []
    budget = most_postings
    for each in statistics:
        budget -= each.document_count
        if kept and (budget < 0 or len(kept) == most_terms):
            break
        kept.append(each)
    return kept


def match_terms(
    connection: Connection,
    statistics: Iterable[TermStatistics],
    *,
    mean_length: float,
    standing_only: bool = True,
) -> list[TextMatch]:
    """Return the decisions that hold any of these terms, best score first.

    Of a lone term that is too common for the budget, only the newest decisions are looked at.
    """
    asked = list(statistics)
    held = read_holders(connection, asked, mean_length=mean_length, standing_only=standing_only)
    return matches_among(held, {each.term: each.weight for each in asked})


def read_holders(
    connection: Connection,
    statistics: Sequence[TermStatistics],
    *,
    mean_length: float,
    standing_only: bool = True,
) -> Holders:
    """Return, per decision that holds any of these terms, what each of them counts there."""
    by_number = {each.number: each for each in statistics}
    query = _holding(is_lone=len(by_number) == 1, standing_only=standing_only)
    found: dict[str, dict[str, Held]] = {}
    for decision_id, length, number, in_title, in_body in query.rows(
        connection, {"numbers": list(by_number)}
    ):
        each = by_number[number]
        ratio = length / mean_length if mean_length else 1.0
        score = each.weight * saturated(in_title, in_body, length_ratio=ratio)
        found.setdefault(decision_id, {})[each.term] = (score, in_title > 0)
    return found


def matches_among(holders: Holders, weights: Mapping[str, float]) -> list[TextMatch]:
    """Return the decisions among these that hold any of the weighed terms, best score first."""
    matches = [
        _match(decision_id, held, shared, weights)
        for decision_id, held in holders.items()
        if (shared := [term for term in held if term in weights])
    ]
    return sorted(matches, key=lambda match: (-match.score, match.decision_id))


def _match(
    decision_id: str,
    held: Mapping[str, Held],
    shared: Sequence[str],
    weights: Mapping[str, float],
) -> TextMatch:
    scores = {term: held[term][0] for term in shared}
    return TextMatch(
        decision_id,
        # fsum: equal whatever the order the database answers in.
        math.fsum(scores.values()),
        {term: weights[term] for term in shared},
        frozenset(term for term in shared if held[term][1]),
        scores,
    )


@cache
def _holding(*, is_lone: bool, standing_only: bool) -> Prepared:
    """Return the query for the decisions of at most `MOST_POSTINGS` postings of some terms."""
    wanted = postings.c.term_number.in_(bindparam("numbers", expanding=True))
    found = select(postings).where(wanted).limit(MOST_POSTINGS)
    if is_lone:
        # Newest first follows the primary key; with several terms it would mean a sort.
        found = found.order_by(postings.c.decision_number.desc())
    held = found.subquery()
    query = select(
        decisions.c.id,
        decisions.c.text_length,
        held.c.term_number,
        held.c.in_title,
        held.c.in_body,
    ).join(decisions, decisions.c.number == held.c.decision_number)
    if standing_only:
        query = query.where(decisions.c.signoff.not_in(("superseded", "rejected")))
    return Prepared(query)


def saturated(in_title: int, in_body: int, *, length_ratio: float) -> float:
    """Return how much a term counts in a decision: more often counts more, ever less so."""
    frequency = TITLE_WEIGHT * in_title + in_body
    norm = SATURATION * (1 - LENGTH_INFLUENCE + LENGTH_INFLUENCE * length_ratio)
    return frequency * (SATURATION + 1) / (frequency + norm)
