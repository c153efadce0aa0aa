"""Judging code: a verdict is recorded only for a digest that the code has now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bicameral.errors import InputRefused
from bicameral.grounding.binding import record_state
from bicameral.grounding.places import is_file, read_work_file
from bicameral.grounding.repository import Repository
from bicameral.grounding.snapshots import SeenAt, look_again
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import MAIN, UNCOMMITTED, Actor, Grounding, RegionState, View
from bicameral.ledger.states import state_on_main
from bicameral.ledger.verdicts import Verdict, find_grounding, record_verdict

SHORT_COMMIT = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a verdict: whether it changed what stood.

    `note` says which code was judged where the commit and the work tree differ: it holds
    for one of them only.
    """

    is_recorded: bool
    note: str = ""


def judge(
    ledger: Ledger,
    repository: Repository,
    actor: Actor,
    view: View,
    verdict: Verdict,
    *,
    seen_at: SeenAt,
) -> Judged:
    """Record a verdict on code as it is committed or as it is in the work tree.

    It counts on the main branch at once where main has that code, wherever one stands.
    Raises `NotFound` for no such binding, `InputRefused` for a
    digest the code does not have, `TransitionRefused` for `drifted` without `compliant`.
    """
    with ledger.reading() as connection:
        grounding = find_grounding(connection, view, verdict.decision_id, verdict.region_id)
    states = list(states_now(repository, grounding, seen_at))
    state = next((each for each in states if each.digest == verdict.digest), None)
    if state is None:
        has = " or ".join(sorted({each.digest for each in states})) or "nothing"
        raise InputRefused(
            f"the code of region {verdict.region_id} does not have the digest "
            f"{verdict.digest[:80]!r}; it has {has}",
            next_step="read the code again, and judge what it is now by that digest",
        )
    with ledger.writing(actor) as transaction:
        if state.digest != grounding.state.digest:
            record_state(transaction, view, grounding.region, state)
        if _main_has(transaction.connection, grounding, verdict.digest):
            view = View(view.repository_id, MAIN)
        is_recorded = record_verdict(transaction, view, verdict, commit=seen_at.commit)
    return Judged(is_recorded, _which(state, states, seen_at.commit))


def _which(judged: RegionState, states: Iterable[RegionState], commit: str) -> str:
    """Say which code was judged, where there is other code in the same place."""
    if all(each.digest == judged.digest for each in states):
        return ""
    if judged.commit == UNCOMMITTED:
        return f"judged as it is in the work tree; commit {commit[:SHORT_COMMIT]} differs there"
    return (
        f"judged as of commit {commit[:SHORT_COMMIT]}; the work tree differs there and "
        "was not judged: commit, then judge again"
    )


def states_now(
    repository: Repository, grounding: Grounding, seen_at: SeenAt
) -> Iterator[RegionState]:
    """Yield how a region stands in the commit, and in the work tree."""
    path, commit = grounding.region.path, seen_at.commit
    places = [(seen_at, repository.read_files(commit, [path])[path])] if commit else []
    places.append((replace(seen_at, commit=UNCOMMITTED), _work_content(repository, path)))
    for seen, content in places:
        found = look_again(grounding.region, grounding.state, content, seen)
        if found is not None:
            yield found[1]


def _main_has(connection: Connection, grounding: Grounding, digest: str) -> bool:
    on_main = state_on_main(connection, grounding.region)
    return on_main is not None and on_main.digest == digest


def _work_content(repository: Repository, path: str) -> bytes | None:
    if not is_file(repository.root / path):
        return None
    # Whatever its size: code that has grown since it was bound must still be judged.
    return read_work_file(repository.root, path, most_bytes=None)
