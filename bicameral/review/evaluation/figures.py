"""Figures of a run: precision, recall, fire rate, latency and tokens, from outcomes alone.

A ratio without a denominator is None, and never 0 or 1: nothing was shown is not the same
as everything shown was wrong.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from bicameral.review.dataset import Category
from bicameral.review.evaluation.asking import Outcome

FEWEST_FOR_P95 = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted over some rows; decisions are counted one by one.

    `right` rows showed exactly what was expected. `silent` rows expect nothing.
    """

    rows: int = 0
    right: int = 0
    fired: int = 0
    silent: int = 0
    fired_on_silent: int = 0
    expected: int = 0
    shown: int = 0
    shown_rightly: int = 0

    @property
    def right_share(self) -> float | None:
        """Return the share of rows that are right."""
        return ratio(self.right, self.rows)

    @property
    def precision(self) -> float | None:
        """Return the share of shown decisions that were expected."""
        return ratio(self.shown_rightly, self.shown)

    @property
    def recall(self) -> float | None:
        """Return the share of expected decisions that were shown."""
        return ratio(self.shown_rightly, self.expected)

    @property
    def fire_rate(self) -> float | None:
        """Return the share of rows that fired."""
        return ratio(self.fired, self.rows)

    @property
    def fire_rate_on_silent(self) -> float | None:
        """Return the share of rows that fired among those that expect nothing."""
        return ratio(self.fired_on_silent, self.silent)


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of `n` measurements; None without any, `p95` also with fewer than 20."""

    n: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is told of some rows. Latencies are milliseconds, tokens are estimates."""

    counts: Counts
    latency_ms: Spread
    tokens: Spread


def ratio(part: float, whole: float) -> float | None:
    """Return a share, or None where there is nothing to have a share of."""
    return part / whole if whole else None


def counts_of(outcomes: Iterable[Outcome]) -> Counts:
    """Count over some rows; their order is nothing."""
    found = [_count(each) for each in outcomes]
    fields = Counts.__slots__
    return Counts(**{name: sum(getattr(each, name) for each in found) for name in fields})


def figures_of(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of some rows."""
    return Figures(
        counts=counts_of(outcomes),
        latency_ms=spread_of([ms for each in outcomes for ms in each.latencies_ms]),
        tokens=spread_of([each.tokens for each in outcomes]),
    )


def by_category(outcomes: Iterable[Outcome]) -> dict[Category, list[Outcome]]:
    """Return the rows of each category that has any, in the order of the contract."""
    grouped: dict[Category, list[Outcome]] = {}
    for each in outcomes:
        grouped.setdefault(each.row.category, []).append(each)
    return {name: grouped[name] for name in get_args(Category) if name in grouped}


def spread_of(values: Sequence[float]) -> Spread:
    """Return median and 95th percentile by nearest rank."""
    has_p95 = len(values) >= FEWEST_FOR_P95
    return Spread(
        n=len(values),
        p50=nearest_rank(values, 0.50) if values else None,
        p95=nearest_rank(values, 0.95) if has_p95 else None,
    )


def nearest_rank(values: Sequence[float], share: float) -> float:
    """Return the smallest value that has at least `share` of all at or below it."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _count(outcome: Outcome) -> Counts:
    expected, shown = set(outcome.row.expected), set(outcome.shown)
    is_silent = not expected
    return Counts(
        rows=1,
        right=int(outcome.is_right),
        fired=int(outcome.fired),
        silent=int(is_silent),
        fired_on_silent=int(is_silent and outcome.fired),
        expected=len(expected),
        shown=len(shown),
        shown_rightly=len(expected & shown),
    )
