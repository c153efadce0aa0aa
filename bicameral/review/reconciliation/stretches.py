"""Stretches: the captured rows gathered per session, from its begin to its end.

A stretch is given out once, when it is over; a session that goes on later under the same id
begins another. What is held is bounded: of sessions without end, the longest silent go first.
"""

from collections.abc import Collection, Iterable
from heapq import heapify, heappop, heappush

import msgspec

from bicameral.review.reconciliation.captured import (
    BYPASS,
    EDIT,
    ENDED,
    PREFLIGHT,
    EngagementRow,
    EventRow,
)
from bicameral.review.reconciliation.moments import later

SILENCE_SECONDS = 2 * 3_600
"""A session that nobody serves is over when it was silent for this long."""
STRAGGLING_SECONDS = 5
"""What an agent still did as its session ended may be written a little after the end."""
SLACK_SECONDS = 60
"""How far both logs are read beyond the end of a session before it is given out."""
MOST_ROWS = 100_000


class Stretch(msgspec.Struct, gc=False, omit_defaults=True):
    """The rows of one session so far.

    `rows` are its preflights, edits and bypasses in the order of their file, `engagements`
    its own, `foreign` those of other sessions that named one of its preflights, `unplaced`
    those of its own that named a preflight which is not to be found yet.
    `last` is the stamp of its newest row, `ended_at` when it ended, as its end says.
    """

    session_id: str
    number: int
    rows: list[EventRow] = []
    engagements: list[EngagementRow] = []
    foreign: list[EngagementRow] = []
    unplaced: list[EngagementRow] = []
    repository_id: str | None = None
    last: str = ""
    ended_at: str = ""
    straggles_until: str = ""
    ready_after: str = ""

    @property
    def size(self) -> int:
        """How many rows are held."""
        return len(self.rows) + len(self.engagements) + len(self.foreign)


