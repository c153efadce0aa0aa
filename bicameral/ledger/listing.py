"""Pages of decisions: by feature group, sign-off or text; in a stable order, bounded."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import Decision, SignOff
from bicameral.ledger.schema import audit, decisions


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions in order; `next_after` starts the next page, None when there is none."""

    decisions: Sequence[Decision]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of history. `at` is milliseconds since the epoch; before/after are JSON."""

    number: int
    at: int
    session_id: str
    tool: str
    preflight_id: str | None
    action: str
    subject: str
    before: str
    after: str


def list_decisions(
    connection: Connection,
    repository_id: str,
    *,
    feature_group: str | None = None,
    signoffs: Sequence[SignOff] = (),
    after: int = 0,
    limit: int = 20,
) -> Page:
    """Return the next `limit` decisions behind number `after`, oldest first."""
    query = select(decisions.c.id, decisions.c.number).where(
        decisions.c.repository_id == repository_id, decisions.c.number > after
    )
    if feature_group is not None:
        query = query.where(decisions.c.feature_group == feature_group)
    if signoffs:
        query = query.where(decisions.c.signoff.in_(signoffs))
    rows = connection.execute(query.order_by(decisions.c.number).limit(limit + 1)).tuples().all()
    kept = rows[:limit]
    found = get_decisions(connection, [decision_id for decision_id, _ in kept])
    more = kept[-1][1] if len(rows) > limit else None
    return Page([found[decision_id] for decision_id, _ in kept], more)


def feature_groups(
    connection: Connection, repository_id: str, *, limit: int
) -> list[tuple[str, int]]:
    """Return feature groups with their number of decisions, in name order."""
    query = (
        select(decisions.c.feature_group, func.count())
        .where(decisions.c.repository_id == repository_id)
        .group_by(decisions.c.feature_group)
        .order_by(decisions.c.feature_group)
        .limit(limit)
    )
    return [(name, count) for name, count in connection.execute(query).tuples()]


def audit_of(connection: Connection, subject: str, *, limit: int) -> list[AuditRow]:
    """Return the newest audit rows of a subject, newest first."""
    query = select(audit).filter_by(subject=subject).order_by(audit.c.number.desc()).limit(limit)
    return [AuditRow(**row._mapping) for row in connection.execute(query)]
