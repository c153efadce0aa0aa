"""Metering: code says what it did and how long it took; the root of a call says who listens.

`count` and `observe_ms` cost one look at a context variable while nobody listens, and never
raise. They find the call's meter in its context, so that nothing is passed down for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

MOST_DURATIONS = 1_000


class Meter:
    """What one call did: sums and durations by name; threads may share one.

    `durations_ms` keeps the first `MOST_DURATIONS` of a name; `unkept` counts those beyond.
    `notes` has the latest number of a name.
    """

    __slots__ = ("_guard", "counts", "durations_ms", "notes", "unkept")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.durations_ms: dict[str, list[float]] = {}
        self.notes: dict[str, int | None] = {}
        self.unkept = 0
        self._guard = Lock()

    def count(self, name: str, by: int = 1) -> None:
        """Add to a sum."""
        with self._guard:
            self.counts[name] = self.counts.get(name, 0) + by

    def observe_ms(self, name: str, milliseconds: float) -> None:
        """Keep one duration."""
        with self._guard:
            kept = self.durations_ms.setdefault(name, [])
            if len(kept) < MOST_DURATIONS:
                kept.append(milliseconds)
            else:
                self.unkept += 1


_listening: ContextVar[Meter | None] = ContextVar("bicameral_meter", default=None)


def count(name: str, by: int = 1) -> None:
    """Add to a counter of the call under way; nothing while nobody listens.

    A thread that was started by hand has a context of its own: run it in a copy of the
    caller's (`contextvars.copy_context().run`) for its counts to be found.
    """
    meter = _listening.get()
    if meter is not None:
        meter.count(name, by)


def observe_ms(name: str, milliseconds: float) -> None:
    """Keep a duration, of a monotonic clock and never floored, for the call under way."""
    meter = _listening.get()
    if meter is not None:
        meter.observe_ms(name, milliseconds)


def note(name: str, value: int | None) -> None:
    """Keep the latest number of a name, such as the ledger's revision; None: it is not known."""
    meter = _listening.get()
    if meter is not None:
        meter.notes[name] = value


def current_meter() -> Meter | None:
    """Return the meter of the call under way; None while nobody listens."""
    return _listening.get()


@contextmanager
def metered(meter: Meter | None) -> Iterator[None]:
    """Have everything within be counted by `meter`, and by it alone; by none if it is None."""
    token = _listening.set(meter)
    try:
        yield
    finally:
        _listening.reset(token)
