"""Bindings: which decision holds for which region, and how that region stands on a branch.

A binding is seen through a `View`: what was recorded on an unmerged branch counts there and
nowhere else.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    union,
    update,
)

from bicameral.ledger.batches import MOST_IN_A_STATEMENT, in_batches
from bicameral.ledger.columns import MOST_LONG_KEY_BYTES, why_unstorable
from bicameral.ledger.domain import (
    MAIN,
    UNCOMMITTED,
    Grounding,
    Origin,
    Region,
    RegionKind,
    RegionState,
    View,
)
from bicameral.ledger.places import (
    IDS_NEAR,
    STATE_COLUMNS,
    asked_of,
    region_of,
    unindexed_repository,
    where_bound,
    where_moved,
)
from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import binding_removals, bindings, region_states, regions, verdicts
from bicameral.ledger.states import state_of
from bicameral.ledger.transaction import Transaction

_SAY_COMPLIED = frozenset({"compliant", "drifted"})


_BRANCHES: BindParameter[Any] = bindparam("branches", expanding=True)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_IS_STANDING = ~exists().where(
    binding_removals.c.decision_id == bindings.c.decision_id,
    binding_removals.c.region_id == bindings.c.region_id,
    binding_removals.c.branch.in_(_BRANCHES),
)
_STATES = (
    select(regions, *STATE_COLUMNS)
    .join(region_states, region_states.c.region_id == regions.c.id)
    .where(region_states.c.branch.in_(_BRANCHES))
)
_DECISIONS_ON = Prepared(
    union(
        *(
            found(bindings.c.decision_id)
            .join(bindings, bindings.c.region_id == regions.c.id)
            .where(_IS_STANDING)
            for found in (where_bound, where_moved)
        )
    )
    .order_by("decision_id", "path")
    .limit(bindparam("most"))
)
_IS_NEAR = and_(
    regions.c.id.in_(IDS_NEAR),
    unindexed_repository == bindparam("repository"),
    exists().where(bindings.c.region_id == regions.c.id),
)
_STATES_NEAR = Prepared(_STATES.where(_IS_NEAR))
_REGIONS_NEAR = Prepared(select(regions).where(_IS_NEAR).order_by(regions.c.path, regions.c.id))
_GROUNDINGS = Prepared(
    _STATES.add_columns(bindings.c.decision_id, bindings.c.origin)
    .join(bindings, bindings.c.region_id == regions.c.id)
    .where(bindings.c.decision_id.in_(_IDS), _IS_STANDING)
    .order_by(bindings.c.decision_id, regions.c.path, regions.c.id)
)
_VERDICTS = Prepared(
    select(verdicts.c.decision_id, verdicts.c.region_id, verdicts.c.digest, verdicts.c.verdict)
    .where(verdicts.c.decision_id.in_(_IDS), verdicts.c.branch.in_(_BRANCHES))
    .order_by(verdicts.c.branch)
)


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


def add_binding(
    transaction: Transaction, decision_id: str, region: Region, origin: Origin, branch: str
) -> bool:
    """Bind a decision to a region. True if new.

    Binding explicitly revives a removed binding; inferring it again does not.
    """
    connection = transaction.connection
    pair = {"decision_id": decision_id, "region_id": region.id}
    removed = (MAIN, branch) if origin == "explicit" else ()
    revived = connection.execute(
        delete(binding_removals).filter_by(**pair).where(binding_removals.c.branch.in_(removed))
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


def ever_bound(connection: Connection, decision_ids: Iterable[str]) -> set[str]:
    """Return those of the decisions that were ever bound to anything, on any branch."""
    column = bindings.c.decision_id
    return {
        row.decision_id
        for some in in_batches(sorted(decision_ids))
        for row in connection.execute(select(column).distinct().where(column.in_(some)))
    }


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
    """Return every path of the repository that some decision is or was bound to."""
    bound = (
        select(regions.c.path)
        .join(bindings, bindings.c.region_id == regions.c.id)
        .where(regions.c.repository_id == view.repository_id)
    )
    moved = (
        select(region_states.c.path)
        .join(regions, regions.c.id == region_states.c.region_id)
        .where(regions.c.repository_id == view.repository_id, text("region_states.path <> ''"))
    )
    return set(connection.scalars(bound.union(moved)))


def uncommitted_paths(connection: Connection, view: View) -> set[str]:
    """Return the paths whose code was recorded as a work tree had it, and no commit yet."""
    rows = connection.scalars(
        select(func.coalesce(func.nullif(region_states.c.path, ""), regions.c.path))
        .distinct()
        .join(region_states, region_states.c.region_id == regions.c.id)
        .where(
            regions.c.repository_id == view.repository_id,
            region_states.c.branch == view.branch,
            region_states.c.commit == UNCOMMITTED,
        )
    )
    return set(rows)


def regions_on(
    connection: Connection, view: View, paths: Iterable[str]
) -> list[tuple[Region, RegionState | None]]:
    """Return the bound regions on these paths, each as the view sees it, or None if never."""
    found: list[tuple[Region, RegionState | None]] = []
    for batch in _path_batches(paths):
        asked = {**asked_of(view), "paths": batch}
        seen = {row.id: row for row in _newest(_STATES_NEAR.rows(connection, asked), view)}
        for row in _REGIONS_NEAR.rows(connection, asked):
            state = seen.get(row.id)
            found.append((region_of(state or row), state_of(state) if state else None))
    wanted = set(paths)
    return [(region, state) for region, state in found if region.path in wanted]


def decisions_on(
    connection: Connection, view: View, paths: Sequence[str], *, most: int
) -> dict[str, list[str]]:
    """Return the ids of the decisions bound on each path, at most `most` pairs in all."""
    found: dict[str, list[str]] = {}
    left = most
    for batch in _path_batches(paths):
        asked = {**asked_of(view), "paths": batch, "most": left}
        for path, decision_id in _DECISIONS_ON.rows(connection, asked):
            found.setdefault(path, []).append(decision_id)
            left -= 1
    return found


def decisions_on_each(
    connection: Connection, view: View, groups: Sequence[Sequence[str]], *, most: int
) -> list[dict[str, list[str]]]:
    """Return what `decisions_on` says of each group of paths: in one question, if all is said."""
    every = [path for group in groups for path in group]
    if len(every) <= MOST_IN_A_STATEMENT:
        found = decisions_on(connection, view, every, most=most + 1)
        if sum(map(len, found.values())) <= most:
            parts = map(frozenset, groups)
            return [{path: found[path] for path in found if path in part} for part in parts]
    return [decisions_on(connection, view, group, most=most) for group in groups]


def groundings_of(
    connection: Connection, view: View, decision_ids: Iterable[str]
) -> dict[str, list[Grounding]]:
    """Return every standing binding of these decisions, as the view sees it."""
    found: dict[str, list[Grounding]] = {each: [] for each in decision_ids}
    for batch in in_batches(found):
        asked = {"branches": view.branches, "ids": batch}
        rows = list(_newest(_GROUNDINGS.rows(connection, asked), view))
        judged = _judged(connection, view, {row.decision_id for row in rows})
        for row in rows:
            given = judged.get((row.decision_id, row.id), {})
            found[row.decision_id].append(
                Grounding(
                    decision_id=row.decision_id,
                    region=region_of(row),
                    state=state_of(row),
                    origin=row.origin,
                    verdict=given.get(row.digest),
                    was_compliant=not _SAY_COMPLIED.isdisjoint(given.values()),
                )
            )
    return found


def _judged(
    connection: Connection, view: View, decision_ids: Iterable[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return, per decision and region, the verdict on each digest; the branch's own win."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    asked = {"branches": view.branches, "ids": list(decision_ids)}
    rows = _VERDICTS.rows(connection, asked)
    for decision_id, region_id, digest, verdict in rows:
        found.setdefault((decision_id, region_id), {})[digest] = verdict
    return found


def _path_batches(paths: Iterable[str]) -> Iterator[list[str]]:
    """Yield the paths in batches; one that no column can hold is bound to nothing."""
    return in_batches(
        path for path in paths if why_unstorable(path, most_bytes=MOST_LONG_KEY_BYTES) is None
    )


def _newest(rows: Iterable[Row[Any]], view: View) -> Iterable[Row[Any]]:
    """Keep one row per region and decision: the branch's own where it has one."""
    kept: dict[tuple[str, str | None], Row[Any]] = {}
    for row in rows:
        key = (row.id, getattr(row, "decision_id", None))
        if key not in kept or row.branch == view.branch:
            kept[key] = row
    return kept.values()
