"""Moments: stamps as numbers where something has to be reckoned with them.

A text that is no stamp is the beginning of time: then nothing was known yet, and whoever
asks what a preflight could have shown is told nothing.
"""

from bicameral.capture.stamps import Stamps, read_stamp_ns

MILLISECOND_NS = 1_000_000
SECOND_NS = 1_000_000_000
_LAST_NS = 253_402_300_799 * SECOND_NS


def moment_ns(stamp: str) -> int:
    """Return nanoseconds since the epoch; 0 for a text that is no stamp."""
    try:
        return read_stamp_ns(stamp)
    except (ValueError, OverflowError):
        return 0


def later(stamp: str, *, seconds: int) -> str:
    """Return the stamp that many seconds later."""
    return Stamps().write(min(moment_ns(stamp) + seconds * SECOND_NS, _LAST_NS))
