"""Relevance: what signals add up to, and when that is more than a change usually has.

A weighted sum in which every signal only ever adds, so an answer can name what it rests on.
What counts as more than usual is read off the repository's own commits that cite nothing:
a fixed bar does not carry over from one repository to another.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bicameral.preflight.signals import Gathered, Signals

Channel = Literal["code", "history", "topic", "kin"]

TEXT_WEIGHT = 0.6
PLACES_WEIGHT = 1.0
TITLE_WEIGHT = 6.0
HISTORY_WEIGHT = 2.0
SPOKEN_WEIGHT = 2.5
FRESH_WEIGHT = 5.0
CODE_WEIGHT = 5.0
BREADTH_WEIGHT = 8.0


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision and what speaks for it; `parts` are the points of each signal."""

    signals: Signals
    parts: tuple[tuple[str, float], ...]
    points: float

    @property
    def channel(self) -> Channel:
        """Name the channel that adds most: `topic`, `kin` (paths), `history` or `code`."""
        by_channel: dict[Channel, float] = {"topic": 0.0, "kin": 0.0, "history": 0.0, "code": 0.0}
        for name, points in self.parts:
            if name in _CHANNELS:
                by_channel[_CHANNELS[name]] += points
        return max(by_channel, key=lambda each: by_channel[each])


_CHANNELS: dict[str, Channel] = {
    "text": "topic",
    "title": "topic",
    "places": "kin",
    "history": "history",
    "spoken": "history",
    "code": "code",
}


def weigh(signals: Signals) -> Weighed:
    """Add up what speaks for a decision; roots, so that many weak words are no strong one."""
    parts = (
        ("text", TEXT_WEIGHT * math.sqrt(signals.text)),
        ("places", PLACES_WEIGHT * math.sqrt(signals.places)),
        ("title", TITLE_WEIGHT * signals.title),
        ("history", HISTORY_WEIGHT * signals.history),
        ("spoken", SPOKEN_WEIGHT * signals.spoken),
        ("fresh", FRESH_WEIGHT * signals.fresh),
        ("code", CODE_WEIGHT * signals.code),
    )
    return Weighed(signals, parts, math.fsum(points for _, points in parts))


def rank(gathered: Gathered) -> list[Weighed]:
    """Return the decisions, the one with most points first."""
    weighed = map(weigh, gathered.signals)
    return sorted(weighed, key=lambda each: (-each.points, each.signals.decision_id))


def pull(gathered: Gathered, ranked: Sequence[Weighed]) -> float:
    """Return how much speaks for saying something at all: the best points, and the breadth."""
    best = ranked[0].points if ranked else 0.0
    return best + BREADTH_WEIGHT * gathered.breadth


def unusualness(value: float, usual: Sequence[float]) -> float:
    """Return the share of usual values below a value, even ones half; never quite 0 or 1.

    `usual` is sorted.
    """
    lower = bisect_left(usual, value)
    below = lower + (bisect_right(usual, value) - lower) / 2
    return (below + 0.5) / (len(usual) + 1)
