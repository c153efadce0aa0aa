"""One write to the ledger: its connection, its author, its moment, its audit rows.

Whatever could change what a preflight shows goes through `record`, which moves the
ledger's revision on, so that no remembered answer outlives the state it came from.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select, update

from bicameral.ledger.domain import Actor
from bicameral.ledger.identifiers import make_identifier
from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import audit, ledger_state
from bicameral.metering import note

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Happening:
    """What was done to what: the part of an audit row that differs within a transaction."""

    action: str
    subject: str
    before: Facts
    after: Facts


@dataclass(slots=True)
class Transaction:
    """What a write needs. `at` is milliseconds since the epoch."""

    connection: Connection
    actor: Actor
    at: int
    random_bytes: Callable[[int], bytes]
    _has_moved: bool = field(default=False, init=False)

    def new_id(self, prefix: str) -> str:
        """Return a fresh identifier that sorts by this transaction's moment."""
        return make_identifier(prefix, time_ms=self.at, random_bytes=self.random_bytes)

    def record(
        self, action: str, subject: str, *, before: Facts | None = None, after: Facts | None = None
    ) -> None:
        """Append an audit row and move the revision on, once per transaction."""
        self.record_all([Happening(action, subject, before or {}, after or {})])

    def record_all(self, happened: Sequence[Happening]) -> None:
        """Append an audit row for each, in one go; none of them moves nothing."""
        if not happened:
            return
        self.connection.execute(insert(audit), [self._row(each) for each in happened])
        if not self._has_moved:
            self._has_moved = True
            self.connection.execute(
                update(ledger_state)
                .where(ledger_state.c.name == "revision")
                .values(value=ledger_state.c.value + 1)
            )

    def _row(self, happening: Happening) -> Mapping[str, object]:
        return {
            "at": self.at,
            "session_id": self.actor.session_id,
            "tool": self.actor.tool,
            "preflight_id": self.actor.preflight_id,
            "action": happening.action,
            "subject": happening.subject,
            "before": json.dumps(happening.before, ensure_ascii=False, sort_keys=True),
            "after": json.dumps(happening.after, ensure_ascii=False, sort_keys=True),
        }


_REVISION = Prepared(select(ledger_state.c.value).where(ledger_state.c.name == "revision"))


def revision(connection: Connection) -> int | None:
    """Return the ledger's revision: another number, another possible answer; None if lost."""
    rows = _REVISION.rows(connection, {})
    found = rows[0].value if rows else None
    note("ledger_revision", found)
    return found
