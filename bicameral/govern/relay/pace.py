"""Pace: how fast requests may follow each other, and how long to wait after a failure."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

SECOND_NS = 1_000_000_000
_RANDOM_BYTES = 4


@dataclass(frozen=True, slots=True)
class PaceLimits:
    """At most `requests` in `seconds`; a wait doubles from `first_seconds` to `most_seconds`."""

    requests: int = 60
    seconds: float = 60.0
    first_seconds: float = 1.0
    most_seconds: float = 30.0
    attempts: int = 4


class Pace:
    """Keeps a run of requests within its limits; clock, sleep and chance come from outside."""

    def __init__(
        self,
        *,
        monotonic_ns: Callable[[], int],
        sleep: Callable[[float], None],
        random_bytes: Callable[[int], bytes],
        limits: PaceLimits,
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._sleep = sleep
        self._random_bytes = random_bytes
        self._limits = limits
        self._begun: deque[int] = deque(maxlen=limits.requests)

    def take(self) -> None:
        """Wait until one more request may begin."""
        if len(self._begun) == self._limits.requests:
            free_ns = self._begun[0] + int(self._limits.seconds * SECOND_NS)
            wait_ns = free_ns - self._monotonic_ns()
            if wait_ns > 0:
                self._sleep(wait_ns / SECOND_NS)
        self._begun.append(self._monotonic_ns())

    def back_off(self, attempt: int) -> None:
        """Wait after a failed attempt (0 is the first): up to twice as long as the time before.

        Somewhere between nothing and that, so that those who failed together do not come back
        together.
        """
        longest = min(self._limits.first_seconds * 2**attempt, self._limits.most_seconds)
        drawn = int.from_bytes(self._random_bytes(_RANDOM_BYTES), "big") / 256**_RANDOM_BYTES
        self._sleep(longest * drawn)

    def wait(self, seconds: float) -> bool:
        """Wait as long as the other side asks, if that is not too long; tell whether it was."""
        if seconds > self._limits.most_seconds:
            return False
        self._sleep(seconds)
        return True
