"""What the last spans add up to: how many, how long, how many failed; pure functions.

A percentile is by nearest rank: the smallest duration that at least so many percent of them
do not exceed. It is one that was measured, never one in between.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bicameral.observe.metrics.percentiles import nearest_rank
from bicameral.observe.span_row import SpanRow

MOST_OPERATIONS = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """Durations in milliseconds; `errors` are those that ended as `error`."""

    count: int
    mean_ms: float
    p50_ms: float
    p95_ms: float
    longest_ms: float
    errors: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of each layer, and of the operations that are slowest in the mean."""

    spans: int
    layers: Mapping[str, Figures]
    slowest: Mapping[str, Figures]


def statistics_of(rows: Sequence[SpanRow]) -> Statistics:
    """Add the spans up; events take no time and only count."""
    layers, operations = defaultdict(list), defaultdict(list)
    for row in rows:
        layers[row.layer].append(row)
        operations[f"{row.layer} {row.operation} {row.component}"].append(row)
    figures = {name: figures_of(each) for name, each in operations.items()}
    slowest = sorted(figures.items(), key=lambda item: (-item[1].mean_ms, item[0]))
    return Statistics(
        spans=len(rows),
        layers={name: figures_of(layers[name]) for name in sorted(layers)},
        slowest=dict(slowest[:MOST_OPERATIONS]),
    )


def figures_of(rows: Sequence[SpanRow]) -> Figures:
    """Return the figures of at least one span."""
    durations = sorted(row.duration_ms for row in rows)
    return Figures(
        count=len(rows),
        mean_ms=sum(durations) / len(durations),
        p50_ms=nearest_rank(durations, 50),
        p95_ms=nearest_rank(durations, 95),
        longest_ms=durations[-1],
        errors=sum(row.status == "error" for row in rows),
    )
