"""The last days of a home: its calls, its emitted metrics, and its preflights, row by row.

Rows older than the logs keep them are not here; the sums of `metrics.json` have them still.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from bicameral.capture.follow import Follower
from bicameral.capture.rows import EVENTS_FILE
from bicameral.observe.metrics.lines import METRICS_FILE, Line, decode_lines


class PreflightLine(msgspec.Struct, tag_field="event_type", tag="preflight"):
    """What is asked of a preflight's row."""

    ts: str
    topic_hash: str
    fired: bool
    reason: str
    surfaced_ids: list[str] = []


_preflights = msgspec.json.Decoder(PreflightLine)


class Window:
    """The rows since a stamp; `skipped` counts lines that were none, `newest` is a stamp."""

    def __init__(self, home: Path, since: str) -> None:
        self.since = since
        self.skipped = 0
        self.newest = ""
        self._home = home

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the metrics. Raises `OSError`."""
        for content in _contents(self._home / METRICS_FILE):
            for line in decode_lines(content):
                if line is None:
                    self.skipped += 1
                    continue
                self.newest = max(self.newest, line.ts)
                if line.ts >= self.since:
                    yield line

    def preflights(self) -> Iterator[PreflightLine]:
        """Yield the preflights; what is none is passed over. Raises `OSError`."""
        for content in _contents(self._home / EVENTS_FILE):
            for each in content.split(b"\n"):
                if b'"preflight"' not in each:
                    continue
                try:
                    row = _preflights.decode(each)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    continue
                if row.ts >= self.since:
                    yield row


def _contents(path: Path) -> Iterator[bytes]:
    with Follower(path) as follower:
        while content := follower.read():
            yield content
