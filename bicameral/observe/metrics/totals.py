"""The cumulative figures, `metrics.json`: a fold over the lines of the log, nothing of its own.

The totals and the places up to which the log was read are one file, replaced as a whole, so
that a line is in them once, whoever is killed when. Nobody removes a file of the log before
its lines are in the totals. Only whoever holds the lock folds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bicameral.capture.durable import replace_file
from bicameral.capture.follow import Follower, Place
from bicameral.capture.lanes import EVERY_LANE
from bicameral.capture.locks import held_lock
from bicameral.capture.log import HOLDS_OPEN
from bicameral.errors import MetricsUnreadable
from bicameral.observe.metrics.lines import METRICS_FILE, CallLine, EmittedLine, decode_lines
from bicameral.observe.metrics.names import COUNTER_NAMES

TOTALS_FILE = "metrics.json"
LOCK_FILE = "metrics.json.lock"
SCHEMA = 1
LOCK_ATTEMPTS = 5_000


class CallTotals(msgspec.Struct):
    """How often something was called, and how often that was refused, failed or cancelled."""

    calls: int = 0
    refused: int = 0
    failed: int = 0
    cancelled: int = 0


class LaneTotals(msgspec.Struct):
    """What became of the rows of a lane: `attempted` is the sum of both."""

    attempted: int = 0
    written: int = 0
    dropped: int = 0


class EmittedTotals(msgspec.Struct):
    """How often a metric was emitted, and the sum of its values."""

    emitted: int = 0
    sum: float = 0.0


def _zeros() -> dict[str, int]:
    return dict.fromkeys(COUNTER_NAMES, 0)


class Totals(msgspec.Struct, kw_only=True):
    """Everything that was ever counted in this data home.

    `since` and `until` are the stamps of the first and the newest line; `skipped_lines`
    were none. `places` say how far the log was read.
    """

    schema: int = SCHEMA
    since: str = ""
    until: str = ""
    counters: dict[str, int] = msgspec.field(default_factory=_zeros)
    calls: dict[str, CallTotals] = {}
    tokens: int = 0
    lanes: dict[str, LaneTotals] = msgspec.field(
        default_factory=lambda: {lane: LaneTotals() for lane in EVERY_LANE}
    )
    emitted: dict[str, EmittedTotals] = {}
    lines: int = 0
    skipped_lines: int = 0
    places: list[Place] = []

    def take(self, content: bytes) -> None:
        """Add the lines of a piece of the log."""
        for line in decode_lines(content):
            if line is None:
                self.skipped_lines += 1
                continue
            self.lines += 1
            self.since = min(self.since or line.ts, line.ts)
            self.until = max(self.until, line.ts)
            if isinstance(line, CallLine):
                self._take_call(line)
            else:
                self._take_emitted(line)

    def _take_call(self, line: CallLine) -> None:
        calls = self.calls.setdefault(line.command, CallTotals())
        calls.calls += 1
        calls.refused += line.status == "refused"
        calls.failed += line.status == "failed"
        calls.cancelled += line.status == "cancelled"
        self.tokens += line.tokens
        for name, by in line.counts.items():
            self.counters[name] = self.counters.get(name, 0) + by
        for lane, (written, dropped) in line.lanes.items():
            totals = self.lanes.setdefault(lane, LaneTotals())
            totals.attempted += written + dropped
            totals.written += written
            totals.dropped += dropped

    def _take_emitted(self, line: EmittedLine) -> None:
        emitted = self.emitted.setdefault(line.name, EmittedTotals())
        emitted.emitted += 1
        emitted.sum += line.value


def fold(home: Path, *, attempts: int = LOCK_ATTEMPTS) -> Totals | None:
    """Bring `metrics.json` up to the end of the log and return it; makes nothing without a log.

    None when another process kept the lock for `attempts` milliseconds. Raises
    `MetricsUnreadable` for a file that is damaged or newer, and `OSError`.
    """
    if not any(home.glob(f"{METRICS_FILE}*")):
        return load_totals(home)
    with held_lock(home / LOCK_FILE, attempts=attempts) as is_mine:
        if not is_mine:
            return None
        totals = load_totals(home)
        with Follower(home / METRICS_FILE, totals.places, rereads=False) as follower:
            _read_on(home, totals, follower)
        return totals


@contextmanager
def all_folded(home: Path) -> Iterator[bool]:
    """Yield whether all lines of files put aside are in the totals, so that these may go.

    False when another process is folding, or is just writing to one of them. While this is
    open nobody writes to them. Raises as `fold` does.
    """
    with held_lock(home / LOCK_FILE) as is_mine:
        if not is_mine:
            yield False
            return
        totals = load_totals(home)
        with Follower(home / METRICS_FILE, totals.places, rereads=False) as follower:
            may_go = not HOLDS_OPEN or follower.hold_aside(home / METRICS_FILE)
            _read_on(home, totals, follower)
            if HOLDS_OPEN:
                yield may_go
                return
        # An open file cannot be removed there, but lines are written under the log's own lock.
        yield True


def fold_alone(home: Path) -> Totals:
    """Fold for a caller who holds the lock. Raises as `fold` does."""
    totals = load_totals(home)
    with Follower(home / METRICS_FILE, totals.places, rereads=False) as follower:
        _read_on(home, totals, follower)
    return totals


def counted_until(totals: Totals, path: Path) -> int:
    """Return up to which byte a file of the log is in the totals."""
    state = path.stat()
    here = (state.st_dev, state.st_ino)
    offsets = [each.offset for each in totals.places if (each.device, each.inode) == here]
    return max(offsets, default=0)


def know_as_counted(home: Path, place: Place) -> None:
    """Note that a new file is counted up to a place, before it has its name.

    Whoever is killed in between has noted a file that is not there, which harms nothing.
    """
    totals = load_totals(home)
    totals.places = [*totals.places, place]
    replace_file(home / TOTALS_FILE, msgspec.json.encode(totals) + b"\n", is_synced=True)


def _read_on(home: Path, totals: Totals, follower: Follower) -> None:
    lines = totals.lines + totals.skipped_lines
    while content := follower.read():
        totals.take(content)
    # A file that was cut or removed by hand has another place from now on.
    if totals.lines + totals.skipped_lines > lines or follower.is_surprised:
        totals.places = follower.places()
        replace_file(home / TOTALS_FILE, msgspec.json.encode(totals) + b"\n", is_synced=False)


def load_totals(home: Path) -> Totals:
    """Return the totals as they stand, without folding; empty where there are none.

    Raises `MetricsUnreadable` for a file that is damaged or newer, and `OSError`.
    """
    try:
        totals = msgspec.json.decode((home / TOTALS_FILE).read_bytes(), type=Totals)
    except (FileNotFoundError, NotADirectoryError):
        return Totals()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(f"it is damaged: {error}") from error
    if totals.schema != SCHEMA:
        raise _unreadable(f"a version wrote it that this one does not know ({totals.schema})")
    return totals


def _unreadable(why: str) -> MetricsUnreadable:
    return MetricsUnreadable(
        f"{TOTALS_FILE} cannot be read: {why}",
        next_step=f"move {TOTALS_FILE} away to count anew from the lines that {METRICS_FILE} keeps",
    )
