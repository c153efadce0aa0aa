"""Commits into the ledger: which bound regions a change touched, and what it did to them.

Only regions in changed files are read again. What is found on an unmerged branch is
recorded for that branch; on the main branch it holds for everyone, and verdicts that were
given on a branch begin to count where the main branch shows the code they judged.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bicameral.grounding.cache import ParseCache
from bicameral.grounding.regions import Outcome
from bicameral.grounding.repository import Repository
from bicameral.grounding.snapshots import SeenAt, look_again
from bicameral.ledger.bindings import (
    bound_paths,
    decisions_on,
    groundings_of,
    keep_states,
    regions_on,
    set_state,
    uncommitted_paths,
)
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import (
    MAIN,
    UNCOMMITTED,
    Actor,
    Decision,
    Grounding,
    Region,
    RegionState,
    View,
)
from bicameral.ledger.repositories import Cursor, cursor_of, move_cursor
from bicameral.ledger.status import has_changed_since_judged, region_status
from bicameral.ledger.transaction import Transaction
from bicameral.ledger.verdicts import judged_on_branches, promote_verdicts

MOST_DECISIONS = 2_000
_STANDING = frozenset({"proposed", "ratified", "collision_pending", "context_pending"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one bound region: its state before and after, and the kind of change."""

    region: Region
    before: RegionState | None
    after: RegionState
    change: Outcome


@dataclass(frozen=True, slots=True)
class Touched:
    """A bound region in a changed file, for one decision."""

    decision: Decision
    grounding: Grounding
    change: Outcome
    verdict_wanted: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """What a commit did to the code that decisions bind; wanted verdicts come first."""

    commit: str
    branch: str
    was_linked: bool
    files_changed: int
    regions_unchanged: int
    touched: Sequence[Touched]


class OutOfTime(Exception):
    """The budget of a catch-up ran out before its end."""


def scope_of(repository: Repository, commit: str) -> str:
    """Return the branch on which what a commit shows is recorded (`MAIN`, a name, or `@id`)."""
    state = repository.head_state()
    if commit != state.commit:
        return MAIN if repository.is_on_main(commit) else f"@{commit[:12]}"
    if state.branch is None:
        return MAIN if commit in repository.main_tips() else f"@{commit[:12]}"
    return MAIN if state.branch == repository.main_branch() else state.branch


def bring_up_to(
    ledger: Ledger,
    repository: Repository,
    actor: Actor,
    view: View,
    tip: str,
    *,
    cache: ParseCache,
    is_out_of_time: Callable[[], bool] = lambda: False,
) -> dict[str, Outcome] | None:
    """Bring a branch of the ledger up to `tip`; return the kind of change per region id.

    An unmerged branch is always compared with what the ledger knows of the main branch, so
    that it stays right whichever of the two moves, or is rewritten. Returns None where the
    branch is there already. Raises `OutOfTime` before anything is written.
    """
    if view.branch != MAIN and not _has_reached(ledger, view, tip):
        _bring_main_up(
            *(ledger, repository, actor, view), cache=cache, is_out_of_time=is_out_of_time
        )
    with ledger.reading() as connection:
        main = cursor_of(connection, View(view.repository_id, MAIN))
        reached = cursor_of(connection, view)
        goal = Cursor(tip, main.commit if main and view.branch != MAIN else "")
        if reached == goal:
            return None  # the usual case, decided without a process
    base = main.commit if main and repository.has_commit(main.commit) else None
    if view.branch == MAIN and base and _is_ahead(repository, base, tip):
        return None
    changed = _changed_since(repository, base, reached, tip)
    if is_out_of_time():
        raise OutOfTime
    with ledger.reading() as connection:
        paths = bound_paths(connection, view) if changed is None else changed
        # What was thrown away instead of committed is in no comparison at all.
        paths |= uncommitted_paths(connection, view)
        known = regions_on(connection, view, sorted(paths))
    contents = repository.read_files(tip, sorted({region.path for region, _ in known}))
    seen = list(_look(known, contents, SeenAt(view.branch, tip, cache), is_out_of_time))
    with ledger.writing(actor) as transaction:
        _write(transaction, view, seen)
        move_cursor(transaction, view, goal)
    return {each.region.id: each.change for each in seen}


def _has_reached(ledger: Ledger, view: View, tip: str) -> bool:
    with ledger.reading() as connection:
        reached = cursor_of(connection, view)
    return reached is not None and reached.commit == tip


def _bring_main_up(
    ledger: Ledger,
    repository: Repository,
    actor: Actor,
    view: View,
    *,
    cache: ParseCache,
    is_out_of_time: Callable[[], bool] = lambda: False,
) -> None:
    """Bring in what was merged meanwhile, for those who are never on the main branch itself."""
    newest = _newest_of_main(repository)
    if newest is not None:
        main = View(view.repository_id, MAIN)
        bring_up_to(
            *(ledger, repository, actor, main, newest), cache=cache, is_out_of_time=is_out_of_time
        )


