"""Verdicts: what was judged of a decision in a region at one digest of its code.

A verdict counts only where the code has that digest. One given on an unmerged branch counts
there alone, until the main branch itself shows that digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bicameral.errors import InputRefused, NotFound, TransitionRefused
from bicameral.ledger.batches import in_batches
from bicameral.ledger.bindings import groundings_of, remove_binding
from bicameral.ledger.domain import MAIN, Grounding, VerdictKind, View
from bicameral.ledger.schema import verdicts
from bicameral.ledger.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement to record. `note` says why, for whoever reads the audit."""

    decision_id: str
    region_id: str
    digest: str
    kind: VerdictKind
    note: str = ""


def find_grounding(
    connection: Connection, view: View, decision_id: str, region_id: str
) -> Grounding:
    """Return one standing binding; raises `NotFound`."""
    for grounding in groundings_of(connection, view, [decision_id])[decision_id]:
        if grounding.region.id == region_id:
            return grounding
    raise NotFound(
        f"decision {decision_id[:80]!r} is not bound to region {region_id[:80]!r}",
        next_step="take decision_id and region_id from link_commit or preflight, or bind first",
    )


def record_verdict(transaction: Transaction, view: View, verdict: Verdict, *, commit: str) -> bool:
    """Record a verdict on the digest the code has. True if it changes what stood.

    Raises `InputRefused` for any other digest, and `TransitionRefused` for `drifted`
    where nothing was ever compliant.
    """
    grounding = find_grounding(transaction.connection, view, verdict.decision_id, verdict.region_id)
    _check(grounding, verdict)
    return _take(transaction, view.branch, verdict, commit)


def judged_on_branches(connection: Connection, region_ids: Iterable[str]) -> list[str]:
    """Return which of these regions have verdicts that wait on some unmerged branch."""
    found: list[str] = []
    for batch in in_batches(region_ids):
        waiting = (
            select(verdicts.c.region_id)
            .distinct()
            .where(verdicts.c.region_id.in_(batch), verdicts.c.branch != MAIN)
            .order_by(verdicts.c.region_id)
        )
        found += connection.scalars(waiting)
    return found


_OF_CODE = (
    select(verdicts)
    .where(
        verdicts.c.region_id == bindparam("which_region"), verdicts.c.digest == bindparam("which")
    )
    .order_by(verdicts.c.created_at, verdicts.c.branch)
)


def promote_verdicts(transaction: Transaction, region_id: str, digest: str) -> int:
    """Let verdicts from branches on this digest count on the main branch; return how many.

    Where several branches, or main itself, judged the same, the newest verdict stands.
    """
    connection = transaction.connection
    place = {"region_id": region_id, "digest": digest}
    rows = connection.execute(_OF_CODE, {"which_region": region_id, "which": digest}).all()
    newest = {row.decision_id: row for row in rows}
    waiting = [row for row in rows if row.branch != MAIN]
    if waiting:
        connection.execute(delete(verdicts).filter_by(**place).where(verdicts.c.branch != MAIN))
    for row in waiting:
        standing = newest[row.decision_id]
        if row is standing:
            verdict = Verdict(row.decision_id, region_id, digest, row.verdict, row.note)
            _take(transaction, MAIN, verdict, row.commit)
        before = {"branch": row.branch, "verdict": row.verdict, "note": row.note}
        after = place | {"branch": MAIN, "verdict": standing.verdict, "note": standing.note}
        transaction.record("verdict_promoted", row.decision_id, before=before, after=after)
    return len(waiting)


def carry_verdicts(
    transaction: Transaction, view: View, region_id: str, *, old: str, new: str
) -> int:
    """Let what was judged of one digest count for another one; return how many.

    For code that is the same but for its own name. A carried verdict stays as old as it is,
    so that one that was given on the new digest meanwhile is not outdone.
    """
    connection = transaction.connection
    rows = connection.execute(_OF_CODE, {"which_region": region_id, "which": old}).all()
    known = connection.execute(_OF_CODE, {"which_region": region_id, "which": new}).all()
    judged = {row.decision_id for row in known if row.branch in view.branches}
    counting = [row for row in rows if row.branch in view.branches]
    # The branch's own verdicts come last, and stand.
    carried = {row.decision_id: row for row in sorted(counting, key=lambda r: r.branch)}
    for decision_id in sorted(carried.keys() - judged):
        place = {"digest": new, "branch": view.branch}
        connection.execute(insert(verdicts).values({**carried[decision_id]._mapping, **place}))
        after = place | {"region": region_id, "verdict": carried[decision_id].verdict}
        transaction.record("verdict_carried", decision_id, before={"digest": old}, after=after)
    return len(carried.keys() - judged)


def _take(transaction: Transaction, branch: str, verdict: Verdict, commit: str) -> bool:
    changed = _store(transaction, branch, verdict, commit)
    if verdict.kind == "not_relevant":
        hidden = remove_binding(transaction, verdict.decision_id, verdict.region_id, branch)
        return changed or hidden
    return changed


def _check(grounding: Grounding, verdict: Verdict) -> None:
    if verdict.digest != grounding.state.digest:
        raise InputRefused(
            f"the code of region {verdict.region_id} does not have the digest "
            f"{verdict.digest[:80]!r}; it has {grounding.state.digest!r}",
            next_step="read the code again and judge that digest (link_commit lists it)",
        )
    if verdict.kind == "drifted" and not grounding.was_compliant:
        raise TransitionRefused(
            "drifted means that it once complied, and this region was never judged compliant",
            next_step="say partial if the code never followed the decision",
        )


def _store(transaction: Transaction, branch: str, verdict: Verdict, commit: str) -> bool:
    connection = transaction.connection
    place = {
        "decision_id": verdict.decision_id,
        "region_id": verdict.region_id,
        "digest": verdict.digest,
        "branch": branch,
    }
    values = {"verdict": verdict.kind, "note": verdict.note, "commit": commit}
    before = connection.execute(
        select(verdicts.c.verdict, verdicts.c.note, verdicts.c.commit).filter_by(**place)
    ).first()
    stamp = {"session_id": transaction.actor.session_id, "created_at": transaction.at}
    if before is None:
        connection.execute(insert(verdicts).values(**place, **values, **stamp))
    elif (before.verdict, before.note) == (verdict.kind, verdict.note):
        return False
    else:
        connection.execute(update(verdicts).filter_by(**place).values(**values, **stamp))
    transaction.record(
        f"verdict_{verdict.kind}",
        verdict.decision_id,
        before=dict(before._mapping) if before else {},
        after=place | values,
    )
    return True
