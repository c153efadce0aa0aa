"""Statistics: how often a suspicion was right, how that moves, and what is behind it.

Pure counting over the rows, one at a time; what nobody has labelled says nothing about
precision.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bicameral.review.rows import Classification, Label, ReviewRow
from bicameral.review.triage.filters import week_of
from bicameral.review.triage.queue import BANDS, Band, Suspect, standing_label

SUSPECTED: tuple[Classification, ...] = ("suspected_miss", "suspected_false_fire")
CONFIRMS: Mapping[Classification, Label] = {
    "suspected_miss": "real_miss",
    "suspected_false_fire": "real_false_fire",
}
MOST_LISTED = 10
_Z_95 = 1.959963984540054

Outcome = Literal["waiting", "right", "wrong", "borderline"]


@dataclass(frozen=True, slots=True)
class Precision:
    """How often one class was right at one confidence; `band` is none for all together.

    `right` rows carry the label that confirms their class; `wrong` ones are no failure, or
    one of the other kind. Borderline rows count in neither.
    """

    classification: Classification
    band: Band | None
    waiting: int
    right: int
    wrong: int
    borderline: int

    @property
    def judged(self) -> int:
        """The rows that the precision rests on."""
        return self.right + self.wrong

    @property
    def share(self) -> float | None:
        """The precision; none while nothing is judged."""
        return self.right / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the precision lies with 95 % confidence."""
        return wilson_interval(self.right, self.judged)


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week of preflights: how many were reviewed, suspected, and found real."""

    week: str
    reviewed: int
    suspected_misses: int
    suspected_false_fires: int
    real_misses: int
    real_false_fires: int


@dataclass(frozen=True, slots=True)
class Frequent:
    """A decision or a path that comes up often: suspected and not denied, and found real."""

    name: str
    suspected: int
    real: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the rows add up to.

    `misfiring` are the decisions shown for nothing, `missed` those that should have been
    shown, `missed_paths` the hashes of paths where that happened; the most frequent first.
    """

    precisions: tuple[Precision, ...]
    weeks: tuple[Week, ...]
    misfiring: tuple[Frequent, ...]
    missed: tuple[Frequent, ...]
    missed_paths: tuple[Frequent, ...]
    labels: Mapping[Label, int]


@dataclass(slots=True)
class Tally:
    """Counts rows one after another; what it holds grows with days, decisions and paths."""

    outcomes: Counter[tuple[Classification, Band, Outcome]] = field(default_factory=Counter)
    suspected: Counter[tuple[str, Classification]] = field(default_factory=Counter)
    labels: Counter[Label] = field(default_factory=Counter)
    real: Counter[tuple[str, Label]] = field(default_factory=Counter)
    things: dict[str, Counter[tuple[str, bool]]] = field(
        default_factory=lambda: {"misfiring": Counter(), "missed": Counter(), "paths": Counter()}
    )

    def add(self, suspect: Suspect) -> None:
        """Count one row."""
        row, label = suspect.row, standing_label(suspect)
        outcome = outcome_of(row.classification, label)
        week = week_of(row.ts[:10])
        self.outcomes[row.classification, suspect.band, outcome] += 1
        self.suspected[week, row.classification] += 1
        if label is not None:
            self.labels[label] += 1
            self.real[week, label] += 1
        if outcome in {"waiting", "right"}:
            is_real = outcome == "right"
            for kind, names in _things(row).items():
                self.things[kind].update((name, is_real) for name in names)

    def total(self, reviewed: Mapping[tuple[str, Classification], int]) -> Statistics:
        """Return the sums; `reviewed` numbers all preflights by day and classification."""
        return Statistics(
            precisions=tuple(self._precisions()),
            weeks=tuple(self._weeks(reviewed)),
            misfiring=_most_frequent(self.things["misfiring"]),
            missed=_most_frequent(self.things["missed"]),
            missed_paths=_most_frequent(self.things["paths"]),
            labels=dict(self.labels),
        )

    def _precisions(self) -> Iterable[Precision]:
        for classification in SUSPECTED:
            for band in (*BANDS, None):
                yield self._precision(classification, band)

    def _precision(self, classification: Classification, band: Band | None) -> Precision:
        def counted(outcome: Outcome) -> int:
            bands = BANDS if band is None else (band,)
            return sum(self.outcomes[classification, each, outcome] for each in bands)

        return Precision(
            classification,
            band,
            waiting=counted("waiting"),
            right=counted("right"),
            wrong=counted("wrong"),
            borderline=counted("borderline"),
        )

    def _weeks(self, reviewed: Mapping[tuple[str, Classification], int]) -> Iterable[Week]:
        by_week: Counter[str] = Counter()
        for (day, _), number in reviewed.items():
            by_week[week_of(day)] += number
        for week in sorted(by_week):
            yield Week(
                week,
                by_week[week],
                self.suspected[week, "suspected_miss"],
                self.suspected[week, "suspected_false_fire"],
                self.real[week, "real_miss"],
                self.real[week, "real_false_fire"],
            )


def outcome_of(classification: Classification, label: Label | None) -> Outcome:
    """Return what a label makes of a suspicion."""
    if label is None:
        return "waiting"
    if label == "borderline":
        return "borderline"
    return "right" if label == CONFIRMS.get(classification) else "wrong"


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion; all of 0 to 1 without trials.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212. It keeps its
    coverage for few trials and for proportions near 0 and 1, where the usual one fails.
    """
    if not trials:
        return 0.0, 1.0
    share, z_squared = successes / trials, _Z_95**2
    centre = share + z_squared / (2 * trials)
    spread = _Z_95 * math.sqrt(share * (1 - share) / trials + z_squared / (4 * trials**2))
    scale = 1 + z_squared / trials
    # At the ends the bound is exact, and rounding must not push it beyond.
    low = 0.0 if successes == 0 else (centre - spread) / scale
    high = 1.0 if successes == trials else (centre + spread) / scale
    return low, high


def _things(row: ReviewRow) -> dict[str, set[str]]:
    """Return the decisions and paths that a suspected row blames."""
    if row.classification == "suspected_false_fire":
        return {"misfiring": set(row.unused_ids)}
    if row.classification == "suspected_miss":
        return {"missed": set(row.missed_ids), "paths": missed_paths(row)}
    return {}


def missed_paths(row: ReviewRow) -> set[str]:
    """Return the hashes of the paths that led to a missed decision; all if none is named."""
    named = {
        each.path_hash
        for each in row.evidence
        if each.path_hash and each.decision_id in row.missed_ids
    }
    return named or set(row.path_hashes)


def _most_frequent(counted: Counter[tuple[str, bool]]) -> tuple[Frequent, ...]:
    names = {name for name, _ in counted}
    found = [
        Frequent(name, counted[name, True] + counted[name, False], counted[name, True])
        for name in names
    ]
    found.sort(key=lambda each: (-each.real, -each.suspected, each.name))
    return tuple(found[:MOST_LISTED])
