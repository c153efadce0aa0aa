"""Collisions: a new decision about what a standing one already settles.

Judged by titles alone and on purpose narrowly: a false alarm makes a person wait.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import Decision
from bicameral.ledger.terms import match_terms, term_statistics, within_budget
from bicameral.ledger.text import COMMON_STEMS, terms_of

SAME_SUBJECT = 0.7
SAME_SUBJECT_IN_GROUP = 0.5
FEWEST_TELLING_WORDS = 1
_STANDING = frozenset({"proposed", "ratified", "collision_pending", "context_pending"})


def find_collision(
    connection: Connection, decision: Decision, *, unrelated_to: Iterable[str] = ()
) -> Decision | None:
    """Return the standing decision that a new one collides with most, or None.

    `unrelated_to` are ids it cannot collide with: those it supersedes, or its own batch's kin.
    """
    words = frozenset(terms_of(decision.content.title))
    telling = words - COMMON_STEMS
    if len(telling) < FEWEST_TELLING_WORDS:
        return None
    statistics = term_statistics(connection, decision.repository_id, words)
    matches = match_terms(
        connection, within_budget(statistics.terms), mean_length=statistics.mean_length
    )
    ids = [match.decision_id for match in matches if match.in_title][:50]
    excluded = {decision.id, *unrelated_to}
    others = [
        other
        for other in get_decisions(connection, ids).values()
        if other.id not in excluded and other.signoff in _STANDING
    ]
    scored = [(likeness(words, other), other) for other in others if collides(decision, other)]
    return max(scored, key=lambda each: (each[0], each[1].id), default=(0, None))[1]


def collides(decision: Decision, other: Decision) -> bool:
    """Return whether two titles speak of one subject closely enough to ask a person."""
    words = frozenset(terms_of(decision.content.title))
    group = decision.content.feature_group
    in_group = bool(group) and group == other.content.feature_group
    return likeness(words, other) >= (SAME_SUBJECT_IN_GROUP if in_group else SAME_SUBJECT)


def likeness(words: frozenset[str], other: Decision) -> float:
    """Return the Jaccard index of two titles' words, between 0 and 1."""
    theirs = frozenset(terms_of(other.content.title))
    return len(words & theirs) / max(1, len(words | theirs))
