"""How long language servers are waited for: for a start, for an answer, in one call in all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: from a server's start to its first answer, for a later answer, and for a call."""

    start: float = 5.0
    answer: float = 2.0
    call: float = 6.0


class Budget:
    """Seconds that are spent while somebody waits; `monotonic_ns` measures them."""

    def __init__(self, monotonic_ns: Callable[[], int], seconds: float) -> None:
        self._monotonic_ns = monotonic_ns
        self._left_ns = int(seconds * 1e9)

    @property
    def left_seconds(self) -> float:
        """Return what is left; never below zero."""
        return max(0, self._left_ns) / 1e9

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Charge the time that passes within."""
        began = self._monotonic_ns()
        try:
            yield
        finally:
            self._left_ns -= self._monotonic_ns() - began
