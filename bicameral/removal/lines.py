"""Lines as removal sees them: their own time, their session, their ids; nothing else is read.

A choice is asked about the lines of one file in their order, and tells of each whether it goes.
"""

from collections.abc import Collection
from typing import Any, Protocol

import msgspec

from bicameral.capture.stamps import read_stamp_ns


class Row(msgspec.Struct):
    """As much of any row as tells whether it goes; what a row lacks is None."""

    ts: Any = None
    timestamp: Any = None
    session_id: Any = None
    id: Any = None
    review_id: Any = None
    trace_id: Any = None
    parent_id: Any = None
    metadata: Any = None


_decoder = msgspec.json.Decoder(Row)


class Choice(Protocol):
    """Tells of the lines of a file, one after another, which of them go."""

    def __call__(self, line: bytes) -> bool:
        """Tell whether a line goes."""
        ...


def read_row(line: bytes) -> Row | None:
    """Return what a line says; None where it is no row."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def time_of(row: Row, clock: str) -> int | None:
    """Return the row's own time by its clock, in nanoseconds since the epoch; None without one."""
    stamp = getattr(row, clock)
    try:
        return read_stamp_ns(stamp) if isinstance(stamp, str) else None
    except (ValueError, OverflowError):
        return None


class UntilTime:
    """Rows whose own time is `until_ns` or before; a line without a time goes as the one before.

    The first lines of a file stay if they have none.
    """

    def __init__(self, clock: str, until_ns: int) -> None:
        self._clock = clock
        self._until_ns = until_ns
        self._goes = False

    def __call__(self, line: bytes) -> bool:
        """Tell whether a line goes."""
        row = read_row(line)
        time_ns = None if row is None else time_of(row, self._clock)
        if time_ns is not None:
            self._goes = time_ns <= self._until_ns
        return self._goes


class OfSession:
    """Rows of one session, up to a time if one is given.

    A line that is no row goes too: nobody reads it, and nothing tells whose words it holds.
    """

    def __init__(self, session_id: str, clock: str, until_ns: int | None) -> None:
        self._session_id = session_id
        self._clock = clock
        self._until_ns = until_ns

    def __call__(self, line: bytes) -> bool:
        """Tell whether a line goes."""
        row = read_row(line)
        if row is None:
            return True
        return row.session_id == self._session_id and is_until(row, self._clock, self._until_ns)


class WithId:
    """Rows that have one of these ids in a field."""

    def __init__(self, field: str, ids: Collection[str]) -> None:
        self._field = field
        self._ids = ids

    def __call__(self, line: bytes) -> bool:
        """Tell whether a line goes."""
        row = read_row(line)
        return row is not None and getattr(row, self._field) in self._ids


def is_until(row: Row, clock: str, until_ns: int | None) -> bool:
    """Tell whether a row's own time is no later; true of every row where no time is given."""
    if until_ns is None:
        return True
    time_ns = time_of(row, clock)
    return time_ns is not None and time_ns <= until_ns
