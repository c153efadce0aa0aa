"""Pages of decisions: by feature group, sign-off or text; in a stable order, bounded."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bicameral.ledger.bindings import groundings_of
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import Decision, SignOff, Status, View
from bicameral.ledger.schema import audit, decisions
from bicameral.ledger.status import decision_status

MOST_SCANNED = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions in order; `next_after` starts the next page, None when there is none."""

    decisions: Sequence[Decision]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Some decisions with their derived status; `next_after` starts the next page."""

    entries: Sequence[tuple[Decision, Status]]
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
    rows = connection.execute(query.order_by(decisions.c.number).limit(limit + 1)).all()
    kept = rows[:limit]
    found = get_decisions(connection, [decision_id for decision_id, _ in kept])
    more = kept[-1][1] if len(rows) > limit else None
    return Page([found[decision_id] for decision_id, _ in kept], more)


def list_with_status(
    connection: Connection,
    view: View,
    *,
    feature_group: str | None = None,
    signoffs: Sequence[SignOff] = (),
    status: Status | None = None,
    after: int = 0,
    limit: int = 20,
) -> StatusPage:
    """Return the next decisions with their status.

    Status is derived, so filtering by it looks at `MOST_SCANNED` decisions a call at most;
    a page may then be short, or empty, and still have a next one.
    """
    page = list_decisions(
        connection,
        view.repository_id,
        feature_group=feature_group,
        signoffs=signoffs,
        after=after,
        limit=limit if status is None else MOST_SCANNED,
    )
    groundings = groundings_of(connection, view, [each.id for each in page.decisions])
    entries = [(each, decision_status(groundings[each.id])) for each in page.decisions]
    if status is None:
        return StatusPage(entries, page.next_after)
    passing = [entry for entry in entries if entry[1] == status]
    kept = passing[:limit]
    return StatusPage(kept, kept[-1][0].number if len(passing) > limit else page.next_after)


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
    return [(name, count) for name, count in connection.execute(query)]


def audit_of(connection: Connection, subject: str, *, limit: int) -> list[AuditRow]:
    """Return the newest audit rows of a subject, newest first."""
    query = select(audit).filter_by(subject=subject).order_by(audit.c.number.desc()).limit(limit)
    return [AuditRow(**row._mapping) for row in connection.execute(query)]
