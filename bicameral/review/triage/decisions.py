"""The decisions behind a suspicion, read from the ledger as they stand now.

Read past the tools on purpose: looking at a decision here must not leave a row that the next
reconciliation takes for somebody's work.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection

from bicameral.environment import Environment
from bicameral.ledger.bindings import groundings_of
from bicameral.ledger.database import open_ledger
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import Decision, Grounding, SignOff, Status, View
from bicameral.ledger.status import decision_status

LONGEST_TEXT = 400
MOST_PLACES = 6


@dataclass(frozen=True, slots=True)
class DecisionText:
    """One decision as a person needs it to judge; `places` are `path::symbol`."""

    id: str
    title: str
    text: str
    signoff: SignOff
    status: Status
    feature_group: str
    places: tuple[str, ...]


def read_decisions(environment: Environment, ids: Iterable[str]) -> dict[str, DecisionText]:
    """Return the decisions with these ids as the main branch has them; those gone are left out.

    Raises `LedgerError`.
    """
    with closing(open_ledger(environment)) as ledger, ledger.reading() as connection:
        found = get_decisions(connection, ids)
        bound = _groundings(connection, found.values())
    return {each: _text(decision, bound[each]) for each, decision in found.items()}


def read_feature_groups(environment: Environment, ids: Iterable[str]) -> dict[str, str]:
    """Return the feature group of each decision; those gone are left out. Raises `LedgerError`."""
    with closing(open_ledger(environment)) as ledger, ledger.reading() as connection:
        found = get_decisions(connection, ids)
    return {each: decision.content.feature_group for each, decision in found.items()}


def _groundings(
    connection: Connection, decisions: Iterable[Decision]
) -> dict[str, list[Grounding]]:
    by_repository: dict[str, list[str]] = {}
    for each in decisions:
        by_repository.setdefault(each.repository_id, []).append(each.id)
    bound: dict[str, list[Grounding]] = {}
    for repository_id, ids in by_repository.items():
        bound |= groundings_of(connection, View(repository_id), ids)
    return bound


def _text(decision: Decision, bound: list[Grounding]) -> DecisionText:
    content = decision.content
    return DecisionText(
        id=decision.id,
        title=content.title,
        text=shorten(content.description or content.rationale, LONGEST_TEXT),
        signoff=decision.signoff,
        status=decision_status(bound),
        feature_group=content.feature_group,
        places=tuple(sorted(map(_place, bound))[:MOST_PLACES]),
    )


def _place(grounding: Grounding) -> str:
    region = grounding.region
    return f"{region.path}::{region.selector}" if region.selector else region.path


def shorten(text: str, longest: int) -> str:
    """Return a text in one paragraph, cut at a word where it is too long."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head, _, _ = text[:longest].rpartition(" ")
    return (head or text[:longest]) + " …"
