"""Scores: what the reconciliation said of each preflight, held against what is known of it.

Precision: of those it named so, the share that were. Recall: of those that were, the share
it named so. With nothing to divide by there is no figure.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from bicameral.review.rows import Classification, ReviewRow
from tests.review.generator.truth import Generated, KnownPreflight, KnownSession, Mode

CLASSES: tuple[Classification, ...] = get_args(Classification)


@dataclass(frozen=True, slots=True)
class Judged:
    """One preflight: what is known of it, and what was said of it."""

    session: KnownSession
    known: KnownPreflight
    row: ReviewRow

    @property
    def is_right(self) -> bool:
        """Whether the class that was named is the one that it was."""
        return self.row.classification == self.known.truth


@dataclass(frozen=True, slots=True)
class Figure:
    """Precision and recall of one class over `said` rows that named it and `were` that were."""

    classification: Classification
    said: int
    were: int
    right: int

    @property
    def precision(self) -> float | None:
        """The share of what was named so that really was."""
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """The share of what really was that was named so."""
        return self.right / self.were if self.were else None


def judge(generated: Generated, rows: Iterable[ReviewRow]) -> list[Judged]:
    """Put each known preflight beside its row; raises `ValueError` unless each has just one."""
    by_id: dict[str | None, list[ReviewRow]] = {}
    for row in rows:
        by_id.setdefault(row.preflight_id, []).append(row)
    wanted = {known.preflight_id for known in generated.preflights}
    odd = {each for each in wanted | by_id.keys() if len(by_id.get(each, ())) != (each in wanted)}
    if odd:
        raise ValueError(f"{len(odd)} preflights have not just one row: {sorted(map(str, odd))}")
    return [
        Judged(session, known, by_id[known.preflight_id][0])
        for session in generated.sessions
        for known in session.preflights
    ]


def confusion(judged: Iterable[Judged]) -> Counter[tuple[Classification, Classification]]:
    """Count the pairs of what was and what was said."""
    return Counter((each.known.truth, each.row.classification) for each in judged)


def figures(judged: Sequence[Judged]) -> list[Figure]:
    """Return precision and recall of each class."""
    table = confusion(judged)
    return [
        Figure(
            classification=each,
            said=sum(table[truth, each] for truth in CLASSES),
            were=sum(table[each, said] for said in CLASSES),
            right=table[each, each],
        )
        for each in CLASSES
    ]


def of_mode(mode: Mode) -> Callable[[Judged], bool]:
    """Return a test for what was judged in one mode."""
    return lambda each: each.session.mode == mode


def worst(judged: Sequence[Judged]) -> float:
    """Return the lowest of all precisions and recalls; 0 where there are none."""
    found = [share for each in figures(judged) for share in (each.precision, each.recall)]
    return min((share for share in found if share is not None), default=0.0)


def wrong(judged: Iterable[Judged]) -> list[Judged]:
    """Return what was named wrongly."""
    return [each for each in judged if not each.is_right]
