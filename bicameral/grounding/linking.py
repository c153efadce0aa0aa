"""Commits into the ledger: which bound regions a change touched, and what it did to them.

Only regions in changed files are read again. What is found on an unmerged branch is
recorded for that branch; on the main branch it holds for everyone, and verdicts that were
given on a branch begin to count where the main branch shows the code they judged.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bicameral.grounding.cache import ParseCache
from bicameral.grounding.evidence import Evidence, Outcome, from_text
from bicameral.grounding.looking import Compared, Look, OutOfTime, Seen, paths_of
from bicameral.grounding.repository import Repository
from bicameral.grounding.snapshots import SeenAt
from bicameral.ledger.bindings import (
    bound_paths,
    decisions_on,
    groundings_of,
    regions_on,
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
from bicameral.ledger.states import keep_states, set_states
from bicameral.ledger.status import has_changed_since_judged, region_status
from bicameral.ledger.transaction import Transaction
from bicameral.ledger.verdicts import carry_verdicts, judged_on_branches, promote_verdicts

MOST_DECISIONS = 2_000
_STANDING = frozenset({"proposed", "ratified", "collision_pending", "context_pending"})


@dataclass(frozen=True, slots=True)
class Touched:
    """A bound region in a changed file, for one decision."""

    decision: Decision
    grounding: Grounding
    change: Outcome
    verdict_wanted: bool
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """What a commit did to the code that decisions bind; wanted verdicts come first."""

    commit: str
    branch: str
    was_linked: bool
    files_changed: int
    regions_unchanged: int
    touched: Sequence[Touched]


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
) -> dict[str, Seen] | None:
    """Bring a branch of the ledger up to `tip`; return what became of each region, by its id.

    An unmerged branch is always compared with what the ledger knows of the main branch, so
    that it stays right whichever of the two moves, or is rewritten. Returns None where the
    branch is there already. Raises `OutOfTime` before anything is written.
    """
    if view.branch != MAIN and not _has_reached(ledger, view, tip):
        _bring_main_up(
            *(ledger, repository, actor, view), cache=cache, is_out_of_time=is_out_of_time
        )
    with ledger.reading() as connection:
        main, reached = _cursors(connection, view)
        goal = _goal(view, main, tip)
        if reached == goal:
            return None
    base = main.commit if main and repository.has_commit(main.commit) else None
    if view.branch == MAIN and base and _is_ahead(repository, base, tip):
        return None
    compared = _compared(repository, base, reached, tip)
    if is_out_of_time():
        raise OutOfTime
    with ledger.reading() as connection:
        paths = bound_paths(connection, view) if compared is None else compared.paths
        # What was thrown away instead of committed is in no comparison at all.
        paths |= uncommitted_paths(connection, view)
        known = _regions_in(connection, view, sorted(paths))
    contents = repository.read_files(tip, sorted({region.path for region, _ in known}))
    look = Look(repository, SeenAt(view.branch, tip, cache), compared, is_out_of_time)
    seen = list(look.at(known, contents))
    with ledger.writing(actor) as transaction:
        _write(transaction, view, seen)
        move_cursor(transaction, view, goal)
    return {each.region.id: each for each in seen}


def _regions_in(
    connection: Connection, view: View, paths: Sequence[str]
) -> list[tuple[Region, RegionState | None]]:
    """Return the bound regions on these paths, on a branch those of the main branch as well.

    What main has moved there is on the branch where the branch left it, or nowhere.
    """
    known = regions_on(connection, view, paths)
    if view.branch == MAIN:
        return known
    ids = {region.id for region, _ in known}
    on_main = regions_on(connection, View(view.repository_id), paths)
    return known + [each for each in on_main if each[0].id not in ids and each[1] is not None]


def is_brought_up(connection: Connection, view: View, tip: str) -> bool:
    """Tell whether a branch of the ledger is at `tip`: the usual case, decided at one look."""
    main, reached = _cursors(connection, view)
    return reached == _goal(view, main, tip)


def _cursors(connection: Connection, view: View) -> tuple[Cursor | None, Cursor | None]:
    """Return how far the main branch has been brought in, and how far this one."""
    main = cursor_of(connection, View(view.repository_id, MAIN))
    return main, main if view.branch == MAIN else cursor_of(connection, view)


def _goal(view: View, main: Cursor | None, tip: str) -> Cursor:
    return Cursor(tip, main.commit if main and view.branch != MAIN else "")


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


def _compared(
    repository: Repository, base: str | None, reached: Cursor | None, tip: str
) -> Compared | None:
    """Return what differs from the main branch, and from what was seen last.

    None where there is nothing to compare with, so that all has to be read. The second
    matters on a branch that was reset: what only it ever had is in no comparison with the
    main branch.
    """
    if base is None:
        return None
    since_main = repository.changes(base, tip)
    if reached is None or reached.commit == base:
        return Compared(base, since_main)
    if not repository.has_commit(reached.commit):
        return None
    since_reached = repository.changes(reached.commit, tip)
    return Compared(base, since_main, reached.commit, since_reached)


def _write(transaction: Transaction, view: View, seen: Sequence[Seen]) -> None:
    if view.branch != MAIN:
        keep_states(transaction, view, {each.region.id for each in seen})
    set_states(transaction, [(each.region, each.after) for each in seen if _differs(each)])
    for each in seen:
        if each.before is not None and each.change in {"moved", "renamed"}:
            digests = {"old": each.before.digest, "new": each.after.digest}
            carry_verdicts(transaction, view, each.region.id, **digests)
    if view.branch == MAIN:
        digests = {each.region.id: each.after.digest for each in seen}
        for region_id in judged_on_branches(transaction.connection, digests):
            promote_verdicts(transaction, region_id, digests[region_id])


def _differs(each: Seen) -> bool:
    """Tell whether there is anything to record; a newer commit alone is not."""
    if each.before is None or each.before.commit == UNCOMMITTED:
        return True
    return replace(each.before, commit=each.after.commit) != each.after


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
    seen = brought or {}
    changed = paths_of(repository.changes(base, tip))
    with ledger.reading() as connection:
        groundings = _groundings_on(connection, view, changed, seen)
        decisions = get_decisions(connection, {each.decision_id for each in groundings})
    touched = [
        _touched(each, decisions[each.decision_id], seen.get(each.region.id), tip)
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


def _touched(grounding: Grounding, decision: Decision, seen: Seen | None, tip: str) -> Touched:
    change, evidence = (seen.change, seen.evidence) if seen else _known(grounding, tip)
    is_wanted = is_verdict_wanted(grounding, decision)
    return Touched(decision, grounding, change, is_wanted, evidence)


def _known(grounding: Grounding, tip: str) -> tuple[Outcome, Evidence | None]:
    """Say what became of code that was brought in earlier, by a preflight perhaps."""
    state = grounding.state
    told = from_text(state.evidence) if state.commit == tip else None
    return told or (_since_judged(grounding), None)


def _since_judged(grounding: Grounding) -> Outcome:
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
    connection: Connection, view: View, paths: set[str], seen: Mapping[str, Seen]
) -> list[Grounding]:
    bound = decisions_on(connection, view, sorted(paths), most=MOST_DECISIONS)
    ids = dict.fromkeys(each for found in bound.values() for each in found)
    return [
        each
        for found in groundings_of(connection, view, ids).values()
        for each in found
        if each.region.path in paths or each.region.id in seen
    ]
