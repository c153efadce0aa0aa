"""Statements as they are run, for a trace: the verb and the table, never a value.

Listening costs nothing while there is no trace: a connection is watched only within one.
"""

import re
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, event

from bicameral.ledger.schema import metadata
from bicameral.tracing import Span, Status, is_traced, span

VERBS = ("select", "insert", "update", "delete", "begin")
_TABLE = re.compile(r'\b(?:from|into|update)\s+"?(\w+)', re.IGNORECASE)


def watched(connection: Connection) -> AbstractContextManager[object]:
    """Open a span for each statement that the connection runs within, if there is a trace."""
    return _Watching(connection) if is_traced() else _UNWATCHED


class _Watching:
    """The statement under way on one connection, which runs one at a time."""

    def __init__(self, connection: Connection) -> None:
        self._span: Span | None = None
        event.listen(connection, "before_cursor_execute", self._before)
        event.listen(connection, "after_cursor_execute", self._after)

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish(kind, error, trace)

    def _before(
        self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        # One that failed, and whose error was dealt with, has told nobody of its end.
        self._finish(None, None, None, status="error")
        sets = parameters if isinstance(parameters, list) else [parameters]
        self._span = span("ledger", _verb(statement), _table(statement), {"parameters": len(sets)})
        self._span.__enter__()

    def _after(self, _connection: Any, cursor: Any, *_: Any) -> None:
        if self._span is not None and cursor.rowcount >= 0:  # a driver that cannot tell says -1
            self._span.set_output({"rows": cursor.rowcount})
        self._finish(None, None, None)

    def _finish(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        *,
        status: Status = "success",
    ) -> None:
        opened, self._span = self._span, None
        if opened is not None:
            opened.set_status(status)
            opened.__exit__(kind, error, trace)


_UNWATCHED: AbstractContextManager[None] = nullcontext()


def _verb(statement: str) -> str:
    word = statement.lstrip("( \n").partition(" ")[0].lower()
    return word if word in VERBS else "select" if word == "with" else "other"


def _table(statement: str) -> str:
    return next(
        (name for name in _TABLE.findall(statement) if name in metadata.tables), "connection"
    )
