"""Bypasses: a person waved a surfaced decision through. The decision stays as it is."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, insert, select

from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import bypasses
from bicameral.ledger.transaction import Transaction

IDEMPOTENT_FOR_MS = 60 * 60 * 1000


def record_bypass(transaction: Transaction, decision_id: str, reason: str) -> bool:
    """Record a bypass, once an hour per decision. True if recorded now."""
    if last_bypass(transaction.connection, decision_id) > transaction.at - IDEMPOTENT_FOR_MS:
        return False
    transaction.connection.execute(
        insert(bypasses).values(
            id=transaction.new_id("byp"),
            decision_id=decision_id,
            reason=reason,
            session_id=transaction.actor.session_id,
            preflight_id=transaction.actor.preflight_id,
            created_at=transaction.at,
        )
    )
    transaction.record("bypassed", decision_id, after={"reason": reason})
    return True


_LATELY = Prepared(
    select(bypasses.c.decision_id).where(
        bypasses.c.decision_id.in_(bindparam("ids", expanding=True)),
        bypasses.c.created_at > bindparam("since"),
    )
)


def bypassed_lately(connection: Connection, decision_ids: Sequence[str], *, now: int) -> set[str]:
    """Return which of these decisions were waved through within the hour.

    One bypass an hour is recorded for a decision, so it counts in every session.
    """
    if not decision_ids:
        return set()
    since = now - IDEMPOTENT_FOR_MS
    asked = {"ids": list(decision_ids), "since": since}
    return {row.decision_id for row in _LATELY.rows(connection, asked)}


def last_bypass(connection: Connection, decision_id: str) -> int:
    """Return when a decision was last bypassed, in milliseconds since the epoch; 0 if never."""
    newest = select(func.max(bypasses.c.created_at)).filter_by(decision_id=decision_id)
    return connection.scalar(newest) or 0
