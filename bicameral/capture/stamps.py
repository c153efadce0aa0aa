"""Stamps: wall-clock nanoseconds as ISO 8601 text in UTC, to the microsecond.

Texts of one width, so that their order as text is their order in time.
"""

from datetime import UTC, datetime, timedelta

_SECOND_NS = 1_000_000_000
_MICROSECOND_NS = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stamps:
    """Writes stamps; remembers the text of the last second, which most events share."""

    __slots__ = ("_latest",)

    def __init__(self) -> None:
        self._latest: tuple[int | None, str] = (None, "")

    def write(self, time_ns: int) -> str:
        """Return `2026-01-31T12:00:00.000000Z` for nanoseconds since the epoch."""
        second, rest_ns = divmod(time_ns, _SECOND_NS)
        # One read of one tuple: two threads in different seconds cannot mix their halves.
        latest, text = self._latest
        if second != latest:
            text = (_EPOCH + timedelta(seconds=second)).isoformat().removesuffix("+00:00")
            self._latest = (second, text)
        return f"{text}.{rest_ns // _MICROSECOND_NS:06d}Z"


def read_stamp_ns(text: str) -> int:
    """Return the nanoseconds since the epoch of an ISO 8601 text; `ValueError` if it is none.

    A text without an offset is read as UTC.
    """
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1) * _MICROSECOND_NS
