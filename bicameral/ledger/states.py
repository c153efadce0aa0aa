"""How each region stands on a branch, and where: written in one go, however many are seen.

A state is the branch's own word; what an unmerged branch says counts there and nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)

from bicameral.ledger.batches import in_batches
from bicameral.ledger.domain import MAIN, Region, RegionState, View
from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import region_states, regions
from bicameral.ledger.transaction import Happening, Transaction

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
    "copies",
    "path",
    "selector",
    "evidence",
)
_PLACE = frozenset({"path", "selector"})
_beside_its_region = attrgetter(*(f"{n}_now" if n in _PLACE else n for n in _STATE_COLUMNS))

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_BRANCHES: BindParameter[Any] = bindparam("branches", expanding=True)
_STATES = Prepared(
    select(region_states).where(
        region_states.c.region_id.in_(_IDS), region_states.c.branch.in_(_BRANCHES)
    )
)
_BOUND_AT = Prepared(
    select(regions.c.id, regions.c.path, regions.c.selector).where(regions.c.id.in_(_IDS))
)
_NEW_STATE = (
    update(region_states)
    .where(
        region_states.c.region_id == bindparam("which_region"),
        region_states.c.branch == bindparam("which_branch"),
    )
    .values({name: bindparam(name) for name in (*_STATE_COLUMNS, "seen_at")})
)

_Key = tuple[str, str]


def has_left(connection: Connection, view: View, region: Region) -> bool:
    """Tell whether a region stands elsewhere now than where it was bound."""
    known = _known(connection, [region.id], view.branches)
    found = [known[region.id, each] for each in view.branches if (region.id, each) in known]
    return bool(found and found[-1].path)


def state_on_main(connection: Connection, region: Region) -> RegionState | None:
    """Return how a region stands on the main branch, wherever that has it; None if nowhere."""
    row = _known(connection, [region.id], [MAIN]).get((region.id, MAIN))
    return None if row is None else RegionState(MAIN, *(row._mapping[n] for n in _STATE_COLUMNS))


def state_of(row: Row[Any]) -> RegionState:
    """Return the state of a row that holds its region as well (`places.STATE_COLUMNS`)."""
    return RegionState(row.branch, *_beside_its_region(row))


def set_state(transaction: Transaction, region: Region, state: RegionState) -> bool:
    """Record how one region stands; see `set_states`."""
    return bool(set_states(transaction, [(region, state)]))


def set_states(transaction: Transaction, seen: Iterable[tuple[Region, RegionState]]) -> int:
    """Record how regions stand on their branches, and where: the last word on each.

    Returns for how many of them a reader sees any change.
    """
    connection, states = transaction.connection, {(r.id, s.branch): (r, s) for r, s in seen}
    ids, branches = [key[0] for key in states], sorted({key[1] for key in states})
    known = _known(connection, ids, branches)
    bound_at = _bound_at(connection, [r.id for r, s in states.values() if s.path])
    told: dict[_Key, dict[str, Any]] = {
        key: _values(region, state, bound_at.get(region.id))
        for key, (region, state) in states.items()
    }
    _store(transaction, told, known)
    happened = [
        found for key, values in told.items() if (found := _happening(key, known.get(key), values))
    ]
    transaction.record_all(happened)
    return len(happened)


def _known(connection: Connection, ids: Iterable[str], branches: Sequence[str]) -> dict[_Key, Any]:
    """Return the states of regions that some of these branches have, by region and branch."""
    return {
        (row.region_id, row.branch): row
        for batch in in_batches(ids)
        for row in _STATES.rows(connection, {"ids": batch, "branches": branches})
    }


def _bound_at(connection: Connection, ids: Iterable[str]) -> dict[str, Any]:
    return {
        row.id: row
        for batch in in_batches(ids)
        for row in _BOUND_AT.rows(connection, {"ids": batch})
    }


def _values(region: Region, state: RegionState, bound: Any) -> dict[str, Any]:
    """Return what is stored of a state: no place where that is the very one it was bound at."""
    values = {name: getattr(state, name) for name in _STATE_COLUMNS}
    if bound is not None:
        selector = state.selector if region.kind == "symbol" else bound.selector
        if (bound.path, bound.selector) == (state.path, selector):
            values |= dict.fromkeys(_PLACE, "")
    return values


def _store(
    transaction: Transaction, told: Mapping[_Key, Mapping[str, Any]], known: Mapping[_Key, Any]
) -> None:
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for key, values in told.items():
        names = ("which_region", "which_branch") if key in known else ("region_id", "branch")
        row = {**dict(zip(names, key, strict=True)), **values, "seen_at": transaction.at}
        (changed if key in known else added).append(row)
    if added:
        transaction.connection.execute(insert(region_states), added)
    if changed:
        transaction.connection.execute(_NEW_STATE, changed)


def _happening(key: _Key, before: Any, values: Mapping[str, Any]) -> Happening | None:
    """Say what a new state is to a reader; None where nothing but the commit differs."""
    was = {name: before._mapping[name] for name in _STATE_COLUMNS} if before else {}
    seen = {name for name in _STATE_COLUMNS if name != "commit" and was.get(name) != values[name]}
    if not seen:
        return None
    region_id, branch = key
    # A branch's first word on a region may be that it stands elsewhere there.
    has_moved = _PLACE & seen if before else branch != MAIN and values["path"]
    action = "region_moved" if has_moved else "region_seen"
    after = {"region_id": region_id, "branch": branch, **values}
    return Happening(action, region_id, before=was, after=after)


def keep_states(transaction: Transaction, view: View, region_ids: Iterable[str]) -> int:
    """Let other regions of an unmerged branch be as on the main branch; return how many.

    A region that the main branch has never shown keeps what the branch shows of it.
    """
    connection = transaction.connection
    on_main = region_states.alias()
    held = connection.scalars(
        select(region_states.c.region_id)
        .join(regions, regions.c.id == region_states.c.region_id)
        .join(on_main, and_(on_main.c.region_id == regions.c.id, on_main.c.branch == MAIN))
        .where(
            regions.c.repository_id == view.repository_id,
            region_states.c.branch == view.branch,
            # Said in so many words, it lets the index of the branches alone be used.
            text("region_states.branch <> ''"),
        )
    )
    stale = set(held) - set(region_ids)
    for region_id in sorted(stale):
        connection.execute(delete(region_states).filter_by(region_id=region_id, branch=view.branch))
        transaction.record("region_forgotten", region_id, before={"branch": view.branch})
    return len(stale)
