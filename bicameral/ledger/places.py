"""Where regions stand: where they were bound, or where a branch has found them again.

A place is asked for through a view, as everything is: what a branch has moved stands
elsewhere on that branch alone. Most regions never move, so only those that did are indexed.
"""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, or_, select, text

from bicameral.ledger.domain import Region, View
from bicameral.ledger.schema import region_states, regions

PATHS: BindParameter[Any] = bindparam("paths", expanding=True)
_REPOSITORY: BindParameter[Any] = bindparam("repository")
_BRANCHES: BindParameter[Any] = bindparam("branches", expanding=True)
_BRANCH: BindParameter[Any] = bindparam("branch")
_OWN = region_states.alias("own")
_ON_MAIN = region_states.alias("on_main")
_ANY = region_states.alias("anywhere")

# A state's place has the names of its region's; both are read in one row.
_SHARED = ("path", "selector")
STATE_COLUMNS = (
    *(column for column in region_states.c if column.name not in _SHARED),
    *(region_states.c[name].label(f"{name}_now") for name in _SHARED),
)

unindexed_repository = regions.c.repository_id.concat("")
"""The repository of a region that is found by its id.

Written so, no index holds it: SQLite would begin with all regions of the repository, and
look for the few among them.
"""

IDS_NEAR = (
    select(regions.c.id)
    .where(regions.c.repository_id == _REPOSITORY, regions.c.path.in_(PATHS))
    .union(
        select(region_states.c.region_id).where(
            region_states.c.path.in_(PATHS),
            # Said in so many words, it lets the index of the places alone be used.
            text("region_states.path <> ''"),
            region_states.c.branch.in_(_BRANCHES),
        )
    )
)
"""Regions that stand on these paths, or stood there before they were found elsewhere."""


def asked_of(view: View) -> dict[str, Any]:
    """Return what the statements of this module ask besides the paths."""
    return {
        "repository": view.repository_id,
        "branches": view.branches,
        "branch": view.branch,
    }


def where_bound(*columns: ColumnElement[Any]) -> Select[Any]:
    """Select from the regions on `PATHS` that stand where they were bound.

    A region that only another branch has seen holds for that branch alone.
    """
    is_own, is_on_main = _OWN.c.region_id.is_not(None), _ON_MAIN.c.region_id.is_not(None)
    return (
        select(regions.c.path.label("path"), *columns)
        .select_from(regions)
        .outerjoin(_OWN, and_(_OWN.c.region_id == regions.c.id, _OWN.c.branch == _BRANCH))
        .outerjoin(
            _ON_MAIN, and_(_ON_MAIN.c.region_id == regions.c.id, text("on_main.branch = ''"))
        )
        .where(
            regions.c.repository_id == _REPOSITORY,
            regions.c.path.in_(PATHS),
            or_(
                and_(is_own, _OWN.c.path == ""),
                and_(~is_own, is_on_main, _ON_MAIN.c.path == ""),
                ~select(_ANY.c.region_id).where(_ANY.c.region_id == regions.c.id).exists(),
            ),
        )
    )


def where_moved(*columns: ColumnElement[Any]) -> Select[Any]:
    """Select from the regions that were found again on `PATHS`."""
    has_own = select(_OWN.c.region_id).where(
        _OWN.c.region_id == region_states.c.region_id, _OWN.c.branch == _BRANCH
    )
    return (
        select(region_states.c.path.label("path"), *columns)
        .select_from(region_states)
        .join(regions, regions.c.id == region_states.c.region_id)
        .where(
            unindexed_repository == _REPOSITORY,
            region_states.c.path.in_(PATHS),
            text("region_states.path <> ''"),
            region_states.c.branch.in_(_BRANCHES),
            or_(region_states.c.branch == _BRANCH, ~has_own.exists()),
        )
    )


def region_of(row: Row[Any]) -> Region:
    """Return a region where the row's state, if it has one, found it."""
    found: str = getattr(row, "path_now", "")
    # Lines keep the name they were bound by; their numbers are in the state.
    selector = row.selector_now if found and row.kind == "symbol" else row.selector
    return Region(row.id, row.repository_id, found or row.path, row.kind, selector)
