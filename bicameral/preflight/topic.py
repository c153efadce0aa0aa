"""The topic channel: which decisions a topic is about, behind a gate that prefers silence.

A decision passes when it shares enough of what is rare in the topic. Common words never
pass by themselves, whatever the ledger's size: a small ledger cannot know by counting.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bicameral.ledger.terms import (
    Holders,
    Statistics,
    TermStatistics,
    read_holders,
    term_statistics,
    within_budget,
)
from bicameral.ledger.text import COMMON_STEMS, distinct_terms, terms_of, words_by_term
from bicameral.tracing import event, is_traced

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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the ledger holds about a topic, whatever the gate: read once, it serves many.

    `telling` are the words of the topic that could tell decisions apart, as far as the
    ledger knows them, rarest first; `total_weight` is the weight of all of them, known or
    not; `holders` are the decisions that hold any of the words with `weights`.
    """

    telling: Sequence[TermStatistics]
    decision_count: int
    total_weight: float
    holders: Holders
    weights: Mapping[str, float]


NO_EVIDENCE = Evidence(telling=(), decision_count=0, total_weight=0.0, holders={}, weights={})


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision and the words that count of those it shares with a topic.

    `coverage` is their share of the topic's weight, `shares_title` whether one of them is
    in its title.
    """

    decision_id: str
    score: float
    coverage: float
    shared: tuple[str, ...]
    shares_title: bool


def is_generic(topic: str) -> bool:
    """Return whether a topic says nothing that could tell decisions apart."""
    return not (set(terms_of(topic)) - COMMON_STEMS)


def match_topic(
    connection: Connection, repository_id: str, topic: str, gate: Gate
) -> list[TopicMatch]:
    """Return the decisions a topic is about, best first; mostly none."""
    return pass_gate(read_evidence(connection, repository_id, topic, [gate]), topic, gate)


def pass_gate(evidence: Evidence, topic: str, gate: Gate) -> list[TopicMatch]:
    """Return what a gate lets through of what was read of a topic, told to any trace."""
    passed = decide(evidence, gate)
    _tell(evidence, gate, passed)
    words = words_by_term(topic) if passed else {}
    return [
        replace(each, words=tuple(dict.fromkeys(words[term] for term in each.words)))
        for each in passed
    ]


def _tell(evidence: Evidence, gate: Gate, passed: Sequence[TopicMatch]) -> None:
    """Tell a trace how near the topic came to each bar; works only where there is one."""
    if not is_traced():
        return
    weighed = weigh(evidence, gate)
    event(
        "preflight",
        "gate",
        "topic",
        decisions=evidence.decision_count,
        telling_words=len(evidence.telling),
        rare_words=sum(is_rare(e, evidence.decision_count, gate) for e in evidence.telling),
        matched=len(weighed),
        best_coverage=round(max((each.coverage for each in weighed), default=0.0), 4),
        needed_coverage=gate.coverage,
        passed=len(passed),
    )


def read_evidence(
    connection: Connection, repository_id: str, topic: str, gates: Iterable[Gate]
) -> Evidence:
    """Read what any of these gates needs to decide about a topic, in two questions at most.

    The decisions that hold its words are not asked for where none of the gates would count
    a word of it.
    """
    asked = distinct_terms(topic, most=MOST_TOPIC_TERMS)
    if COMMON_STEMS.issuperset(asked):
        return NO_EVIDENCE
    statistics = term_statistics(connection, repository_id, asked)
    read = terms_to_read(statistics, gates)
    if not read:
        return NO_EVIDENCE
    held = read_holders(connection, read, mean_length=statistics.mean_length)
    return evidence_of(asked, statistics, held, read)


def terms_to_read(statistics: Statistics, gates: Iterable[Gate]) -> list[TermStatistics]:
    """Return of which terms of a topic the holders have to be read; none if no gate counts one."""
    telling = [each for each in statistics.terms if each.term not in COMMON_STEMS]
    count = statistics.decision_count
    if not any(is_rare(each, count, gate) for gate in gates for each in telling):
        return []
    few = (each for each in statistics.terms if each.document_count <= MOST_HOLDERS)
    return within_budget(few, most_postings=MOST_POSTINGS)


def evidence_of(
    asked: Sequence[str], statistics: Statistics, holders: Holders, read: Iterable[TermStatistics]
) -> Evidence:
    """Put together what was read about a topic of these terms; other words may be held too."""
    telling = tuple(each for each in statistics.terms if each.term not in COMMON_STEMS)
    unknown = len([term for term in asked if term not in COMMON_STEMS]) - len(telling)
    return Evidence(
        telling=telling,
        decision_count=statistics.decision_count,
        total_weight=sum(each.weight for each in telling) + unknown * statistics.unknown_weight,
        holders=holders,
        weights={each.term: each.weight for each in read},
    )


def decide(evidence: Evidence, gate: Gate) -> list[TopicMatch]:
    """Return what a gate lets through of what was read; pure, so that it can be calibrated.

    The matches' words are terms here.
    """
    least = min(gate.coverage, gate.lone_coverage)
    return choose(weigh(evidence, gate, least=least), gate)


def weigh(evidence: Evidence, gate: Gate, *, least: float = 0.0) -> list[Weighed]:
    """Weigh decisions by the words that count, best score first, with at least this coverage.

    The gate's `commonest` and `always_rare` say which words count.
    """
    count, weights = evidence.decision_count, evidence.weights
    rare = sorted(e.term for e in evidence.telling if e.term in weights and is_rare(e, count, gate))
    weighed = []
    for decision_id, held in evidence.holders.items():
        # In one order, or two runs could differ in the last bit.
        shared = [term for term in rare if term in held]
        if not shared:
            continue
        coverage = sum([weights[term] for term in shared]) / evidence.total_weight
        if coverage >= least:
            score = math.fsum(held[term][0] for term in held if term in weights)
            in_title = any(held[term][1] for term in shared)
            weighed.append(Weighed(decision_id, score, coverage, tuple(shared), in_title))
    return sorted(weighed, key=lambda each: (-each.score, each.decision_id))


def choose(weighed: Iterable[Weighed], gate: Gate) -> list[TopicMatch]:
    """Keep the matches that share enough of the topic, by the other four numbers of a gate."""
    passed = [each for each in weighed if shares_enough(each, gate)]
    least = gate.of_best * max((each.score for each in passed), default=0.0)
    return [
        TopicMatch(each.decision_id, confidence_of(each.coverage), each.shared)
        for each in passed
        if each.score >= least
    ][: gate.most]


def shares_enough(each: Weighed, gate: Gate) -> bool:
    """Return whether what a decision shares with a topic is enough of it."""
    if len(each.shared) == 1:
        return each.shares_title and each.coverage >= gate.lone_coverage
    return each.coverage >= gate.coverage


def is_rare(each: TermStatistics, decision_count: int, gate: Gate) -> bool:
    """Return whether few enough decisions hold a word for it to tell them apart."""
    few = max(gate.always_rare, gate.commonest * decision_count)
    return each.document_count <= min(MOST_HOLDERS, few)


def confidence_of(coverage: float) -> float:
    """Return the confidence of a topic match: below that of any binding (0.9)."""
    return round(min(0.8, 0.4 + 0.5 * coverage), 2)
