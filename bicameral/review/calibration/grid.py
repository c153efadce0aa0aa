"""The gates that are tried: a few values of each number around the default, in every combination.

Few enough to be listed on a page, so that a proposal can be understood, and more data than
anybody labels would be needed to tell apart what lies between.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import msgspec

from bicameral.preflight.topic import Gate


@dataclass(frozen=True, slots=True)
class Knob:
    """One number of a gate: the values tried, and how far one step is.

    `is_stricter_up`: a higher value shows less.
    """

    name: str
    values: tuple[float, ...]
    step: float
    is_stricter_up: bool


KNOBS = (
    Knob("coverage", (0.3, 0.4, 0.5, 0.6, 0.7, 0.8), 0.1, is_stricter_up=True),
    Knob("lone_coverage", (0.3, 0.4, 0.5, 0.6, 0.7, 0.8), 0.1, is_stricter_up=True),
    Knob("commonest", (0.1, 0.2, 0.4), 0.1, is_stricter_up=False),
    Knob("always_rare", (2, 5, 8), 3, is_stricter_up=False),
    Knob("of_best", (0.4, 0.6, 0.8), 0.2, is_stricter_up=True),
    Knob("most", (1, 2, 3, 5), 1, is_stricter_up=False),
)


def all_gates() -> list[Gate]:
    """Return every combination of the values."""
    names = [knob.name for knob in KNOBS]
    combinations = product(*(knob.values for knob in KNOBS))
    return [msgspec.convert(dict(zip(names, each, strict=True)), Gate) for each in combinations]


def by_preference(gates: Iterable[Gate], present: Gate) -> list[Gate]:
    """Return each gate once: those nearest to the present one first, then the more silent."""
    return sorted(
        set(gates), key=lambda gate: (distance(gate, present), [-each for each in silence(gate)])
    )


def distance(gate: Gate, other: Gate) -> float:
    """Return how many steps lie between two gates, over all their numbers."""
    pairs = zip(numbers(gate), numbers(other), KNOBS, strict=True)
    return round(sum(abs(one - another) / knob.step for one, another, knob in pairs), 6)


def silence(gate: Gate) -> tuple[float, ...]:
    """Return how strict a gate is, number by number in the order of `KNOBS`; higher is more."""
    pairs = zip(numbers(gate), KNOBS, strict=True)
    return tuple(value if knob.is_stricter_up else -value for value, knob in pairs)


def numbers(gate: Gate) -> tuple[float, ...]:
    """Return the numbers of a gate in the order of `KNOBS`."""
    return tuple(float(getattr(gate, knob.name)) for knob in KNOBS)
