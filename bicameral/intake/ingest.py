"""Ingest: documents or given decisions become decisions in the ledger, bound where they say.

Idempotent by source and content: reading the same folder again changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bicameral.errors import IngestRefused, InputRefused
from bicameral.grounding.binding import record_binding, show_on_main
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.places import is_file
from bicameral.grounding.regions import Region as Snapshot
from bicameral.grounding.regions import locate
from bicameral.grounding.selectors import Selector
from bicameral.grounding.workspace import Workspace
from bicameral.intake.draft import Reading, Skipped, Unresolved
from bicameral.intake.inference import Suggested, infer
from bicameral.intake.limits import MOST_DECISIONS
from bicameral.intake.storing import Stored, store_drafts
from bicameral.ledger.bindings import ever_bound
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import Actor, View
from bicameral.ledger.repositories import ensure_repository
from bicameral.tracing import span

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done, and how much there is."""
_BATCH = 100
_BOUND = frozenset({"proposed", "ratified", "collision_pending", "context_pending"})


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of every document: stored, skipped with a reason, or left unlinked."""

    stored: Sequence[Stored]
    skipped: Sequence[Skipped]
    unresolved: Sequence[Unresolved]
    bound: Mapping[str, Sequence[str]]
    """Per decision id, the places that its text names and that were bound just now."""


def ingest(
    ledger: Ledger, workspace: Workspace, actor: Actor, reading: Reading, *, progress: Progress
) -> Ingested:
    """Store what was read, whole or not at all; then bind what it names, in batches.

    Raises `IngestRefused` before anything is stored where there are too many decisions.
    """
    drafts = reading.drafts
    if len(drafts) > MOST_DECISIONS:
        raise IngestRefused(
            f"{len(drafts)} decisions at once; at most {MOST_DECISIONS} are taken",
            next_step="ingest one folder after the other",
        )
    if not drafts:
        return Ingested((), reading.skipped, reading.unresolved, {})
    keys, exists = workspace.keys(), _source_exists(workspace)
    # All links run between drafts of one reading, so one transaction holds them all.
    with span("intake", "store", "drafts", drafts), ledger.writing(actor) as transaction:
        repository_id = ensure_repository(transaction, keys)
        stored = store_drafts(transaction, repository_id, drafts, source_exists=exists)
    progress("stored", len(stored), len(drafts))
    view = workspace.bring_up(actor)
    bound: dict[str, list[str]] = {}
    with span("intake", "infer", "bindings", stored) as inferring:
        for batch, done, total in _suggestions(workspace, _to_look_at(ledger, stored)):
            for each in _bind(ledger, workspace, actor, view, batch):
                bound.setdefault(each.decision_id, []).append(_place(each.snapshot))
            progress("bound", done, total)
        inferring.set_output({"decisions": bound})
    return Ingested(stored, reading.skipped, reading.unresolved, bound)


def _source_exists(workspace: Workspace) -> Callable[[str], bool]:
    root = workspace.repository.root
    return lambda ref: is_file(root / ref.partition("#")[0])


@dataclass(frozen=True, slots=True)
class _ToBind:
    decision_id: str
    snapshot: Snapshot


def _to_look_at(ledger: Ledger, stored: Sequence[Stored]) -> list[Stored]:
    """Return what is new or changed, and what was never bound.

    An ingest that was cut short is made good so, and code that was written later is found.
    """
    able = [each for each in stored if each.decision.signoff in _BOUND]
    same = {each.decision.id for each in able if each.outcome == "unchanged"}
    with ledger.reading() as connection:
        settled = ever_bound(connection, same)
    return [each for each in able if each.decision.id not in settled]


def _suggestions(
    workspace: Workspace, stored: Sequence[Stored]
) -> Iterator[tuple[list[_ToBind], int, int]]:
    """Yield, in batches, what the texts of decisions name in the last commit.

    With each batch: how many names were looked at so far, and how many there are.
    """
    repository = workspace.repository
    suggested = infer(repository, [each.draft for each in stored])
    commit = repository.head()
    if not suggested or commit is None:
        return
    ids = {each.draft.source_ref: each.decision.id for each in stored}
    contents = repository.read_files(commit, sorted({each.path for each in suggested}))
    cache = ParseCache()
    for start in range(0, len(suggested), _BATCH):
        located = (
            (ids[each.source_ref], _locate(each, contents[each.path], cache))
            for each in suggested[start : start + _BATCH]
        )
        batch = [_ToBind(decision_id, found) for decision_id, found in located if found]
        yield batch, min(start + _BATCH, len(suggested)), len(suggested)


def _bind(
    ledger: Ledger, workspace: Workspace, actor: Actor, view: View, batch: Sequence[_ToBind]
) -> list[_ToBind]:
    """Bind a batch; return those that are new."""
    repository, commit = workspace.repository, workspace.repository.head() or ""
    made: list[_ToBind] = []
    with ledger.writing(actor) as transaction:
        for each in batch:
            bound = record_binding(
                transaction,
                view,
                [each.decision_id],
                each.snapshot,
                commit=commit,
                origin="inferred",
            )
            made += [each] if bound[0].is_new else []
        paths = sorted({each.snapshot.path for each in batch})
        show_on_main(transaction, repository, view, paths, cache=ParseCache())
    return made


def _place(snapshot: Snapshot) -> str:
    return f"{snapshot.path}::{snapshot.symbol}" if snapshot.symbol else snapshot.path


def _locate(place: Suggested, content: bytes | None, cache: ParseCache) -> Snapshot | None:
    if content is None:  # in the index but not committed yet
        return None
    try:
        return locate(Selector(place.path, symbol=place.symbol or None), content, cache=cache)
    except InputRefused:  # defined more than once; the name alone does not say which
        return None
