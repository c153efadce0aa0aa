"""Enqueue: rows of the logs that may be sent, since the last time, into the spool.

A row goes in as `for_transmission` gives it, looked at once more as a whole, or it is refused
and counted; never a part of it. A row is known by a keyed digest of its line, so that it is
queued once, also where nothing is known any more of how far the logs were read.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import msgspec

from bicameral.capture.follow import Follower
from bicameral.capture.salt import read_salt
from bicameral.environment import Environment
from bicameral.errors import TransmissionRefused
from bicameral.govern.registry import Registry
from bicameral.govern.scrubbing import Digest, find_private, is_ours, keyed_digest
from bicameral.govern.spool.batch import SCHEMA, Batch, BatchRow
from bicameral.govern.spool.folder import LIMITS, Spool, SpoolLimits, open_spool
from bicameral.govern.spool.state import add
from bicameral.govern.transmission import HIGHEST_CAP, for_transmission

MOST_ROWS = 500
"""Rows of one batch."""
MOST_REASONS = 20
"""Reasons that are told in words; all are counted."""


@dataclass(slots=True)
class Enqueued:
    """What came of the rows that were there: numbers, and reasons without any value."""

    queued: int = 0
    batches: int = 0
    known: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    dropped: dict[str, int] = field(default_factory=dict)


class _Refused(Exception):
    """A row may not be queued: `why` is counted, the message told; neither quotes anything."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


def enqueue(
    environment: Environment,
    registry: Registry,
    *,
    limits: SpoolLimits = LIMITS,
    on_step: Callable[[str], None] = lambda _step: None,
) -> Enqueued:
    """Queue what may be sent of every log whose lines may be.

    Raises `SpoolBusy`, `SpoolUnusable`, `SaltUnusable`, `HomeUnusable` and `OSError`; what was
    queued until then stays queued, and nothing is queued twice afterwards.
    """
    done = Enqueued()
    with open_spool(environment, limits=limits) as spool:
        before = dict(spool.state.dropped)
        spool.tidy()
        for name in _logs(registry):
            _Log(environment, registry, spool, done, on_step).queue(name)
        spool.save()
        done.dropped = {
            why: number - before.get(why, 0)
            for why, number in spool.state.dropped.items()
            if number > before.get(why, 0)
        }
    return done


def _logs(registry: Registry) -> Iterator[str]:
    """Yield the names of the logs that hold any lines which may be sent."""
    for name, kinds in registry.by_file().items():
        if "/" not in name and any(each.transmission == "approved_upload" for each in kinds):
            yield name


class _Log:
    """One log being queued."""

    def __init__(
        self,
        environment: Environment,
        registry: Registry,
        spool: Spool,
        done: Enqueued,
        on_step: Callable[[str], None],
    ) -> None:
        self._environment = environment
        self._registry = registry
        self._spool = spool
        self._done = done
        self._on_step = on_step

    @cached_property
    def _digest(self) -> Digest:
        """The keyed digest; asked for with the first line, for an empty home needs no salt."""
        return keyed_digest(read_salt(self._environment.home, self._environment.random_bytes))

    def queue(self, name: str) -> None:
        """Queue a log piece by piece; each piece is queued whole, with the place it ended."""
        spool = self._spool
        places = spool.state.places.get(name, ())
        with Follower(self._environment.home / name, places) as follower:
            may_repeat = not places or follower.is_surprised
            known = spool.known_ids() if may_repeat else set()
            while lines := follower.read():
                rows = list(self._rows(name, lines, known))
                spool.state.places[name] = follower.places()
                self._put(rows)

    def _put(self, rows: list[BatchRow]) -> None:
        parts = [rows[at : at + MOST_ROWS] for at in range(0, len(rows), MOST_ROWS)]
        batches = [Batch(SCHEMA, part) for part in parts]
        self._spool.tidy(incoming=[len(msgspec.json.encode(each)) for each in batches])
        self._spool.state.queued += len(rows)
        self._spool.put(batches)
        self._done.queued += len(rows)
        self._done.batches += len(batches)
        self._on_step("queued")

    def _rows(self, name: str, lines: bytes, known: set[str]) -> Iterator[BatchRow]:
        seen = set(known)
        for line in filter(bytes.strip, lines.split(b"\n")):
            row_id = self._digest(f"line\0{line.decode('utf-8', 'surrogateescape')}")
            if row_id in seen:
                self._done.known += 1
                continue
            seen.add(row_id)
            try:
                yield self._row(name, row_id, line)
            except _Refused as refused:
                self._done.refused[refused.why] += 1
                add(self._spool.state.refused, refused.why, 1)
                if len(self._done.reasons) < MOST_REASONS or str(refused) in self._done.reasons:
                    self._done.reasons[str(refused)] += 1

    def _row(self, name: str, row_id: str, line: bytes) -> BatchRow:
        row = _parsed(line)
        kind = self._registry.kind_of(name, row)
        if kind is None or kind.transmission != "approved_upload":
            told = kind.id if kind else "a line of no kind"
            raise _Refused("kind", f"{told}: not one of the kinds that may be sent")
        try:
            out = for_transmission(kind, row, cap=HIGHEST_CAP, digest=self._digest)
        except TransmissionRefused as refused:
            raise _Refused("content", refused.message) from None
        if has_private(out):
            raise _Refused("content", f"a line of {kind.id} is not sent: private as a whole")
        return BatchRow(row_id, kind.id, out)


def has_private(row: Mapping[str, object]) -> bool:
    """Tell whether anything private is left in what would be sent, names and values alike."""
    told = [text for text in _texts(row) if not is_ours(text)]
    return any(map(_is_private, told)) or _is_private("\n".join(told))


@lru_cache(maxsize=1_000)
def _is_private(text: str) -> bool:
    """Look at a text once: rows of a kind have the same names, and most the same codes."""
    return bool(find_private(text))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from map(str, value)
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Collection):
        for inner in value:
            yield from _texts(inner)


def _parsed(line: bytes) -> dict[str, object]:
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise _Refused("unreadable", "a line that is no row")
    return row
