"""The topic channel: which decisions a topic is about, behind a gate that prefers silence.

A decision passes when it shares enough of what is rare in the topic. Common words never
pass by themselves, whatever the ledger's size: a small ledger cannot know by counting.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bicameral.ledger.terms import (
    Statistics,
    TermStatistics,
    TextMatch,
    match_terms,
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
    not; `matches` are the decisions that hold words of the topic, best score first.
    """

    telling: Sequence[TermStatistics]
    decision_count: int
    total_weight: float
    matches: Sequence[TextMatch]


NO_EVIDENCE = Evidence(telling=(), decision_count=0, total_weight=0.0, matches=())


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
    matches = match_terms(connection, read, mean_length=statistics.mean_length)
    return evidence_of(asked, statistics, matches)


def terms_to_read(statistics: Statistics, gates: Iterable[Gate]) -> list[TermStatistics]:
    """Return of which terms of a topic the holders have to be read; none if no gate counts one."""
    telling = [each for each in statistics.terms if each.term not in COMMON_STEMS]
    count = statistics.decision_count
    if not any(is_rare(each, count, gate) for gate in gates for each in telling):
        return []
    few = (each for each in statistics.terms if each.document_count <= MOST_HOLDERS)
    return within_budget(few, most_postings=MOST_POSTINGS)


def evidence_of(
    asked: Sequence[str], statistics: Statistics, matches: Iterable[TextMatch]
) -> Evidence:
    """Put together what was read about a topic of these terms."""
    telling = tuple(each for each in statistics.terms if each.term not in COMMON_STEMS)
    unknown = len([term for term in asked if term not in COMMON_STEMS]) - len(telling)
    return Evidence(
        telling=telling,
        decision_count=statistics.decision_count,
        total_weight=sum(each.weight for each in telling) + unknown * statistics.unknown_weight,
        matches=tuple(matches),
    )


def decide(evidence: Evidence, gate: Gate) -> list[TopicMatch]:
    """Return what a gate lets through of what was read; pure, so that it can be calibrated.

    The matches' words are terms here.
    """
    return choose(weigh(evidence, gate), gate)


def weigh(evidence: Evidence, gate: Gate) -> list[Weighed]:
    """Weigh the matches by the words that count: `commonest` and `always_rare` say which."""
    rare = {each.term for each in evidence.telling if is_rare(each, evidence.decision_count, gate)}
    return [
        Weighed(
            match.decision_id,
            match.score,
            # In one order, or two runs could differ in the last bit.
            sum(match.matched[term] for term in sorted(shared)) / evidence.total_weight,
            tuple(sorted(shared)),
            shares_title=not shared.isdisjoint(match.in_title),
        )
        for match in evidence.matches
        if (shared := rare & match.matched.keys())
    ]


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
