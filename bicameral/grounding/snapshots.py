"""Between the ledger's words for a region and those of the code that reads it."""

from dataclasses import dataclass, replace

from bicameral.errors import InputRefused
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.evidence import Outcome
from bicameral.grounding.regions import Region as Snapshot
from bicameral.grounding.regions import classify, locate
from bicameral.grounding.selectors import Selector, exactly
from bicameral.ledger.domain import REMOVED, Region, RegionState

APART = "~"
"""Between the lines that a region was bound by and what keeps it apart from its likes."""
SUCCESSOR = "~~"
"""The same for symbols and files, which are bound where another one was that has moved."""


@dataclass(frozen=True, slots=True)
class SeenAt:
    """Where a region is looked at: branch, commit, and the parsed files already at hand."""

    branch: str
    commit: str
    cache: ParseCache


def look_again(
    region: Region, before: RegionState | None, content: bytes | None, seen_at: SeenAt
) -> tuple[Outcome, RegionState] | None:
    """Return what became of a region in a file's new content (None: the file is gone).

    Returns None for a region that was never seen on this branch and is not there either.
    """
    if before is None:
        return _look_first(region, content, seen_at)
    compared = classify(snapshot_of(region, before), content, cache=seen_at.cache)
    if compared.region is not None:
        is_news = compared.outcome != "unchanged"
        after = replace(
            state_of(compared.region, seen_at),
            path=before.path,
            selector=before.selector,
            evidence="" if is_news else before.evidence,
        )
        return compared.outcome, after
    return "unchanged" if before.presence == "removed" else "removed", _gone(before, seen_at)


def _gone(before: RegionState, seen_at: SeenAt) -> RegionState:
    return replace(
        before,
        branch=seen_at.branch,
        commit=seen_at.commit,
        presence="removed",
        digest=REMOVED,
        # The same bytes keep their digest: were these kept, code that comes back would be
        # given the digest of what is gone.
        raw_digest=REMOVED,
        evidence=before.evidence if before.presence == "removed" else "",
    )


def found_again(snapshot: Snapshot, seen_at: SeenAt) -> RegionState:
    """Return a snapshot from any place as the ledger keeps it, with that place."""
    return replace(state_of(snapshot, seen_at), path=snapshot.path, selector=snapshot.symbol or "")


def state_of(snapshot: Snapshot, seen_at: SeenAt) -> RegionState:
    """Return a snapshot as the ledger keeps it, where its region was bound."""
    return RegionState(
        branch=seen_at.branch,
        commit=seen_at.commit,
        presence="present",
        start_line=snapshot.start_line,
        end_line=snapshot.end_line,
        digest=snapshot.digest,
        raw_digest=snapshot.raw_digest,
        backend=snapshot.backend,
        capability=snapshot.capability,
        fallback_reason=snapshot.fallback_reason or "",
        copies=snapshot.copies,
    )


def selector_of(region: Region) -> Selector:
    """Return the selector by which a region was bound."""
    if region.kind == "symbol":
        name = region.selector.partition(SUCCESSOR)[0]
        return Selector(region.path, symbol=exactly(name))
    if region.kind == "lines":
        first, _, last = region.selector.partition(APART)[0].partition("-")
        return Selector(region.path, first_line=int(first), last_line=int(last))
    return Selector(region.path)


def _look_first(
    region: Region, content: bytes | None, seen_at: SeenAt
) -> tuple[Outcome, RegionState] | None:
    if content is None:
        return None
    try:
        found = locate(selector_of(region), content, cache=seen_at.cache)
    except InputRefused:  # no such symbol or lines on this branch
        return None
    return "changed", found_again(found, seen_at)


def snapshot_of(region: Region, state: RegionState) -> Snapshot:
    """Return what the ledger knows of a region as the code that reads it speaks of it."""
    return Snapshot(
        path=region.path,
        kind=region.kind,
        symbol=region.selector if region.kind == "symbol" else None,
        start_line=state.start_line,
        end_line=state.end_line,
        digest=state.digest,
        raw_digest=state.raw_digest,
        backend="text" if state.backend == "text" else "tree-sitter",
        capability="full" if state.capability == "full" else "degraded",
        fallback_reason=state.fallback_reason or None,
        copies=state.copies,
    )
