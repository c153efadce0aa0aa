"""Health: a report held against limits that are written down; nothing here reads anything.

Rates of a few calls say nothing, so each limit has the fewest it is held against.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bicameral.observe.metrics.report import Report

Verdict = Literal["healthy", "degraded", "no_data"]
EXIT_STATUS: dict[Verdict, int] = {"healthy": 0, "degraded": 2, "no_data": 3}

LEAST_CALLS = 20
LEAST_SUCCESS_RATE = 0.95
LEAST_SELECTORS = 20
LEAST_SELECTOR_RATE = 0.5
LEAST_SPAWNS = 5
LEAST_READY_RATE = 0.8
MOST_DROPPABLE_RATE = 0.01
MOST_SKIPPED_RATE = 0.01


@dataclass(frozen=True, slots=True)
class Finding:
    """One limit that does not hold: a code, what was found, and what to do next."""

    code: str
    found: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Health:
    """The verdict, and what it rests on: nothing where all is well."""

    verdict: Verdict
    findings: list[Finding]

    @property
    def exit_status(self) -> int:
        """0 healthy, 2 degraded, 3 nothing to judge."""
        return EXIT_STATUS[self.verdict]


def judge(report: Report) -> Health:
    """Judge a report."""
    if not report.newest:
        finding = Finding(
            "no_data",
            "no call was ever recorded here",
            "switch capture on (BICAMERAL_TELEMETRY=preflight), work a while and ask again",
        )
        return Health("no_data", [finding])
    findings = list(_findings(report))
    return Health("degraded" if findings else "healthy", findings)


def _findings(report: Report) -> Iterator[Finding]:
    yield from _stale(report)
    yield from _drops(report)
    yield from _failures(report)
    yield from _rates(report)


def _stale(report: Report) -> Iterator[Finding]:
    if report.newest < report.since:
        yield Finding(
            "stale",
            f"the newest line is of {report.newest}",
            "see with `bicameral-mcp telemetry status` whether capture is on where it should be",
        )


def _drops(report: Report) -> Iterator[Finding]:
    for lane, most in (("durable", 0.0), ("droppable", MOST_DROPPABLE_RATE)):
        figures = report.lanes[lane]
        if figures.drop_rate > most:
            yield Finding(
                f"{lane}_drops",
                f"{figures.dropped} of {figures.attempted} {lane} rows were dropped",
                "see the last error in `bicameral-mcp telemetry status`",
            )
    read = report.lines + report.skipped_lines
    if report.skipped_lines > MOST_SKIPPED_RATE * read:
        yield Finding(
            "damaged_lines",
            f"{report.skipped_lines} of {read} lines cannot be read",
            "see that the disk is not full, then run `bicameral-mcp doctor`",
        )


def _failures(report: Report) -> Iterator[Finding]:
    for each in report.calls:
        rate, judged = each.success_rate, each.ok + each.failed
        if rate is not None and judged >= LEAST_CALLS and rate < LEAST_SUCCESS_RATE:
            yield Finding(
                "low_success_rate",
                f"{each.command}: {each.failed} of {judged} calls failed",
                "see the codes in `bicameral-mcp telemetry export csv`, and run "
                "`bicameral-mcp doctor`",
            )


def _rates(report: Report) -> Iterator[Finding]:
    limits = (
        ("selector_resolve_success_count", "selector_resolve_count", LEAST_SELECTORS),
        ("lsp_ready_count", "lsp_spawn_count", LEAST_SPAWNS),
    )
    least = {"selector_resolve_count": LEAST_SELECTOR_RATE, "lsp_spawn_count": LEAST_READY_RATE}
    for good, every, fewest in limits:
        done, tried = report.counters[good], report.counters[every]
        if tried >= fewest and done / tried < least[every]:
            yield Finding(
                "low_" + good.removesuffix("_count") + "_rate",
                f"{good} is {done} of {tried}",
                "see the codes in `bicameral-mcp telemetry export csv`",
            )
