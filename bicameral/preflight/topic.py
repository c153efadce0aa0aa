"""The topic channel: which decisions a topic is about, behind a gate that prefers silence.

A decision passes when it shares enough of what is rare in the topic. Common words never
pass by themselves, whatever the ledger's size: a small ledger cannot know by counting.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bicameral.ledger.terms import (
    TermStatistics,
    TextMatch,
    match_terms,
    term_statistics,
    within_budget,
)
from bicameral.ledger.text import COMMON_STEMS, distinct_terms, terms_of, words_by_term

MOST_TOPIC_TERMS = 200
# What keeps the cost of a question the same at a hundred decisions and at a hundred thousand.
MOST_HOLDERS = 200
MOST_POSTINGS = 250


@dataclass(frozen=True, slots=True)
class Gate:
    """When a topic match is worth showing. Shares are between 0 and 1.

    `coverage`: the least share of the topic's weight that a decision must hold.
    `lone_coverage`: the same where only one word is shared, which must be in the title.
    `commonest`: the largest share of decisions that may hold a word that counts; in a small
    ledger `always_rare` decisions may hold it whatever their share.
    `of_best`: the least share of the best score. `most`: the largest number of matches.
    """

    coverage: float = 0.60
    lone_coverage: float = 0.60
    commonest: float = 0.20
    always_rare: int = 5
    of_best: float = 0.60
    most: int = 3


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """A decision the topic is about: its confidence (0 to 1) and the shared words."""

    decision_id: str
    confidence: float
    words: tuple[str, ...]


def is_generic(topic: str) -> bool:
    """Return whether a topic says nothing that could tell decisions apart."""
    return not (set(terms_of(topic)) - COMMON_STEMS)


def match_topic(
    connection: Connection, repository_id: str, topic: str, gate: Gate
) -> list[TopicMatch]:
    """Return the decisions a topic is about, best first; mostly none."""
    asked = distinct_terms(topic, most=MOST_TOPIC_TERMS)
    if COMMON_STEMS.issuperset(asked):
        return []
    statistics = term_statistics(connection, repository_id, asked)
    telling = [each for each in statistics.terms if each.term not in COMMON_STEMS]
    rare = [each for each in telling if is_rare(each, statistics.decision_count, gate)]
    if not rare:
        return []
    read = within_budget(
        (each for each in statistics.terms if each.document_count <= MOST_HOLDERS),
        most_postings=MOST_POSTINGS,
    )
    matches = match_terms(connection, read, mean_length=statistics.mean_length)
    unknown = len([term for term in asked if term not in COMMON_STEMS]) - len(telling)
    total = sum(each.weight for each in telling) + unknown * statistics.unknown_weight
    passed = pass_gate(matches, {each.term for each in rare}, total_weight=total, gate=gate)
    words = words_by_term(topic)
    return [
        replace(each, words=tuple(dict.fromkeys(words[term] for term in each.words)))
        for each in passed
    ]


def is_rare(each: TermStatistics, decision_count: int, gate: Gate) -> bool:
    """Return whether few enough decisions hold a word for it to tell them apart."""
    few = max(gate.always_rare, gate.commonest * decision_count)
    return each.document_count <= min(MOST_HOLDERS, few)


def pass_gate(
    matches: Sequence[TextMatch], rare: Iterable[str], *, total_weight: float, gate: Gate
) -> list[TopicMatch]:
    """Keep the matches that share enough of the topic; pure, so that it can be calibrated."""
    rare = set(rare)
    passed = []
    for match in matches:
        shared = rare & match.matched.keys()
        coverage = sum(match.matched[term] for term in shared) / total_weight
        lone = len(shared) == 1
        needed = gate.lone_coverage if lone else gate.coverage
        if not shared or coverage < needed or (lone and not shared & match.in_title):
            continue
        passed.append((match, coverage, tuple(sorted(shared))))
    if not passed:
        return []
    best = max(match.score for match, _, _ in passed)
    return [
        TopicMatch(match.decision_id, confidence_of(coverage), words)
        for match, coverage, words in passed
        if match.score >= gate.of_best * best
    ][: gate.most]


def confidence_of(coverage: float) -> float:
    """Return the confidence of a topic match: below that of any binding (0.9)."""
    return round(min(0.8, 0.4 + 0.5 * coverage), 2)
