"""Percentiles by nearest rank: always a value that was measured, never one between two.

The 95th of a handful is the largest by another name, so below a number of samples there is
none, and the number of samples always stands beside it.
"""

import math
from collections.abc import Sequence

FEWEST_FOR_P95 = 20


def nearest_rank(ordered: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of them do not exceed.

    `ordered` is in rising order and not empty; `percent` is above 0 and at most 100.
    """
    # Rounded before it is rounded up: 0.95 * 20 is a hair above 19 in binary.
    rank = math.ceil(round(percent * len(ordered) / 100, 9))
    return ordered[max(1, rank) - 1]


def p50(ordered: Sequence[float]) -> float | None:
    """Return the median; None of nothing."""
    return nearest_rank(ordered, 50) if ordered else None


def p95(ordered: Sequence[float]) -> float | None:
    """Return the 95th percentile; None below `FEWEST_FOR_P95` values."""
    return nearest_rank(ordered, 95) if len(ordered) >= FEWEST_FOR_P95 else None
