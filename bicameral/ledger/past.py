"""The ledger's past: what was known of a decision at an earlier moment, and who was bound where.

Sign-offs and bindings are folded from the audit; where a decision was brought in without one,
what stands now is taken for all its past, and its timeline says so. On which branch a
binding was removed is not asked: whoever was rightly shown nothing has missed nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from sqlalchemy import Connection, bindparam, select, text, union

from bicameral.ledger.batches import in_batches
from bicameral.ledger.columns import MOST_KEY_BYTES, why_unstorable
from bicameral.ledger.domain import MAIN, SignOff
from bicameral.ledger.places import unindexed_repository
from bicameral.ledger.schema import (
    audit,
    binding_removals,
    bindings,
    bypasses,
    decisions,
    questions,
    region_states,
    regions,
    repositories,
)
from bicameral.ledger.timeline import Bound, Timeline

Span = tuple[int, int | None]
Move = tuple[int, str, bool]

_IDS: Any = bindparam("ids", expanding=True)
_ACTIONS = (
    "decision_added",
    "binding_added",
    "binding_removed",
    *(f"signoff_{each}" for each in get_args(SignOff)),
)
_DECISIONS = select(
    decisions.c.id, decisions.c.repository_id, decisions.c.created_at, decisions.c.signoff
).where(decisions.c.id.in_(_IDS))
_AUDIT = (
    select(audit.c.subject, audit.c.at, audit.c.action, audit.c.before, audit.c.after)
    .where(audit.c.subject.in_(_IDS), audit.c.action.in_(_ACTIONS))
    .order_by(audit.c.subject, audit.c.number)
)
_BINDINGS = (
    select(bindings.c.decision_id, regions.c.id, regions.c.path, bindings.c.created_at)
    .join(regions, regions.c.id == bindings.c.region_id)
    .where(bindings.c.decision_id.in_(_IDS))
    .order_by(bindings.c.decision_id, regions.c.path, regions.c.id)
)
_REMOVALS = (
    select(
        binding_removals.c.decision_id,
        binding_removals.c.region_id,
        binding_removals.c.created_at,
    )
    .where(binding_removals.c.decision_id.in_(_IDS))
    .order_by(binding_removals.c.created_at.desc())
)
_QUESTIONS = (
    select(questions.c.decision_id, questions.c.created_at, questions.c.answered_at)
    .where(questions.c.decision_id.in_(_IDS))
    .order_by(questions.c.id)
)
# A collision names two decisions, and whoever is shown the question is told of both.
_COLLISIONS = (
    select(questions.c.other_decision_id, questions.c.created_at, questions.c.answered_at)
    .where(
        questions.c.repository_id.in_(bindparam("repositories", expanding=True)),
        questions.c.other_decision_id.in_(_IDS),
    )
    .order_by(questions.c.id)
)
_BYPASSES = (
    select(bypasses.c.decision_id, bypasses.c.created_at)
    .where(bypasses.c.decision_id.in_(_IDS))
    .order_by(bypasses.c.created_at)
)
_EVER_BOUND = union(
    select(regions.c.path, bindings.c.decision_id)
    .join(bindings, bindings.c.region_id == regions.c.id)
    .where(
        regions.c.repository_id == bindparam("repository"),
        regions.c.path.in_(bindparam("paths", expanding=True)),
    ),
    select(region_states.c.path, bindings.c.decision_id)
    .join(regions, regions.c.id == region_states.c.region_id)
    .join(bindings, bindings.c.region_id == regions.c.id)
    .where(
        unindexed_repository == bindparam("repository"),
        region_states.c.path.in_(bindparam("paths", expanding=True)),
        text("region_states.path <> ''"),
    ),
).order_by("path", "decision_id")
_MOVES = (
    select(audit.c.subject, audit.c.at, audit.c.after)
    .where(
        audit.c.subject.in_(bindparam("regions", expanding=True)),
        audit.c.action == "region_moved",
    )
    .order_by(audit.c.subject, audit.c.number)
)


def timelines(connection: Connection, decision_ids: Iterable[str]) -> dict[str, Timeline]:
    """Return the past of each of these decisions; ids that the ledger does not know are left out.

    Nine indexed queries for every five hundred decisions, whatever the ledger's size; one
    of them reads the questions of a repository.
    """
    found: dict[str, Timeline] = {}
    for batch in in_batches(each for each in decision_ids if _is_storable(each)):
        found |= _timelines(connection, batch)
    return found


def ever_bound(
    connection: Connection, repository_id: str, paths: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return, per path, the ids of the decisions that are or once were bound to code in it."""
    found: dict[str, list[str]] = {}
    for batch in in_batches(paths):
        asked = {"repository": repository_id, "paths": batch}
        for path, decision_id in connection.execute(_EVER_BOUND, asked):
            found.setdefault(path, []).append(decision_id)
    return {path: tuple(ids) for path, ids in found.items()}


