"""Fitting: which gate costs least on labelled cases, and how it does on cases it never saw.

All of it is counting over what each gate shows, so the same cases give the same answer in
any order. A gate is proposed only where its held-out cost is below that of the gate in force
and that of the default; otherwise the answer is to keep what there is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import comb
from typing import Literal

from bicameral.preflight.topic import Gate
from bicameral.review.calibration.cases import Case
from bicameral.review.calibration.folds import Fold, families_of, part

Verdict = Literal["keep", "default", "fitted"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a gate did on some cases: wanted decisions not shown, unwanted ones shown."""

    misses: int = 0
    false_fires: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.misses + other.misses, self.false_fires + other.false_fires)

    def cost(self, ratio: Fraction) -> Fraction:
        """Return the cost where one miss counts as `ratio` false fires."""
        return ratio * self.misses + self.false_fires


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates tried, in the order of preference among equals, with two of them by number."""

    tried: Sequence[Gate]
    present: int
    default: int


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One fold: what each candidate did on its cases; `fitted` was chosen on the others'."""

    fold: Fold
    fitted_gate: int
    present: Tally
    default: Tally
    fitted: Tally


@dataclass(frozen=True, slots=True)
class SignTest:
    """How many families cost less, more and the same with another gate.

    `probability` is that of at least so many better ones by chance alone, if a difference
    were as likely one way as the other: the one-sided sign test (Dixon and Mood, The
    Statistical Sign Test, 1946), exact.
    """

    better: int
    worse: int
    alike: int

    @property
    def probability(self) -> float:
        """Return the p-value; 1 where nothing differs."""
        count = self.better + self.worse
        return sum(comb(count, wins) for wins in range(self.better, count + 1)) / (1 << count)


@dataclass(frozen=True)
class Fit:
    """What came of it: the candidates on held-out folds, and the gate that is proposed."""

    cases: Sequence[Case]
    gates: Gates
    ratio: Fraction
    folds: Sequence[HeldOut]
    fitted_gate: int
    """The gate that costs least on all cases."""

    @cached_property
    def present(self) -> Tally:
        """The gate in force on all cases; nothing was fitted, so this is held out as well."""
        return sum((each.present for each in self.folds), Tally())

    @cached_property
    def default(self) -> Tally:
        """The default gate, in the same way."""
        return sum((each.default for each in self.folds), Tally())

    @cached_property
    def fitted(self) -> Tally:
        """What fitting did on cases that it had not seen."""
        return sum((each.fitted for each in self.folds), Tally())

    @cached_property
    def verdict(self) -> Verdict:
        """Which candidate to go with: the cheapest; of equals the present, then the default."""
        costs = {
            "keep": self.present.cost(self.ratio),
            "default": self.default.cost(self.ratio),
            "fitted": self.fitted.cost(self.ratio),
        }
        names: tuple[Verdict, ...] = ("keep", "default", "fitted")
        best = min(names, key=costs.__getitem__)
        return "keep" if self._gate_of(best) == self.gates.present else best

    @property
    def proposed_gate(self) -> int:
        """The number of the gate to go with: the present one where nothing is better."""
        return self._gate_of(self.verdict)

    @property
    def proposed(self) -> Tally:
        """What the proposal did on held-out cases."""
        return {"keep": self.present, "default": self.default, "fitted": self.fitted}[self.verdict]

    @cached_property
    def signs(self) -> SignTest:
        """The families with the proposal, or with what fitting found, against the present."""
        better = worse = alike = 0
        for each in self.folds:
            gate = self.gates.default if self.verdict == "default" else each.fitted_gate
            for family in each.fold.families:
                now = tally(family, gate).cost(self.ratio)
                was = tally(family, self.gates.present).cost(self.ratio)
                better, worse, alike = (
                    better + (now < was),
                    worse + (now > was),
                    alike + (now == was),
                )
        return SignTest(better, worse, alike)

    def _gate_of(self, verdict: Verdict) -> int:
        numbers = {
            "keep": self.gates.present,
            "default": self.gates.default,
            "fitted": self.fitted_gate,
        }
        return numbers[verdict]


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that another gate shows and the present one does not, or the reverse."""

    case: Case
    decision_id: str
    is_wanted: bool
    is_shown: bool

    @property
    def is_better(self) -> bool:
        """Whether the other gate is right about it."""
        return self.is_wanted == self.is_shown


def fit(cases: Sequence[Case], gates: Gates, *, ratio: Fraction, folds: int) -> Fit:
    """Try every gate on every case, and cross-validate the choice; touch nothing."""
    parted = part(families_of(cases), folds=folds)
    by_fold = [tallies(fold.cases, len(gates.tried)) for fold in parted]
    totals = [sum(each, Tally()) for each in zip(*by_fold, strict=True)]
    return Fit(
        cases=sorted(cases, key=lambda case: case.key),
        gates=gates,
        ratio=ratio,
        folds=[
            _hold_out(fold, own, totals, gates, ratio)
            for fold, own in zip(parted, by_fold, strict=True)
        ],
        fitted_gate=cheapest(totals, ratio),
    )


def changes(fitted: Fit, *, to: int) -> Iterator[Change]:
    """Yield every labelled pair that another gate treats otherwise than the present one."""
    for case in fitted.cases:
        before, after = case.shown[fitted.gates.present], case.shown[to]
        for each in sorted((before ^ after) & (case.wanted | case.unwanted)):
            yield Change(case, each, is_wanted=each in case.wanted, is_shown=each in after)


def tally(cases: Iterable[Case], gate: int) -> Tally:
    """Count what a gate did on some cases."""
    return sum((_outcome(case, case.shown[gate]) for case in cases), Tally())


def tallies(cases: Iterable[Case], count: int) -> list[Tally]:
    """Count what each of `count` gates did on some cases."""
    misses, false_fires = [0] * count, [0] * count
    for case in cases:
        # Thousands of gates show the same few things.
        outcomes = {shown: _outcome(case, shown) for shown in set(case.shown)}
        for number, shown in enumerate(case.shown):
            outcome = outcomes[shown]
            misses[number] += outcome.misses
            false_fires[number] += outcome.false_fires
    return [Tally(*each) for each in zip(misses, false_fires, strict=True)]


def cheapest(found: Sequence[Tally], ratio: Fraction) -> int:
    """Return the number of the gate that costs least; the first of equals."""
    miss, false_fire = ratio.as_integer_ratio()  # whole numbers compare fast, and exactly
    costs = [miss * each.misses + false_fire * each.false_fires for each in found]
    return costs.index(min(costs))


def _outcome(case: Case, shown: frozenset[str]) -> Tally:
    return Tally(len(case.wanted - shown), len(case.unwanted & shown))


def _hold_out(
    fold: Fold, own: Sequence[Tally], totals: Sequence[Tally], gates: Gates, ratio: Fraction
) -> HeldOut:
    others = [
        Tally(all_.misses - held.misses, all_.false_fires - held.false_fires)
        for all_, held in zip(totals, own, strict=True)
    ]
    chosen = cheapest(others, ratio)
    return HeldOut(fold, chosen, own[gates.present], own[gates.default], own[chosen])
