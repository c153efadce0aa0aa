"""A run as one JSON document: figures, rows that are not right, divergence, comparison."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bicameral.review.evaluation.asking import Outcome
from bicameral.review.evaluation.baseline import Comparison
from bicameral.review.evaluation.divergence import Difference, Divergence
from bicameral.review.evaluation.figures import Figures, Spread, by_category, figures_of
from bicameral.review.evaluation.seeding import seeds_of
from bicameral.review.evaluation.shipped import SYNTHETIC_DATASET

_DIGITS = 4


def record_of_set(path: Path, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what is told of one data set."""
    rows = [each.row for each in outcomes]
    return {
        "path": str(path),
        "is_shipped": path == SYNTHETIC_DATASET,
        "decisions": len(seeds_of(rows)),
        "origins": {
            origin: sum(row.origin == origin for row in rows)
            for origin in sorted({row.origin for row in rows})
        },
        "all": record_of_figures(figures_of(outcomes)),
        "categories": {
            name: record_of_figures(figures_of(each))
            for name, each in by_category(outcomes).items()
        },
        "unstable": [each.row.id for each in outcomes if not each.is_stable],
        "wrong": [record_of_row(each) for each in outcomes if not each.is_right],
    }


def record_of_figures(figures: Figures) -> dict[str, Any]:
    """Return figures as plain values; what is undefined is null."""
    counts = figures.counts
    return {
        **asdict(counts),
        **{name: rounded(getattr(counts, name)) for name in RATIOS},
        "latency_ms": _record_of_spread(figures.latency_ms),
        "tokens": _record_of_spread(figures.tokens),
    }


RATIOS = ("right_share", "precision", "recall", "fire_rate", "fire_rate_on_silent")


def record_of_row(outcome: Outcome) -> dict[str, Any]:
    """Return what was asked, what should have come, and what came."""
    row = outcome.row
    return {
        "id": row.id,
        "category": row.category,
        "origin": row.origin,
        "topic": row.topic,
        "file_paths": list(row.file_paths),
        "expected": list(row.expected),
        "shown": list(outcome.shown),
        "reason": outcome.reason,
    }


def record_of_divergence(divergence: Divergence) -> dict[str, Any]:
    """Return the differences between the real and the synthetic set."""
    return {
        "alarm": divergence.is_alarm,
        "rows_real": divergence.rows,
        "rows_synthetic": divergence.rows_other,
        "differences": [_record_of_difference(each) for each in divergence.differences],
    }


def record_of_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return what changed against the baseline."""
    return {
        "regressions": list(comparison.regressions),
        "changes": [asdict(each) for each in comparison.changes],
        "new_rows": comparison.new_rows,
    }


def rounded(value: float | None) -> float | None:
    """Return a figure with four digits after the point."""
    return None if value is None else round(value, _DIGITS)


def _record_of_difference(each: Difference) -> dict[str, Any]:
    return {
        "measure": each.measure,
        "n_real": each.n,
        "n_synthetic": each.n_other,
        "real": rounded(each.value),
        "synthetic": rounded(each.other),
        "difference": rounded(each.difference),
        "low": rounded(each.low),
        "high": rounded(each.high),
        "told": each.is_told,
        "alarm": each.is_alarm,
    }


def _record_of_spread(spread: Spread) -> dict[str, Any]:
    return {"n": spread.n, "p50": rounded(spread.p50), "p95": rounded(spread.p95)}
