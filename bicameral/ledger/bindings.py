"""Bindings: which decision holds for which region, and how that region stands on a branch.

A binding is seen through a `View`: what was recorded on an unmerged branch counts there and
nowhere else.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from bicameral.ledger.domain import MAIN, Grounding, Origin, Region, RegionKind, RegionState, View
from bicameral.ledger.schema import binding_removals, bindings, region_states, regions, verdicts
from bicameral.ledger.transaction import Transaction

_STATE_COLUMNS = (
    "commit",
    "presence",
    "start_line",
    "end_line",
    "digest",
    "raw_digest",
    "backend",
    "capability",
    "fallback_reason",
)
_BATCH = 500


def ensure_region(
    transaction: Transaction, repository_id: str, path: str, kind: RegionKind, selector: str
) -> Region:
    """Return the region at this place, made if new."""
    place = {"repository_id": repository_id, "path": path, "kind": kind, "selector": selector}
    connection = transaction.connection
    known = connection.scalar(select(regions.c.id).filter_by(**place))
    region_id = known or transaction.new_id("reg")
    if known is None:
        connection.execute(insert(regions).values(id=region_id, **place))
    return Region(region_id, repository_id, path, kind, selector)


def set_state(transaction: Transaction, region: Region, state: RegionState) -> bool:
    """Record how a region stands on a branch. True if anything a reader sees changed."""
    connection = transaction.connection
    place = {"region_id": region.id, "branch": state.branch}
    before = connection.execute(select(region_states).filter_by(**place)).first()
    values = {name: getattr(state, name) for name in _STATE_COLUMNS}
    if before is None:
        connection.execute(insert(region_states).values(**place, **values, seen_at=transaction.at))
    else:
        connection.execute(
            update(region_states).filter_by(**place).values(**values, seen_at=transaction.at)
        )
    was = {name: before._mapping[name] for name in _STATE_COLUMNS} if before else {}
    seen = {name for name in _STATE_COLUMNS if name != "commit" and was.get(name) != values[name]}
    if seen:
        transaction.record("region_seen", region.id, before=was, after=place | values)
    return bool(seen)


def drop_branch(transaction: Transaction, view: View) -> None:
    """Forget what an unmerged branch showed of the regions, to read it anew."""
    own = select(regions.c.id).filter_by(repository_id=view.repository_id)
    transaction.connection.execute(
        delete(region_states).where(
            region_states.c.branch == view.branch, region_states.c.region_id.in_(own)
        )
    )


def add_binding(
    transaction: Transaction, decision_id: str, region: Region, origin: Origin, branch: str
) -> bool:
    """Bind a decision to a region; binding again revives a removed one. True if new."""
    connection = transaction.connection
    pair = {"decision_id": decision_id, "region_id": region.id}
    revived = connection.execute(
        delete(binding_removals)
        .filter_by(**pair)
        .where(binding_removals.c.branch.in_((MAIN, branch)))
    ).rowcount
    known = connection.scalar(select(bindings.c.origin).filter_by(**pair))
    if known is None:
        connection.execute(
            insert(bindings).values(**pair, origin=origin, created_at=transaction.at)
        )
    elif known == "inferred" and origin == "explicit":
        connection.execute(update(bindings).filter_by(**pair).values(origin=origin))
    elif not revived:
        return False
    transaction.record("binding_added", decision_id, after={"region": region.id, "origin": origin})
    return True


def remove_binding(transaction: Transaction, decision_id: str, region_id: str, branch: str) -> bool:
    """Hide a binding on a branch (everywhere for `MAIN`); it stays on record."""
    pair = {"decision_id": decision_id, "region_id": region_id, "branch": branch}
    connection = transaction.connection
    if connection.execute(select(binding_removals.c.branch).filter_by(**pair)).first():
        return False
    connection.execute(insert(binding_removals).values(**pair, created_at=transaction.at))
    transaction.record("binding_removed", decision_id, before={"region": region_id})
    return True


def bound_paths(connection: Connection, view: View) -> set[str]:
    """Return every path of the repository that some decision is bound to."""
    rows = connection.scalars(
        select(regions.c.path)
        .distinct()
        .join(bindings, bindings.c.region_id == regions.c.id)
        .where(regions.c.repository_id == view.repository_id)
    )
    return set(rows)


def regions_on(
    connection: Connection, view: View, paths: Iterable[str]
) -> list[tuple[Region, RegionState]]:
    """Return the bound regions on these paths, each as the view sees it."""
    wanted = list(paths)
    found: list[tuple[Region, RegionState]] = []
    for start in range(0, len(wanted), _BATCH):
        query = _states(view).where(
            regions.c.repository_id == view.repository_id,
            regions.c.path.in_(wanted[start : start + _BATCH]),
            exists().where(bindings.c.region_id == regions.c.id),
        )
        rows = connection.execute(query.order_by(regions.c.path, regions.c.id))
        found += [(_region(row), _state(row)) for row in _newest(rows, view)]
    return found


def decisions_on(
    connection: Connection, view: View, paths: Sequence[str], *, most: int
) -> dict[str, list[str]]:
    """Return the ids of the decisions bound on each path, at most `most` pairs in all."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(paths), _BATCH):
        query = (
            select(regions.c.path, bindings.c.decision_id)
            .distinct()
            .join(bindings, bindings.c.region_id == regions.c.id)
            .where(
                regions.c.repository_id == view.repository_id,
                regions.c.path.in_(paths[start : start + _BATCH]),
                _is_standing(view),
            )
            .order_by(bindings.c.decision_id, regions.c.path)
            .limit(most)
        )
        for path, decision_id in connection.execute(query):
            found.setdefault(path, []).append(decision_id)
    return found


