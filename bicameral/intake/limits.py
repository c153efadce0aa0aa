"""How much may be ingested how fast, so that one caller cannot fill a team's ledger."""

from collections import deque
from collections.abc import Callable
from threading import Lock

from bicameral.errors import IngestRefused

MOST_CALLS = 60
PER_SECONDS = 60
MOST_DECISIONS = 2_000


class RateLimit:
    """At most `most` calls in any `seconds`, by the given monotonic clock; thread-safe."""

    def __init__(
        self,
        monotonic_ns: Callable[[], int],
        *,
        most: int = MOST_CALLS,
        seconds: float = PER_SECONDS,
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._most = most
        self._window_ns = int(seconds * 1e9)
        self._calls: deque[int] = deque()
        self._lock = Lock()

    def take(self) -> None:
        """Count one call; raises `IngestRefused` beyond the limit."""
        now = self._monotonic_ns()
        with self._lock:
            while self._calls and self._calls[0] <= now - self._window_ns:
                self._calls.popleft()
            if len(self._calls) >= self._most:
                raise IngestRefused(
                    f"more than {self._most} ingest calls in {self._window_ns // 10**9} seconds",
                    next_step="give whole folders or lists in one call, or wait a minute",
                )
            self._calls.append(now)
