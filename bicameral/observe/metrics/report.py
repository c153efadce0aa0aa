"""The report: what calls did in the last days, how long they took, and what found nothing."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from bicameral.capture.lanes import EVERY_LANE
from bicameral.observe.metrics.last_run import drop_rate
from bicameral.observe.metrics.lines import CallLine
from bicameral.observe.metrics.names import COUNTER_NAMES
from bicameral.observe.metrics.percentiles import p50, p95
from bicameral.observe.metrics.window import PreflightLine, Window

# The reasons of a preflight that looked and found nothing, by a code of ours each.
ZERO_RESULTS = frozenset({"no_matches", "no_relevant_decisions", "topic_too_generic"})


@dataclass(frozen=True, slots=True)
class CallFigures:
    """One tool: `n` calls, how they ended, and their durations in milliseconds."""

    command: str
    n: int
    ok: int
    refused: int
    failed: int
    cancelled: int
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None

    @property
    def success_rate(self) -> float | None:
        """The share of those answered among those answered or failed; None of neither."""
        judged = self.ok + self.failed
        return self.ok / judged if judged else None


@dataclass(frozen=True, slots=True)
class ZeroResult:
    """A topic, by its hash, that preflights asked about and found nothing."""

    topic_hash: str
    count: int
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class LaneFigures:
    """What became of the rows of a lane."""

    attempted: int
    written: int
    dropped: int
    drop_rate: float


@dataclass(frozen=True, slots=True)
class Report:
    """The figures since a stamp; `newest` is that of the newest line there is, "" of none."""

    since: str
    newest: str
    calls: list[CallFigures]
    counters: dict[str, int]
    tokens: int
    preflights: int
    fired: int
    reasons: dict[str, int]
    zero_results: list[ZeroResult]
    lanes: dict[str, LaneFigures]
    emitted: dict[str, int]
    lines: int
    skipped_lines: int


@dataclass(slots=True)
class _Tally:
    durations: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    counters: Counter[str] = field(default_factory=Counter)
    lanes: Counter[tuple[str, str]] = field(default_factory=Counter)
    emitted: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    lines: int = 0

    def take(self, line: CallLine) -> None:
        """Add one call."""
        self.durations[line.command].append(line.duration_ms)
        self.statuses[line.command, line.status] += 1
        self.counters.update(line.counts)
        self.tokens += line.tokens
        for lane, (written, dropped) in line.lanes.items():
            self.lanes[lane, "written"] += written
            self.lanes[lane, "dropped"] += dropped

    def calls(self) -> list[CallFigures]:
        """Return the figures of each tool."""
        return [self._figures(command) for command in sorted(self.durations)]

    def _figures(self, command: str) -> CallFigures:
        ordered = sorted(self.durations[command])
        ended = {
            name: self.statuses[command, name] for name in ("ok", "refused", "failed", "cancelled")
        }
        return CallFigures(
            command=command,
            n=len(ordered),
            **ended,
            p50_ms=p50(ordered),
            p95_ms=p95(ordered),
            max_ms=ordered[-1],
        )

    def lane(self, lane: str) -> LaneFigures:
        """Return the figures of one lane."""
        written, dropped = self.lanes[lane, "written"], self.lanes[lane, "dropped"]
        return LaneFigures(written + dropped, written, dropped, drop_rate(written, dropped))


def make_report(home: Path, *, since: str) -> Report:
    """Read what the logs keep since a stamp. Raises `OSError`."""
    window, tally = Window(home, since), _Tally()
    for line in window.lines():
        tally.lines += 1
        if isinstance(line, CallLine):
            tally.take(line)
        else:
            tally.emitted[line.name] += 1
    preflights = list(window.preflights())
    return Report(
        since=since,
        newest=window.newest,
        calls=tally.calls(),
        counters={name: tally.counters[name] for name in COUNTER_NAMES},
        tokens=tally.tokens,
        preflights=len(preflights),
        fired=sum(each.fired for each in preflights),
        reasons=dict(Counter(each.reason for each in preflights).most_common()),
        zero_results=zero_results(preflights),
        lanes={lane: tally.lane(lane) for lane in EVERY_LANE},
        emitted=dict(tally.emitted),
        lines=tally.lines,
        skipped_lines=window.skipped,
    )


def zero_results(preflights: list[PreflightLine]) -> list[ZeroResult]:
    """Group the preflights that found nothing by their topic, the commonest first."""
    seen: dict[str, list[str]] = defaultdict(list)
    for each in preflights:
        if each.reason in ZERO_RESULTS and not each.surfaced_ids:
            seen[each.topic_hash].append(each.ts)
    found = [ZeroResult(topic, len(ts), min(ts), max(ts)) for topic, ts in seen.items()]
    return sorted(found, key=lambda each: (-each.count, each.first_seen, each.topic_hash))
