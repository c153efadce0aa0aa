"""The course of a session: its rows in the order of their file, indexed by what they concern.

Positions are places in that list of rows. Edits stand in the same file as preflights, so that
their order there is the order in which they happened, whatever the clock said; between the
file of the events and that of the engagements stamps have to tell.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from bicameral.review.reconciliation.captured import (
    BYPASS,
    EDIT,
    PREFLIGHT,
    EngagementRow,
    EventRow,
)
from bicameral.review.reconciliation.evidence import MUTED, Bound, Hash, asked_at
from bicameral.review.reconciliation.stretches import Stretch

NEVER = 1 << 62
Positions = Mapping[str, Sequence[int]]


class Course:
    """One session's rows, indexed. What few sessions need is made when it is asked for.

    `first_shown` tells which preflight first showed a decision; `edited` are the paths that
    were edited, and `last_edit` is where one was last.
    """

    def __init__(self, stretch: Stretch) -> None:
        rows = stretch.rows
        self.stretch = stretch
        self.rows = rows
        self.preflights = [
            (position, row) for position, row in enumerate(rows) if row.event_type == PREFLIGHT
        ]
        # Backwards, so that the first of them is what stays.
        self.first_shown = {
            decision_id: position
            for position, row in reversed(self.preflights)
            for decision_id in row.surfaced_ids
        }
        self._edits = [
            (position, row) for position, row in enumerate(rows) if row.event_type == EDIT
        ]
        self.edited = {row.path_hash for _, row in self._edits}
        self.last_edit = self._edits[-1][0] if self._edits else -1

    @cached_property
    def repositories(self) -> frozenset[str | None]:
        """Where the session worked; an edit's own row does not say in which of them it was."""
        named = {row.repository_id for row in self.rows} - {None, ""}
        return frozenset(named or {None})

    @cached_property
    def repositories_asked(self) -> frozenset[str | None]:
        """Which repositories the preflights were about."""
        return frozenset(row.repository_id for _, row in self.preflights)

    @cached_property
    def by_id(self) -> Mapping[str, int]:
        """The first preflight of each id."""
        return {
            row.preflight_id: position
            for position, row in reversed(self.preflights)
            if row.preflight_id
        }

    @cached_property
    def doubles(self) -> Positions:
        """The preflights of each id that a client gave to several."""
        if len(self.by_id) == len(self.preflights):
            return {}
        found: dict[str, list[int]] = {}
        for position, row in self.preflights:
            if row.preflight_id:
                found.setdefault(row.preflight_id, []).append(position)
        return {each: positions for each, positions in found.items() if len(positions) > 1}

    @cached_property
    def shown_by(self) -> Positions:
        """The preflights that showed each decision."""
        found: dict[str, list[int]] = {}
        for position, row in self.preflights:
            for decision_id in row.surfaced_ids:
                found.setdefault(decision_id, []).append(position)
        return found

    @cached_property
    def on_path(self) -> Positions:
        """The preflights that were asked about each path."""
        found: dict[Hash, list[int]] = {}
        for position, row in self.preflights:
            for path in row.path_hashes:
                found.setdefault(path, []).append(position)
        return found

    @cached_property
    def bypasses(self) -> Mapping[str, Sequence[tuple[int, EventRow]]]:
        """The rows by which a person waved each decision through, with their positions."""
        found: dict[str, list[tuple[int, EventRow]]] = {}
        if len(self.preflights) + len(self._edits) < len(self.rows):
            for position, row in enumerate(self.rows):
                if row.event_type == BYPASS:
                    found.setdefault(row.decision_id, []).append((position, row))
        return found

    @cached_property
    def same_before(self) -> Mapping[int, int]:
        """For each preflight that repeats a question, the newest that asked it before."""
        if len({row.topic_hash for _, row in self.preflights}) == len(self.preflights):
            return {}
        found: dict[int, int] = {}
        newest: dict[tuple[str, ...], int] = {}
        for position, row in self.preflights:
            asked = (row.topic_hash, *row.path_hashes)
            if asked in newest:
                found[position] = newest[asked]
            newest[asked] = position
        return found

    def asked_times(self) -> Sequence[int]:
        """Return when the session was answered, in milliseconds and in order."""
        return self._asked_times

    @cached_property
    def _asked_times(self) -> Sequence[int]:
        return sorted(asked_at(row) for _, row in self.preflights if row.reason != MUTED)

    def edits_of(self, bound: Bound) -> Positions:
        """Return the edits of each path to which something is or was bound."""
        found: dict[Hash, list[int]] = {}
        for position, row in self._edits:
            if row.path_hash in bound:
                found.setdefault(row.path_hash, []).append(position)
        return found

    def precedes(self, position: int, row: EngagementRow) -> bool:
        """Tell whether a preflight was there when the engagement was made."""
        if self.rows[position].ts <= row.ts:
            return True
        # Whoever named a preflight had it, and those before it, whatever the clock says.
        named = self.by_id.get(row.preflight_id or "")
        return named is not None and position <= named

    def newest(
        self, positions: Sequence[int], row: EngagementRow, *, otherwise: int | None = None
    ) -> int | None:
        """Return the newest of these preflights that was there when the engagement was made."""
        return next((each for each in reversed(positions) if self.precedes(each, row)), otherwise)