def _newest_of_main(repository: Repository) -> str | None:
    """Return the tip of the main branch, here or at origin; None where the two have parted."""
    tips = repository.main_tips()
    return next(
        (tip for tip in tips if all(repository.is_ancestor(each, tip) for each in tips - {tip})),
        None,
    )


def _is_ahead(repository: Repository, known: str, tip: str) -> bool:
    """Tell whether the ledger knows a newer commit of the main branch than the one seen here."""
    return repository.is_ancestor(tip, known) and repository.is_on_main(known)


def _changed_since(
    repository: Repository, base: str | None, reached: Cursor | None, tip: str
) -> set[str] | None:
    """Return the paths that differ from the main branch, or from what was seen last.

    None where there is nothing to compare with, so that all has to be read. The second
    matters on a branch that was reset: what only it ever had is in no comparison with the
    main branch.
    """
    if base is None:
        return None
    paths = changed_paths(repository, base, tip)
    if reached is not None and reached.commit != base:
        if not repository.has_commit(reached.commit):
            return None
        paths |= changed_paths(repository, reached.commit, tip)
    return paths


def _write(transaction: Transaction, view: View, seen: Sequence[Seen]) -> None:
    if view.branch != MAIN:
        keep_states(transaction, view, {each.region.id for each in seen})
    for each in seen:
        if _differs(each):
            set_state(transaction, each.region, each.after)
    if view.branch == MAIN:
        digests = {each.region.id: each.after.digest for each in seen}
        for region_id in judged_on_branches(transaction.connection, digests):
            promote_verdicts(transaction, region_id, digests[region_id])


def _differs(each: Seen) -> bool:
    """Tell whether there is anything to record; a newer commit alone is not."""
    if each.before is None or each.before.commit == UNCOMMITTED:
        return True
    return replace(each.before, commit=each.after.commit) != each.after


def changed_paths(repository: Repository, base: str | None, tip: str) -> set[str]:
    """Return every path that differs between two commits, under both of its names."""
    changes = repository.changes(base, tip)
    return {path for each in changes for path in (each.path, each.old_path) if path}


def link(
    ledger: Ledger,
    repository: Repository,
    actor: Actor,
    spec: str,
    *,
    repository_id: str,
    cache: ParseCache,
) -> Linked:
    """Bring a commit or range in, and report on the bound regions of its files."""
    asked = repository.commit_range(spec)
    base, tip = asked.base, asked.tip
    view = View(repository_id, scope_of(repository, tip))
    if view.branch != MAIN:
        _bring_main_up(ledger, repository, actor, view, cache=cache)
    brought = bring_up_to(ledger, repository, actor, view, tip, cache=cache)
    kinds = brought or {}
    changed = changed_paths(repository, base, tip)
    with ledger.reading() as connection:
        groundings = _groundings_on(connection, view, changed, kinds)
        decisions = get_decisions(connection, {each.decision_id for each in groundings})
    touched = [
        Touched(
            decision=decisions[each.decision_id],
            grounding=each,
            change=kinds.get(each.region.id) or _since_judged(each),
            verdict_wanted=is_verdict_wanted(each, decisions[each.decision_id]),
        )
        for each in groundings
    ]
    shown = [each for each in touched if each.change != "unchanged" or each.verdict_wanted]
    return Linked(
        commit=tip,
        branch=view.branch,
        was_linked=brought is None,
        files_changed=len(changed),
        regions_unchanged=len(touched) - len(shown),
        touched=sorted(shown, key=lambda each: not each.verdict_wanted),
    )


def _since_judged(grounding: Grounding) -> Outcome:
    """Say what became of code that was brought in earlier, by a preflight perhaps."""
    if grounding.state.presence == "removed":
        return "removed"
    return "changed" if has_changed_since_judged(grounding) else "unchanged"


def is_verdict_wanted(grounding: Grounding, decision: Decision) -> bool:
    """Return whether somebody should judge this code.

    A binding that was only inferred from a text asks for no verdict until one was given.
    """
    is_of_interest = grounding.origin == "explicit" or grounding.was_compliant
    is_open = region_status(grounding) == "pending"
    return is_of_interest and is_open and decision.signoff in _STANDING


def _groundings_on(
    connection: Connection, view: View, paths: set[str], kinds: Mapping[str, Outcome]
) -> list[Grounding]:
    bound = decisions_on(connection, view, sorted(paths), most=MOST_DECISIONS)
    ids = dict.fromkeys(each for found in bound.values() for each in found)
    return [
        each
        for found in groundings_of(connection, view, ids).values()
        for each in found
        if each.region.path in paths or each.region.id in kinds
    ]


def _look(
    known: Iterable[tuple[Region, RegionState | None]],
    contents: Mapping[str, bytes | None],
    seen_at: SeenAt,
    is_out_of_time: Callable[[], bool],
) -> Iterable[Seen]:
    for region, before in known:
        if is_out_of_time():
            raise OutOfTime
        found = look_again(region, before, contents.get(region.path), seen_at)
        if found is not None:
            change, after = found
            yield Seen(region, before, after, change)
