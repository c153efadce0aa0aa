"""Binding a decision to code as it stands in the work tree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bicameral.errors import SelectorUnknown
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.languages import Capability
from bicameral.grounding.occurrences import files_with
from bicameral.grounding.places import content_or_none, has_file, place_of, read_work_file
from bicameral.grounding.regions import Region as Snapshot
from bicameral.grounding.regions import locate
from bicameral.grounding.repository import Repository
from bicameral.grounding.selectors import Selector, find, parse_selector
from bicameral.grounding.snapshots import APART, SUCCESSOR, SeenAt, found_again, look_again
from bicameral.ledger.bindings import (
    add_binding,
    ensure_region,
    regions_on,
)
from bicameral.ledger.domain import MAIN, UNCOMMITTED, Origin, Region, RegionState, View
from bicameral.ledger.repositories import Cursor, cursor_of, move_cursor
from bicameral.ledger.states import has_left, set_state
from bicameral.ledger.transaction import Transaction

MOST_FILES_WITH_NAME = 400


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a language server had to decide about a selector, and how far it could.

    `fallback_reason` is empty exactly when `capability` is `full`.
    """

    backend: str
    capability: Capability
    fallback_reason: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding as made: its region, how the region stands, and whether it is new.

    `resolution` is None where the syntax alone decided what the selector names.
    """

    region: Region
    state: RegionState
    is_new: bool
    resolution: Resolution | None = None


def find_code(repository: Repository, selector: str, *, start: Path, cache: ParseCache) -> Snapshot:
    """Return what a selector names in the work tree.

    A bare name is looked for in the tracked files that hold it as a word. Raises
    `SelectorUnknown`, `SelectorAmbiguous`, `PathOutsideRepository` or `InputRefused`.
    """
    root = repository.root
    named = parse_selector(selector, is_file=lambda path: has_file(path, root, start))
    if named.path is None:
        named = _found_by_name(repository, selector, named, cache)
        path = named.path or ""
    else:
        path = place_of(named.path, root, start)
    return locate(replace(named, path=path), read_work_file(root, path), cache=cache)


def _found_by_name(
    repository: Repository, selector: str, named: Selector, cache: ParseCache
) -> Selector:
    candidates = files_with_word(repository, word_of(named.symbol or ""))
    if not candidates:
        raise SelectorUnknown(
            f"{selector[:200]!r} is no file, and as a word it is in no tracked file, "
            f"or in more than {MOST_FILES_WITH_NAME}",
            next_step="write path::Qualified.name, path:10-20 or path; check the spelling",
        )
    return find(
        selector,
        candidates=candidates,
        read=lambda path: content_or_none(repository.root, path),
        cache=cache,
    )


def word_of(symbol: str) -> str:
    """Return the last part of a symbol's name: the word that files with it must hold."""
    return symbol.rpartition(".")[2].partition("#")[0]


def files_with_word(repository: Repository, word: str) -> Sequence[str]:
    """Return the tracked files that hold a word; none where too many do."""
    return files_with(repository.git, word, most_files=MOST_FILES_WITH_NAME)


def commit_with(repository: Repository, path: str) -> str:
    """Return the commit of HEAD where it has a file as the work tree has it, else nothing."""
    head = repository.head()
    if head is None:
        return UNCOMMITTED
    committed = repository.read_files(head, [path])[path]
    return head if committed == read_work_file(repository.root, path) else UNCOMMITTED


def record_binding(
    transaction: Transaction,
    view: View,
    decision_ids: Sequence[str],
    snapshot: Snapshot,
    *,
    commit: str,
    origin: Origin,
) -> list[Bound]:
    """Bind decisions to a located region, and record how the region stands."""
    region = _region_of(transaction, view, snapshot)
    state = found_again(snapshot, SeenAt(view.branch, commit, ParseCache()))
    record_state(transaction, view, region, state)
    return [
        Bound(region, state, add_binding(transaction, each, region, origin, view.branch))
        for each in decision_ids
    ]


def record_state(transaction: Transaction, view: View, region: Region, state: RegionState) -> None:
    """Record how a region was just seen to stand, outside of any comparison of commits.

    Where the main branch is behind the ledger here, what was seen is as old as that: the
    cursor goes back to it, and whatever differs from there is looked at when it moves on.
    """
    set_state(transaction, region, state)
    cursor = cursor_of(transaction.connection, view)
    if view.branch == MAIN and state.commit and cursor != Cursor(state.commit):
        move_cursor(transaction, view, Cursor(state.commit))


def show_on_main(
    transaction: Transaction,
    repository: Repository,
    view: View,
    paths: Sequence[str],
    *,
    cache: ParseCache,
) -> None:
    """Record how the main branch has code that was bound on another branch.

    A branch that does not touch the code will never bring it to the main branch.
    """
    main = View(view.repository_id, MAIN)
    cursor = cursor_of(transaction.connection, main)
    if view.branch == MAIN or cursor is None or not repository.has_commit(cursor.commit):
        return  # a main branch that was never read will be read whole
    seen_at = SeenAt(MAIN, cursor.commit, cache)
    contents = repository.read_files(cursor.commit, paths)
    for region, before in regions_on(transaction.connection, main, paths):
        found = (
            look_again(region, before, contents[region.path], seen_at) if before is None else None
        )
        if found is not None:
            set_state(transaction, region, found[1])


def _region_of(transaction: Transaction, view: View, snapshot: Snapshot) -> Region:
    name = snapshot.symbol or ""
    if snapshot.kind == "lines":
        name = f"{snapshot.start_line}-{snapshot.end_line}"
        known = _known_lines(transaction, view, snapshot.path)
        here = [region for region, state in known if _is_here(state, snapshot)]
        if here:
            return here[0]
        # Code that was bound by these numbers has moved since, and stays what is bound there.
        if any(region.selector == name for region, _ in known):
            name += APART + snapshot.digest[:8]
    return _standing(transaction, view, snapshot, name)


def _standing(transaction: Transaction, view: View, snapshot: Snapshot, name: str) -> Region:
    """Return the region that stands at a place now, made if new.

    One that was bound there and has moved since is another one: it stays where it went.
    """
    known = regions_on(transaction.connection, view, [snapshot.path])
    place = snapshot.path, snapshot.kind, name
    for region, _ in known:
        if (region.path, region.kind, region.selector) == place:
            return region
    region = ensure_region(transaction, view.repository_id, *place)
    if has_left(transaction.connection, view, region):
        successor = f"{name}{SUCCESSOR}{snapshot.digest[:8]}"
        made = ensure_region(
            transaction, view.repository_id, snapshot.path, snapshot.kind, successor
        )
        return replace(made, selector=name)
    return region


def _known_lines(
    transaction: Transaction, view: View, path: str
) -> list[tuple[Region, RegionState | None]]:
    known = regions_on(transaction.connection, view, [path])
    return [(region, state) for region, state in known if region.kind == "lines"]


def _is_here(state: RegionState | None, snapshot: Snapshot) -> bool:
    if state is None or state.presence == "removed":
        return False
    return (state.start_line, state.end_line) == (snapshot.start_line, snapshot.end_line)