def groundings_of(
    connection: Connection, view: View, decision_ids: Iterable[str]
) -> dict[str, list[Grounding]]:
    """Return every standing binding of these decisions, as the view sees it."""
    wanted = list(decision_ids)
    found: dict[str, list[Grounding]] = {each: [] for each in wanted}
    for start in range(0, len(wanted), _BATCH):
        query = (
            _states(view)
            .add_columns(bindings.c.decision_id, bindings.c.origin)
            .join(bindings, bindings.c.region_id == regions.c.id)
            .where(bindings.c.decision_id.in_(wanted[start : start + _BATCH]), _is_standing(view))
            .order_by(bindings.c.decision_id, regions.c.path, regions.c.id)
        )
        rows = list(_newest(connection.execute(query), view))
        judged = _judged(connection, view, {row.decision_id for row in rows})
        for row in rows:
            given = judged.get((row.decision_id, row.id), {})
            found[row.decision_id].append(
                Grounding(
                    decision_id=row.decision_id,
                    region=_region(row),
                    state=_state(row),
                    origin=row.origin,
                    verdict=given.get(row.digest),
                    was_compliant="compliant" in given.values(),
                )
            )
    return found


def _judged(
    connection: Connection, view: View, decision_ids: Iterable[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return, per decision and region, the verdict on each digest; the branch's own win."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    rows = connection.execute(
        select(verdicts.c.decision_id, verdicts.c.region_id, verdicts.c.digest, verdicts.c.verdict)
        .where(verdicts.c.decision_id.in_(list(decision_ids)), verdicts.c.branch.in_(view.branches))
        .order_by(verdicts.c.branch)
    )
    for decision_id, region_id, digest, verdict in rows:
        found.setdefault((decision_id, region_id), {})[digest] = verdict
    return found


def _states(view: View) -> Select[Any]:
    return (
        select(regions, region_states)
        .join(region_states, region_states.c.region_id == regions.c.id)
        .where(region_states.c.branch.in_(view.branches))
    )


def _is_standing(view: View) -> ColumnElement[bool]:
    removed = exists().where(
        and_(
            binding_removals.c.decision_id == bindings.c.decision_id,
            binding_removals.c.region_id == bindings.c.region_id,
            or_(*(binding_removals.c.branch == branch for branch in view.branches)),
        )
    )
    return ~removed


def _newest(rows: Iterable[Row[Any]], view: View) -> Iterable[Row[Any]]:
    """Keep one row per region and decision: the branch's own where it has one."""
    kept: dict[tuple[str, str | None], Row[Any]] = {}
    for row in rows:
        key = (row.id, row._mapping.get("decision_id"))
        if key not in kept or row.branch == view.branch:
            kept[key] = row
    return kept.values()


def _region(row: Row[Any]) -> Region:
    return Region(row.id, row.repository_id, row.path, row.kind, row.selector)


def _state(row: Row[Any]) -> RegionState:
    columns = row._mapping
    return RegionState(branch=row.branch, **{name: columns[name] for name in _STATE_COLUMNS})
