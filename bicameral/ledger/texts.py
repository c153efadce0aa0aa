"""Whether the texts that a preflight searches are still those of its last look.

Read off the audit, in which every change of them leaves a row: no text has to be read again,
and an edit that keeps every count is seen like any other.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select

from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import audit

_CHANGES = (
    "decision_added",
    "decision_amended",
    "ledger_imported",
    "signoff_rejected",
    "signoff_superseded",
)
# What was rejected may stand again, and is searched again from then on.
_IS_CHANGE = or_(
    audit.c.action.in_(_CHANGES),
    and_(audit.c.action.like("signoff_%"), audit.c.before.like('%"rejected"%')),
)
_NEWEST = Prepared(select(func.max(audit.c.number).label("newest")))
_SINCE = Prepared(
    select(
        select(func.max(audit.c.number)).scalar_subquery().label("newest"),
        func.max(case((_IS_CHANGE, audit.c.number))).label("changed"),
    ).where(audit.c.number > bindparam("seen"))
)


@dataclass(frozen=True, slots=True)
class TextsSeen:
    """How far the audit was read, and where in it the texts changed last.

    Equal `changed` means equal texts, and the same decisions that stand.
    """

    audited: int
    changed: int


def look_at_texts(connection: Connection, seen: TextsSeen | None) -> TextsSeen:
    """Return the state of the texts, from that of the last look; None for the first one.

    Reads what the audit has gained since.
    """
    if seen is not None:
        [row] = _SINCE.rows(connection, {"seen": seen.audited})
        newest = row.newest or 0
        if newest >= seen.audited:
            return TextsSeen(newest, row.changed or seen.changed)
    [row] = _NEWEST.rows(connection, {})
    return TextsSeen(row.newest or 0, row.newest or 0)