def only_repository(connection: Connection) -> str | None:
    """Return the id of the ledger's repository if it knows just one."""
    known = connection.scalars(select(repositories.c.id).limit(2)).all()
    return known[0] if len(known) == 1 else None


def _is_storable(decision_id: str) -> bool:
    """Tell whether a column can hold the id; one that no column holds is nobody's."""
    return why_unstorable(decision_id, most_bytes=MOST_KEY_BYTES) is None


def _timelines(connection: Connection, ids: Sequence[str]) -> dict[str, Timeline]:
    asked = {"ids": list(ids)}
    rows = connection.execute(_DECISIONS, asked).all()
    past = _grouped(connection.execute(_AUDIT, asked))
    bound = _grouped(connection.execute(_BINDINGS, asked))
    moves = _moves(connection, {row.id for rows in bound.values() for row in rows})
    removed = {
        (decision_id, region_id): at
        for decision_id, region_id, at in connection.execute(_REMOVALS, asked)
    }
    beside = {**asked, "repositories": sorted({row.repository_id for row in rows})}
    asked_of = _grouped(
        [*connection.execute(_QUESTIONS, asked), *connection.execute(_COLLISIONS, beside)]
    )
    waved = _grouped(connection.execute(_BYPASSES, asked))
    return {
        row.id: Timeline(
            decision_id=row.id,
            repository_id=row.repository_id,
            created_at=row.created_at,
            signoffs=_signoffs(past.get(row.id, ()), row.created_at, row.signoff),
            bindings=_bindings(past.get(row.id, ()), bound.get(row.id, ()), removed, moves),
            questions=tuple((each[1], each[2]) for each in asked_of.get(row.id, ())),
            bypasses=tuple(each[1] for each in waved.get(row.id, ())),
            is_audited=any(each.action == "decision_added" for each in past.get(row.id, ())),
        )
        for row in rows
    }


def _grouped(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Gather rows by their first column, in their order."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _signoffs(
    past: Iterable[Any], created_at: int, now: SignOff
) -> tuple[tuple[int, SignOff], ...]:
    """Fold the moves of the sign-off; without its first, the earliest known state goes back."""
    moves = [row for row in past if row.action.startswith(("decision_added", "signoff_"))]
    if not moves:
        return ((created_at, now),)
    folded = [(row.at, json.loads(row.after)["signoff"]) for row in moves]
    if moves[0].action != "decision_added":
        folded.insert(0, (created_at, json.loads(moves[0].before).get("signoff", now)))
    return tuple(folded)


def _bindings(
    past: Iterable[Any],
    bound: Iterable[Any],
    removed: Mapping[tuple[str, str], int],
    moves: Mapping[str, Sequence[Move]],
) -> tuple[Bound, ...]:
    """Fold the audit of the bindings; one that has no audit holds since it was stored."""
    spans = _spans(past)
    found: list[Bound] = []
    for decision_id, region_id, path, created_at in bound:
        of_region = spans.get(region_id) or [(created_at, removed.get((decision_id, region_id)))]
        for span in of_region:
            found += _places(path, span, moves.get(region_id, ()))
    return tuple(found)


def _moves(connection: Connection, region_ids: Iterable[str]) -> dict[str, list[Move]]:
    """Return when each region was found elsewhere, and in which file; "" is where it was bound."""
    found: dict[str, list[Move]] = {}
    for batch in in_batches(sorted(region_ids)):
        for region_id, at, after in connection.execute(_MOVES, {"regions": batch}):
            to = json.loads(after)
            found.setdefault(region_id, []).append((at, to["path"], to["branch"] == MAIN))
    return found


def _places(path: str, span: Span, moves: Sequence[Move]) -> Iterator[Bound]:
    """Yield where a region was while it was bound; a branch's move leaves it on main as well."""
    since, until = span
    here = path
    for at, to, is_on_main in moves:
        if until is not None and at >= until:
            break
        if not is_on_main:
            yield Bound(to or path, max(at, since), until)
            continue
        if at > since:
            yield Bound(here, since, at)
        since, here = max(at, since), to or path
    yield Bound(here, since, until)


def _spans(past: Iterable[Any]) -> dict[str, list[Span]]:
    """Return, per region, from when until when it was bound; what still holds ends with None."""
    found: dict[str, list[Span]] = {}
    for row in past:
        if row.action == "binding_added":
            spans = found.setdefault(json.loads(row.after)["region"], [])
            if not spans or spans[-1][1] is not None:
                spans.append((row.at, None))
        elif row.action == "binding_removed":
            spans = found.setdefault(json.loads(row.before)["region"], [])
            if not spans:  # bound before the audit began
                spans.append((0, row.at))
            elif spans[-1][1] is None:
                spans[-1] = (spans[-1][0], row.at)
    return found
