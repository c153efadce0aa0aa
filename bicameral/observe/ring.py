"""The ring: the last spans of this process, in memory and nowhere else.

It is there whenever spans are recorded, also where no file can be written.
"""

from collections import deque
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bicameral.observe.span_row import SpanRow

MOST_SPANS = 256


class Ring:
    """Keeps the last `MOST_SPANS` finished spans; threads may share one."""

    def __init__(self) -> None:
        self._rows: deque[SpanRow] = deque(maxlen=MOST_SPANS)

    def add(self, row: "SpanRow") -> None:
        """Keep one, in place of the oldest if there are too many."""
        self._rows.append(row)

    def recent(self) -> list["SpanRow"]:
        """Return copies, oldest first: what is done to them is not done to the ring."""
        # A copy of the ring first: its rows may be added to while they are copied.
        return [row.copied() for row in self._rows.copy()]

    def clear(self) -> None:
        """Forget them all."""
        self._rows.clear()


@cache
def process_ring() -> Ring:
    """Return the ring that a server or command of this process records into."""
    return Ring()


def get_recent_spans() -> list["SpanRow"]:
    """Return copies of the last spans of this process, oldest first."""
    return process_ring().recent()


def clear_spans() -> None:
    """Forget the spans of this process; the file is not touched."""
    process_ring().clear()
