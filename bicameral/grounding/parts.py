"""Code that was split: what one region said is now said by two or more symbols."""

from collections.abc import Sequence
from dataclasses import dataclass

from bicameral.grounding.candidates import Code
from bicameral.grounding.regions import Region, overlap
from bicameral.grounding.similarity import share

LEAST_PART = 0.2
"""A part holds at least this much of what was split."""
LEAST_WHOLE = 0.6
"""All parts together hold at least this much of it."""
LEAST_OWN = 0.5
"""At least this much of a part comes from what was split."""


@dataclass(frozen=True, slots=True)
class Part:
    """A symbol that has taken a share of the code, `held` of it, from 0 to 1."""

    region: Region
    held: float


def parts_of(before: Code, candidates: Sequence[Code]) -> list[Part]:
    """Return the two or more symbols that hold the code now, the largest part first.

    Each counts only for what no other part holds, so that two copies are no split.
    """
    whole, left = max(1, before.pairs.total()), before.pairs.copy()
    waiting = [each for each in candidates if share(each.pairs, before.pairs) >= LEAST_OWN]
    parts: list[Part] = []
    while waiting:
        best = max(waiting, key=lambda each: (each.pairs & left).total())
        held = (best.pairs & left).total() / whole
        if held < LEAST_PART:
            break
        parts.append(Part(best.region, held))
        left -= best.pairs
        # What stands around a part or inside it is the same code told twice.
        waiting = [each for each in waiting if not overlap(each.region, best.region)]
    is_split = len(parts) > 1 and sum(part.held for part in parts) >= LEAST_WHOLE
    return parts if is_split else []
