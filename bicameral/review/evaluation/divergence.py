"""How differently the preflight does on two data sets, with an interval for each difference.

Like is compared with like: rows of categories that both sets have, the second set weighted
to the first one's mix. Intervals are bootstrap percentiles (Efron and Tibshirani, An
Introduction to the Bootstrap, 1993, chapter 13) by a fixed seed, so runs can be repeated.
"""

import math
import random  # noqa: TID251 - seeded: the same rows have to give the same interval
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from bicameral.review.evaluation.asking import Outcome
from bicameral.review.evaluation.figures import nearest_rank

Measure = Literal["right", "fired_on_silent", "recall"]
TOLERANCE = 0.10
FALSE_ALARMS = 0.05
FEWEST_ROWS = 20
RESAMPLES = 2_000
SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class Term:
    """What one row adds to a ratio: `part` of `whole`, counted `weight` times."""

    part: float
    whole: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure on both sets. Without enough rows there is no interval and no alarm.

    `n` and `n_other` are the rows that the measure has in each set.
    """

    measure: Measure
    n: int
    n_other: int
    value: float | None
    other: float | None
    low: float | None = None
    high: float | None = None

    @property
    def difference(self) -> float | None:
        """Return by how much the first set is above the second."""
        return None if self.value is None or self.other is None else self.value - self.other

    @property
    def is_told(self) -> bool:
        """Whether there were rows enough to tell anything."""
        return self.low is not None

    @property
    def is_alarm(self) -> bool:
        """Whether the sets differ: by more than the tolerance, and not by chance."""
        if self.low is None or self.high is None or self.difference is None:
            return False
        return abs(self.difference) > TOLERANCE and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Divergence:
    """All differences between two sets, and how many rows of each could be compared."""

    rows: int
    rows_other: int
    differences: tuple[Difference, ...]

    @property
    def is_alarm(self) -> bool:
        """Whether any measure differs."""
        return any(each.is_alarm for each in self.differences)


def compare(
    outcomes: Sequence[Outcome],
    others: Sequence[Outcome],
    *,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Divergence:
    """Compare a set with another; equal arguments give equal answers."""
    mix = Counter(each.row.category for each in outcomes)
    other_mix = Counter(each.row.category for each in others)
    own = [each for each in outcomes if each.row.category in other_mix]
    their = [each for each in others if each.row.category in mix]
    weights = [mix[each.row.category] / other_mix[each.row.category] for each in their]
    measures: dict[Measure, Callable[[Outcome], Term | None]] = {
        "right": _right,
        "fired_on_silent": _fired_on_silent,
        "recall": _recall,
    }
    # Three questions are asked, so each gets a third of the false alarms (Bonferroni).
    level = 1 - FALSE_ALARMS / len(measures)
    differences = []
    for measure, term_of in measures.items():
        terms = [term for each in own if (term := term_of(each))]
        other_terms = [
            Term(term.part, term.whole, weight)
            for each, weight in zip(their, weights, strict=True)
            if (term := term_of(each))
        ]
        found = difference_of(
            measure, terms, other_terms, level=level, seed=seed, resamples=resamples
        )
        differences.append(found)
    return Divergence(len(own), len(their), tuple(differences))


def difference_of(
    measure: Measure,
    terms: Sequence[Term],
    others: Sequence[Term],
    *,
    level: float,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Difference:
    """Return one difference, with an interval where both sets have rows enough."""
    found = Difference(measure, len(terms), len(others), total_ratio(terms), total_ratio(others))
    if min(len(terms), len(others)) < FEWEST_ROWS:
        return found
    low, high = bootstrap_interval(terms, others, level=level, seed=seed, resamples=resamples)
    return Difference(measure, found.n, found.n_other, found.value, found.other, low, high)


def bootstrap_interval(
    terms: Sequence[Term],
    others: Sequence[Term],
    *,
    level: float,
    seed: int,
    resamples: int,
) -> tuple[float, float]:
    """Return the expanded percentile interval of the difference between two ratios of totals."""
    random_source = random.Random(seed)  # noqa: S311 - nothing here is a secret
    own, their = _weighted(terms), _weighted(others)
    drawn = sorted(
        _resampled(own, random_source) - _resampled(their, random_source) for _ in range(resamples)
    )
    tail = expanded_tail((1 - level) / 2, min(len(terms), len(others)))
    return nearest_rank(drawn, tail), nearest_rank(drawn, 1 - tail)


def expanded_tail(tail: float, rows: int) -> float:
    """Return the tail to cut off where `tail` is meant: percentiles are narrow for few rows.

    From Hesterberg, What Teachers Should Know About the Bootstrap (2015), 5.2; the quantile
    of Student's distribution by its expansion (Abramowitz and Stegun, 26.7.5).
    """
    freedom, z = rows - 1, NormalDist().inv_cdf(1 - tail)
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return NormalDist().cdf(-math.sqrt(rows / freedom) * t)


def total_ratio(terms: Sequence[Term]) -> float | None:
    """Return all parts over all wholes, by weight; None without a whole."""
    pairs = _weighted(terms)
    whole = math.fsum(whole for _, whole in pairs)
    return math.fsum(part for part, _ in pairs) / whole if whole else None


def _weighted(terms: Sequence[Term]) -> list[tuple[float, float]]:
    return [(each.weight * each.part, each.weight * each.whole) for each in terms]


def _resampled(pairs: Sequence[tuple[float, float]], random_source: random.Random) -> float:
    parts, wholes = zip(*random_source.choices(pairs, k=len(pairs)), strict=True)
    return float(sum(parts) / sum(wholes))


def _right(outcome: Outcome) -> Term:
    return Term(part=float(outcome.is_right), whole=1.0)


def _fired_on_silent(outcome: Outcome) -> Term | None:
    return None if outcome.row.expected else Term(part=float(outcome.fired), whole=1.0)


def _recall(outcome: Outcome) -> Term | None:
    expected = set(outcome.row.expected)
    if not expected:
        return None
    return Term(part=float(len(expected & set(outcome.shown))), whole=float(len(expected)))