class Gathering:
    """The stretches that are not over yet, by session; `given_out` counts those that were."""

    def __init__(self, stretches: Iterable[Stretch] = ()) -> None:
        self._open = {each.session_id: each for each in stretches}
        self._number = max((each.number for each in self._open.values()), default=0)
        self.given_out = 0
        self._most_held = self._count()
        self._owners: dict[str, Stretch] = {}
        self._shared: dict[str, list[Stretch]] = {}
        self._unplaced: dict[str, list[EngagementRow]] = {}
        self._ready = [
            (each.ready_after, each.number, each.session_id)
            for each in self._open.values()
            if each.ended_at
        ]
        heapify(self._ready)
        for each in self.stretches():
            self._take_up(each)

    def stretches(self) -> list[Stretch]:
        """Return what is not over yet, in the order of its begin."""
        return sorted(self._open.values(), key=lambda each: each.number)

    def take_events(self, rows: Collection[EventRow]) -> None:
        """Add rows of the events log, in its order."""
        self._most_held += len(rows)
        opened, owners, unplaced = self._open, self._owners, self._unplaced
        for row in rows:
            stretch = opened.get(row.session_id) or self._begin(row.session_id)
            kind = row.event_type
            if kind == PREFLIGHT:
                stretch.rows.append(row)
                if row.preflight_id:
                    if owners.setdefault(row.preflight_id, stretch) is not stretch:
                        self._share(row.preflight_id, stretch)
                    if row.preflight_id in unplaced:
                        self._place(row.preflight_id, stretch)
                if stretch.ended_at:
                    stretch.ended_at = ""
            elif kind == EDIT:
                stretch.rows.append(row)
                if stretch.ended_at and row.ts > stretch.straggles_until:
                    stretch.ended_at = ""
            else:
                self._take_other(stretch, row, kind)
            stretch.last = row.ts
            if row.repository_id is not None:
                stretch.repository_id = row.repository_id

    def take_engagements(self, rows: Collection[EngagementRow]) -> None:
        """Add rows of the engagements log, in its order."""
        self._most_held += len(rows)
        opened, owners = self._open, self._owners
        for row in rows:
            stretch = opened.get(row.session_id) or self._begin(row.session_id)
            stretch.engagements.append(row)
            if row.preflight_id and row.attribution == "explicit":
                owner = owners.get(row.preflight_id)
                if owner is None:
                    stretch.unplaced.append(row)
                    self._unplaced.setdefault(row.preflight_id, []).append(row)
                elif owner is not stretch:
                    owner.foreign.append(row)
            if row.ts > stretch.last:
                stretch.last = row.ts
                if stretch.ended_at and row.ts > stretch.straggles_until:
                    stretch.ended_at = ""

    def pop_ready(self, read_until: str) -> list[Stretch]:
        """Give out the stretches that ended well before the stamp that both logs have reached."""
        found = []
        while self._ready and self._ready[0][0] < read_until:
            ready_after, number, session_id = heappop(self._ready)
            stretch = self._open.get(session_id)
            # It may have gone on meanwhile, or have ended once more.
            is_same = stretch and (stretch.ready_after, stretch.number) == (ready_after, number)
            if stretch and is_same and stretch.ended_at:
                found.append(self._close(stretch))
        return found

    def pop_silent(
        self, before: str, alive: Collection[str], gone: Collection[str]
    ) -> list[Stretch]:
        """Give out the stretches whose newest row is older, unless a process serves them.

        Those whose process is known to be gone are given out whatever their age.
        """
        return [
            self._close(each)
            for each in self._by_silence()
            if each.session_id in gone or (each.last < before and each.session_id not in alive)
        ]

    def pop_excess(self) -> list[Stretch]:
        """Give out the longest silent when too much is held, whether they are over or not."""
        if self._most_held <= MOST_ROWS:
            return []
        self._most_held = self._count()
        found: list[Stretch] = []
        for each in self._by_silence():
            if self._most_held <= MOST_ROWS:
                break
            found.append(self._close(each))
        return found

    def _count(self) -> int:
        return sum(each.size for each in self._open.values())

    def _by_silence(self) -> list[Stretch]:
        return sorted(self._open.values(), key=lambda each: (each.last, each.number))

    def _begin(self, session_id: str) -> Stretch:
        self._number += 1
        stretch = Stretch(session_id, self._number)
        self._open[session_id] = stretch
        return stretch

    def _take_other(self, stretch: Stretch, row: EventRow, kind: str) -> None:
        if kind == ENDED:
            self._end(stretch, row)
            return
        if kind == BYPASS:
            stretch.rows.append(row)
        stretch.ended_at = ""  # whatever it is, the session goes on

    def _end(self, stretch: Stretch, row: EventRow) -> None:
        stretch.ended_at = row.ended_at or row.ts
        stretch.straggles_until = later(row.ts, seconds=STRAGGLING_SECONDS)
        stretch.ready_after = later(row.ts, seconds=SLACK_SECONDS)
        heappush(self._ready, (stretch.ready_after, stretch.number, stretch.session_id))

    def _take_up(self, stretch: Stretch) -> None:
        """Know again what a stretch of an earlier run holds."""
        for row in stretch.rows:
            preflight_id = row.preflight_id if row.event_type == PREFLIGHT else None
            if preflight_id and self._owners.setdefault(preflight_id, stretch) is not stretch:
                self._share(preflight_id, stretch)
        for engagement in stretch.unplaced:
            self._unplaced.setdefault(str(engagement.preflight_id), []).append(engagement)

    def _share(self, preflight_id: str, stretch: Stretch) -> None:
        """Note that sessions share an id, which clients do not: the oldest session owns it."""
        holders = self._shared.setdefault(preflight_id, [self._owners[preflight_id]])
        if stretch not in holders:
            holders.append(stretch)
        self._owners[preflight_id] = min(holders, key=lambda each: each.number)

    def _place(self, preflight_id: str, stretch: Stretch) -> None:
        """Give a preflight the engagements that named it before it was read."""
        rows = self._unplaced.pop(preflight_id)
        for row in sorted(rows, key=lambda each: (each.ts, each.session_id)):
            self._open[row.session_id].unplaced.remove(row)
            if row.session_id != stretch.session_id:
                stretch.foreign.append(row)

    def _close(self, stretch: Stretch) -> Stretch:
        del self._open[stretch.session_id]
        self.given_out += 1
        self._most_held -= stretch.size
        for row in stretch.rows:
            if row.preflight_id and self._owners.get(row.preflight_id) is stretch:
                del self._owners[row.preflight_id]
                if row.preflight_id in self._shared:
                    self._hand_on(row.preflight_id)
        for engagement in stretch.unplaced:
            self._unplaced[str(engagement.preflight_id)].remove(engagement)
        stretch.ended_at = stretch.ended_at or stretch.last
        return stretch

    def _hand_on(self, preflight_id: str) -> None:
        """Let the next oldest session own an id that several share."""
        open_ones = [each for each in self._shared.pop(preflight_id) if self._is_open(each)]
        if open_ones:
            self._owners[preflight_id] = min(open_ones, key=lambda each: each.number)
            self._shared[preflight_id] = open_ones

    def _is_open(self, stretch: Stretch) -> bool:
        return self._open.get(stretch.session_id) is stretch
