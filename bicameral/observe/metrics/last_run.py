"""The run of this process in figures: what `last_run.json` says, written anew at each call.

A run is a process: a server's life so far, or one command. Pure but for `write_last_run`.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from bicameral.capture.durable import replace_file
from bicameral.capture.lanes import Lane
from bicameral.capture.locks import held_lock
from bicameral.capture.log import Counts
from bicameral.observe.metrics.lines import CallLine
from bicameral.observe.metrics.names import COUNTER_NAMES, COUNTERS
from bicameral.observe.metrics.percentiles import p50, p95

LAST_RUN_FILE = "last_run.json"
LOCK_FILE = "last_run.json.lock"
LOCK_ATTEMPTS = 20
MOST_WARNINGS = 5
# A server that lives for weeks tells of its latest calls.
MOST_SAMPLES = 1_000


class Latency(msgspec.Struct, frozen=True):
    """How long something took: `count` times; the rest is of the latest `MOST_SAMPLES`."""

    count: int
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None


class Drops(msgspec.Struct, frozen=True):
    """What became of rows; `attempted == written + dropped`."""

    attempted: int
    written: int
    dropped: int
    drop_rate: float


class AllDrops(Drops, frozen=True):
    """The same of all rows, and of each lane."""

    lanes: dict[str, Drops]


class WarningCount(msgspec.Struct, frozen=True):
    """The code of something that went wrong, and how often."""

    code: str
    count: int


class LedgerState(msgspec.Struct, frozen=True):
    """`state` is `ok`, `not_read`, or the code of the latest ledger error."""

    state: str
    revision: int | None


class LastRun(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of `last_run.json`."""

    run_id: str
    ts: str
    metrics_delta: dict[str, int]
    latencies: dict[str, Latency]
    tokens: dict[str, int]
    ast: dict[str, int]
    lsp: dict[str, int]
    file_read: dict[str, int]
    top_warnings: list[WarningCount]
    ledger_state: LedgerState
    telemetry_drops: AllDrops


class RunTally:
    """Adds up the calls of this process."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._counts: Counter[str] = Counter(dict.fromkeys(COUNTER_NAMES, 0))
        self._timed: Counter[str] = Counter()
        self._samples: dict[str, deque[float]] = {}
        self._warnings: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter({"answers": 0, "estimated": 0})
        self._ledger = LedgerState("not_read", None)
        self._ts = ""

    def take(self, line: CallLine, notes: Mapping[str, int | None]) -> None:
        """Add one call; `notes` are the numbers it came across."""
        self._ts = line.ts
        self._counts.update(line.counts)
        self._time(line.command, [line.duration_ms])
        for name, durations in line.durations_ms.items():
            self._time(name, durations)
        if line.tokens:
            self._tokens.update(answers=1, estimated=line.tokens)
        if line.code:
            self._warnings[line.code] += 1
        if line.code.startswith("ledger_"):
            self._ledger = LedgerState(line.code, self._ledger.revision)
        elif "ledger_revision" in notes:
            self._ledger = LedgerState("ok", notes["ledger_revision"])

    def result(self, *, drops: Mapping[Lane, Counts]) -> LastRun:
        """Return the run so far."""
        return LastRun(
            run_id=self._run_id,
            ts=self._ts,
            metrics_delta=dict(self._counts),
            latencies={name: self._latency(name) for name in sorted(self._timed)},
            tokens=dict(self._tokens),
            ast=self._group("ast"),
            lsp=self._group("lsp"),
            file_read=self._group("file_read"),
            top_warnings=[
                WarningCount(*each) for each in self._warnings.most_common(MOST_WARNINGS)
            ],
            ledger_state=self._ledger,
            telemetry_drops=all_drops(drops),
        )

    def _time(self, name: str, durations: Iterable[float]) -> None:
        kept = self._samples.setdefault(name, deque(maxlen=MOST_SAMPLES))
        for each in durations:
            kept.append(each)
            self._timed[name] += 1

    def _latency(self, name: str) -> Latency:
        ordered = sorted(self._samples[name])
        return Latency(
            count=self._timed[name],
            p50_ms=p50(ordered),
            p95_ms=p95(ordered),
            max_ms=ordered[-1] if ordered else None,
        )

    def _group(self, group: str) -> dict[str, int]:
        return {each.name: self._counts[each.name] for each in COUNTERS if each.group == group}


def all_drops(drops: Mapping[Lane, Counts]) -> AllDrops:
    """Return the drops of all rows and of each lane."""
    written = sum(each.written for each in drops.values())
    dropped = sum(each.dropped for each in drops.values())
    return AllDrops(
        attempted=written + dropped,
        written=written,
        dropped=dropped,
        drop_rate=drop_rate(written, dropped),
        lanes={
            lane: Drops(
                each.attempted, each.written, each.dropped, drop_rate(each.written, each.dropped)
            )
            for lane, each in drops.items()
        },
    )


def drop_rate(written: int, dropped: int) -> float:
    """Return the share of rows that were dropped; 0 of none."""
    return dropped / (written + dropped) if dropped else 0.0


def write_last_run(home: Path, run: LastRun) -> None:
    """Replace `last_run.json` as a whole; a process that finds another at it leaves it that one's.

    Raises `OSError`.
    """
    content = msgspec.json.encode(run) + b"\n"
    with held_lock(home / LOCK_FILE, attempts=LOCK_ATTEMPTS) as is_mine:
        if is_mine:
            replace_file(home / LAST_RUN_FILE, content, is_synced=False)
