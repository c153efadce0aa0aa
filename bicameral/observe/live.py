"""Live lines: each span is said as it is finished, for a person who watches."""

from collections.abc import Callable
from contextlib import suppress

from bicameral.observe.lines import line_of
from bicameral.observe.recorder import RecordedSpan
from bicameral.observe.span_row import SpanRow


class LiveLines:
    """Says spans through `say`, deeper ones further in; children come before their parent."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def begun(self, span: RecordedSpan) -> None:
        """Nothing is known yet that is worth a line."""

    def finished(self, span: RecordedSpan, row: SpanRow) -> None:
        """Say the line."""
        with suppress(OSError, ValueError):  # stderr may be closed
            self._say("  " * depth_of(span) + line_of(row))

    def close(self) -> None:
        """Everything has been said."""


def depth_of(span: RecordedSpan) -> int:
    """Return how many spans this one stands in."""
    depth = 0
    while span.parent is not None:
        span, depth = span.parent, depth + 1
    return depth
