"""Verdicts: what was judged of a decision in a region at one digest of its code.

A verdict counts only where the code has that digest. One given on an unmerged branch counts
there alone, until the main branch itself shows that digest.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from bicameral.errors import InputRefused, NotFound, TransitionRefused
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
    changed = _store(transaction, view.branch, verdict, commit)
    if verdict.kind == "not_relevant":
        remove_binding(transaction, verdict.decision_id, verdict.region_id, view.branch)
    return changed


def promote_verdicts(transaction: Transaction, region_id: str, digest: str) -> int:
    """Let verdicts from branches on this digest count on the main branch; return how many."""
    connection = transaction.connection
    place = {"region_id": region_id, "digest": digest}
    waiting = connection.execute(
        select(verdicts).filter_by(**place).where(verdicts.c.branch != MAIN)
    ).all()
    for row in waiting:
        verdict = Verdict(row.decision_id, region_id, digest, row.verdict, row.note)
        _store(transaction, MAIN, verdict, row.commit)
        if row.verdict == "not_relevant":
            remove_binding(transaction, row.decision_id, region_id, MAIN)
    connection.execute(delete(verdicts).filter_by(**place).where(verdicts.c.branch != MAIN))
    return len(waiting)


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
