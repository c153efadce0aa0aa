"""Where lines of a file stand after an edit: between the lines around them, which stayed.

The lines that are unique in both texts and kept their order are matched, and from each of
them on what follows and precedes it alike; the cost is little more than reading both texts.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

MOST_GROWTH = 3
"""Lines that would take in more than so many times as many are somewhere among those."""

Pair = tuple[int, int]


def aligned(old: Sequence[bytes], new: Sequence[bytes], first: int, last: int) -> Pair:
    """Return first and last line, in a new text, of what lines `first` to `last` have become.

    Lines count from 1. Where nothing stands between their neighbours any more, the last is
    less than the first. Where much more stands there, as many lines are taken, as far from
    either neighbour as they were.
    """
    matched = _matched(old, new)
    above = next((at for at in range(first - 1, -1, -1) if at in matched), -1)
    below = next((at for at in range(last - 1, len(old)) if at in matched), len(old))
    top, bottom = matched.get(above, -1), matched.get(below, len(new))
    start = top if above == first - 1 else top + 1
    end = bottom if below == last - 1 else bottom - 1
    count, room = last - first + 1, end - start + 1
    if room > MOST_GROWTH * count:
        apart = (first - 2 - above) / max(1, below - above - 1 - count)
        start += round(min(1.0, max(0.0, apart)) * (room - count))
        end = start + count - 1
    return start + 1, end + 1


def _matched(old: Sequence[bytes], new: Sequence[bytes]) -> Mapping[int, int]:
    """Return which line of the old text is which one of the new text, both from 0."""
    edges = [(-1, -1), *_anchors(old, new), (len(old), len(new))]
    found: dict[int, int] = {}
    for (above, new_above), (below, new_below) in pairwise(edges):
        at, to = above + 1, new_above + 1
        while at < below and to < new_below and old[at] == new[to]:
            found[at] = to
            at, to = at + 1, to + 1
        up, new_up = below - 1, new_below - 1
        while up >= at and new_up >= to and old[up] == new[new_up]:
            found[up] = new_up
            up, new_up = up - 1, new_up - 1
        if below < len(old):
            found[below] = new_below
    return found


def _anchors(old: Sequence[bytes], new: Sequence[bytes]) -> Sequence[Pair]:
    """Return the lines that are unique in both texts, as many as are in order in both."""
    counts, new_counts = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if new_counts[line] == 1}
    unique = (at for at, line in enumerate(old) if counts[line] == 1 and line in places)
    pairs = [(at, places[old[at]]) for at in unique]
    return list(_longest_in_order(pairs))[::-1]


def _longest_in_order(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield the longest run of pairs whose second number grows too, from its end."""
    ends: list[int] = []
    holders: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(holders[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        holders[length : length + 1] = [number]
    at = holders[-1] if holders else -1
    while at >= 0:
        yield pairs[at]
        at = before[at]
