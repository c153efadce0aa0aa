"""A progress bar on stderr, for a person who waits; silent where nobody looks."""

from collections.abc import Callable
from typing import IO

BAR_WIDTH = 24
NEXT_DRAWING_NS = 50_000_000
_CLEAR = "\r\x1b[K"


class ProgressBar:
    """One line that is drawn over itself, at most twenty times a second."""

    def __init__(self, stream: IO[str], monotonic_ns: Callable[[], int]) -> None:
        self._stream = stream if stream.isatty() else None
        self._monotonic_ns = monotonic_ns
        self._drawn_ns: int | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show how much of a step is done."""
        now = self._monotonic_ns()
        is_due = self._drawn_ns is None or now - self._drawn_ns >= NEXT_DRAWING_NS
        if self._stream and (is_due or done >= total):
            self._drawn_ns = now
            self._stream.write(_CLEAR + bar(step, done, total))
            self._stream.flush()

    def clear(self) -> None:
        """Take the bar away, so that the answer stands alone."""
        if self._stream and self._drawn_ns is not None:
            self._stream.write(_CLEAR)
            self._stream.flush()


def bar(step: str, done: int, total: int) -> str:
    """Return the bar as text."""
    share = min(max(done / total, 0.0), 1.0) if total > 0 else 1.0
    filled = int(share * BAR_WIDTH)
    return f"{step:<8} [{'#' * filled}{'-' * (BAR_WIDTH - filled)}] {done}/{total}"
