"""A person's own labels as cases: reviewed rows whose topic was captured, asked of the ledger.

The ledger is only read, and as it stands now: a label speaks of a decision as long as it
stands, and of a topic as the gate would meet it today.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from bicameral.ledger.bindings import decisions_on
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import Decision, View
from bicameral.preflight.preflight import MOST_CANDIDATES
from bicameral.preflight.topic import read_evidence
from bicameral.review.calibration.cases import (
    Case,
    Collected,
    Reason,
    kinship,
)
from bicameral.review.calibration.trials import Trials, shown_by
from bicameral.review.triage.queue import Suspect, read_reviews, standing_label

NOT_STANDING = frozenset({"rejected", "superseded"})


@dataclass(frozen=True, slots=True)
class Said:
    """The decisions that a label calls wanted, and those that it calls unwanted."""

    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OwnLedger:
    """The ledger to ask, read-only; `view_of` says how a repository is seen from here."""

    connection: Connection
    view_of: Callable[[str], View]


def collect_own(
    home: Path, ledger: OwnLedger, trials: Trials, *, promoted: Container[str | None]
) -> Collected:
    """Return the cases among the labelled rows of a home.

    `promoted` are the ids of the data sets' rows at hand. Raises `OSError` when a file of
    the home cannot be read.
    """
    found = Collected()
    for suspect in read_reviews(home, keep=lambda _head: False):
        if reason := _why_left_out(suspect, promoted):
            found.left_out[reason] += 1
        elif standing_label(suspect):
            _collect(suspect, ledger, trials, found)
    return found


def said_by(suspect: Suspect) -> Said:
    """Return what the label that stands says of decisions."""
    row = suspect.row
    match standing_label(suspect):
        case "real_miss":
            return Said(wanted=frozenset(row.missed_ids))
        case "real_false_fire":
            return Said(unwanted=frozenset(row.unused_ids))
        case "not_a_failure":
            return Said(wanted=frozenset(row.surfaced_ids))
        case _:
            return Said()


def _why_left_out(suspect: Suspect, promoted: Container[str | None]) -> Reason | None:
    label = standing_label(suspect)
    if label is None:
        return None
    if suspect.promoted is not None and suspect.promoted.eval_row_id in promoted:
        return "promoted"
    if said_by(suspect) == Said():
        return "borderline" if label == "borderline" else "names no decision"
    return "hashed" if suspect.row.topic is None else None


def _collect(suspect: Suspect, ledger: OwnLedger, trials: Trials, found: Collected) -> None:
    row, said = suspect.row, said_by(suspect)
    topic = row.topic or ""
    standing = _standing(ledger.connection, said)
    if not standing:
        found.left_out["not standing"] += 1
        return
    repository_id = next(iter(standing.values())).repository_id
    shown = shown_by(
        read_evidence(ledger.connection, repository_id, topic, trials.counting), trials
    )
    by_path = _bound(ledger, repository_id, row.file_paths or [])
    free = frozenset(standing) - by_path
    reach = free & frozenset[str]().union(*shown)
    found.out_of_reach += len(said.wanted & (free - reach))
    if not reach:
        is_bound = not by_path.isdisjoint(standing)
        found.left_out["bound to the paths" if is_bound else "out of reach"] += 1
        return
    found.cases.append(
        Case(
            key=f"own {row.id}",
            id=row.id,
            is_own=True,
            topic="",  # plain text that was captured is shown to nobody who did not ask
            shown=shown,
            wanted=reach & said.wanted,
            unwanted=reach & said.unwanted,
            kin=kinship(topic, map(_texts_of, standing.values())),
            titles={key: standing[key].content.title for key in reach},
        )
    )


def _standing(connection: Connection, said: Said) -> Mapping[str, Decision]:
    found = get_decisions(connection, sorted(said.wanted | said.unwanted))
    return {key: each for key, each in found.items() if each.signoff not in NOT_STANDING}


def _bound(ledger: OwnLedger, repository_id: str, paths: Sequence[str]) -> frozenset[str]:
    view = ledger.view_of(repository_id)
    on_paths = decisions_on(ledger.connection, view, paths, most=MOST_CANDIDATES)
    return frozenset(each for ids in on_paths.values() for each in ids)


def _texts_of(decision: Decision) -> tuple[str, ...]:
    content = decision.content
    return content.title, content.description, content.rationale, content.feature_group
