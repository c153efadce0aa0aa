"""Folds: cases parted for cross-validation so that what is alike is never on both sides.

Cases that share the words of a topic, or a decision they are about, are one family, and so
are those that are linked through others. A family stays in one fold, whatever its size; both
sides of the labels are spread evenly (stratified group k-fold).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bicameral.review.calibration.cases import Case, digest

Family = tuple[Case, ...]


@dataclass(slots=True)
class Fold:
    """Families that are held out together."""

    families: list[Family]
    wanted: int = 0
    unwanted: int = 0

    @property
    def cases(self) -> Iterator[Case]:
        """Its cases."""
        return (case for family in self.families for case in family)


def families_of(cases: Sequence[Case]) -> list[Family]:
    """Return the families of some cases, the largest first, in an order of content alone."""
    root = {case.key: case.key for case in cases}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = name = root[root[name]]
        return name

    first_with: dict[str, str] = {}
    for case in cases:
        for mark in case.kin:
            root[find(case.key)] = find(first_with.setdefault(mark, case.key))
    members: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda each: each.key):
        members.setdefault(find(case.key), []).append(case)
    return sorted((tuple(each) for each in members.values()), key=_size_then_content)


def part(families: Iterable[Family], *, folds: int) -> list[Fold]:
    """Spread families over folds, the largest first, each to where it is needed most."""
    families = list(families)
    wanted = max(1, sum(map(wanted_of, families)))
    unwanted = max(1, sum(map(unwanted_of, families)))
    parted = [Fold([]) for _ in range(folds)]

    def crowding(fold: Fold, family: Family) -> tuple[Fraction, int]:
        # How much the sum of squared shares would grow: least where both sides are short.
        more_wanted, more_unwanted = wanted_of(family), unwanted_of(family)
        growth = Fraction((2 * fold.wanted + more_wanted) * more_wanted, wanted**2)
        growth += Fraction((2 * fold.unwanted + more_unwanted) * more_unwanted, unwanted**2)
        return growth, len(fold.families)

    for family in families:
        fold = min(parted, key=lambda each: crowding(each, family))
        fold.families.append(family)
        fold.wanted += wanted_of(family)
        fold.unwanted += unwanted_of(family)
    return parted


def wanted_of(family: Iterable[Case]) -> int:
    """Return how many pairs of a family are wanted."""
    return sum(len(case.wanted) for case in family)


def unwanted_of(family: Iterable[Case]) -> int:
    """Return how many pairs of a family are unwanted."""
    return sum(len(case.unwanted) for case in family)


def _size_then_content(family: Family) -> tuple[int, str]:
    return -wanted_of(family) - unwanted_of(family), digest("\n".join(case.key for case in family))
