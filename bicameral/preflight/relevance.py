"""Relevance: in which order decisions come, and when that is more than a change usually has.

Every signal only ever adds, so an answer can name what it rests on. In the order, words count
by how near a decision comes to the best one of the same question. What counts as more than
usual is read off the repository's own commits that cite nothing: a fixed bar does not carry
over from one repository to another.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bicameral.preflight.signals import Gathered, Signals

Channel = Literal["code", "history", "topic", "kin"]

WORDS_WEIGHT = 3.0
TOPIC_WEIGHT = 1.0
TITLE_WEIGHT = 5.0
FRESH_WEIGHT = 5.0
BESIDE_WEIGHT = 3.0
HISTORY_WEIGHT = 1.0
CODE_WEIGHT = 1.0
NAMES_WEIGHT = 1.0
PULL_WEIGHTS = {
    "text": 0.6,
    "places": 1.0,
    "title": 6.0,
    "history": 2.0,
    "spoken": 2.5,
    "fresh": 5.0,
    "code": 7.0,
    "beside": 7.0,
}
BREADTH_WEIGHT = 8.0
_SCORES = frozenset({"text", "places"})
"""Signals without an upper end: their root counts, so that many weak words are no strong one."""


@dataclass(frozen=True, slots=True)
class Best:
    """The most that any decision scores in one question: for the topic, in all, in names."""

    text: float = 0.0
    whole: float = 0.0
    names: float = 0.0


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision and what speaks for it; `parts` are the points of each signal.

    `compared` leaves out those that past commits have not: what stood in their files is not
    known.
    """

    signals: Signals
    parts: tuple[tuple[str, float], ...]
    points: float
    compared: float

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
    "code": "code",
    "beside": "code",
    "names": "code",
}


def best_of(several: Iterable[Signals]) -> Best:
    """Return the most that the texts of these decisions score."""
    scores = [(each.text, each.whole, each.names) for each in several]
    return Best(*map(max, zip(*scores, strict=True))) if scores else Best()


def weigh(signals: Signals, best: Best) -> Weighed:
    """Add up what speaks for a decision, its words as shares of the best ones.

    The share of the best in all words is parted into what the topic's words add to it and
    what the paths' other words add.
    """
    topic = _share(signals.text, best.text)
    of_all = min(signals.text, signals.whole)
    parts = (
        ("text", TOPIC_WEIGHT * topic + WORDS_WEIGHT * _share(of_all, best.whole)),
        ("places", WORDS_WEIGHT * _share(signals.whole - of_all, best.whole)),
        ("title", TITLE_WEIGHT * signals.title),
        ("fresh", FRESH_WEIGHT * signals.fresh),
        ("beside", BESIDE_WEIGHT * signals.beside),
        ("history", HISTORY_WEIGHT * signals.history),
        ("code", CODE_WEIGHT * signals.code),
    )
    compared = math.fsum(points for _, points in parts)
    names = NAMES_WEIGHT * _share(signals.names, best.names)
    return Weighed(signals, (*parts, ("names", names)), compared + names, compared)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def rank(gathered: Gathered) -> list[Weighed]:
    """Return the decisions, the one with most points first."""
    best = best_of(gathered.signals)
    weighed = [weigh(each, best) for each in gathered.signals]
    return sorted(weighed, key=lambda each: (-each.points, each.signals.decision_id))


def pull(gathered: Gathered) -> float:
    """Return how much speaks for saying something at all: for a decision, and the breadth.

    Shares of the best would say nothing here, for every question has a best.
    """
    strongest = max(map(_strength, gathered.signals), default=0.0)
    return strongest + BREADTH_WEIGHT * gathered.breadth


def _strength(signals: Signals) -> float:
    return math.fsum(
        weight * (math.sqrt(value) if name in _SCORES else value)
        for name, weight in PULL_WEIGHTS.items()
        if (value := getattr(signals, name))
    )


def unusualness(value: float, usual: Sequence[float]) -> float:
    """Return the share of usual values below a value, even ones half; never quite 0 or 1.

    `usual` is sorted.
    """
    lower = bisect_left(usual, value)
    below = lower + (bisect_right(usual, value) - lower) / 2
    return (below + 0.5) / (len(usual) + 1)
