"""The survey of a session: which rows belong to which preflight. Pure, and asks no ledger.

An engagement that named a preflight belongs to it. Any other belongs to the newest preflight
before it that shares a path with it or showed its decision; where a client never names one,
a deliberate call that shares nothing belongs to the newest of all. Edits stand in the same file as
preflights, so that their order there is the order in which they happened, whatever the clock
said; between the two files stamps have to tell.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from bicameral.review.reconciliation.captured import EDIT, PREFLIGHT, EngagementRow, EventRow
from bicameral.review.reconciliation.evidence import (
    DELIBERATE,
    LINKING,
    MUTED,
    READING,
    Bound,
    Edited,
    Followed,
    Hash,
    asked_at,
    bypass_of,
    use_of,
)
from bicameral.review.reconciliation.stretches import Stretch
from bicameral.review.rows import Evidence

NEVER = 1 << 62
MOST_REPEATS = 20
Positions = Mapping[str, Sequence[int]]


def survey(stretch: Stretch, bound: Bound) -> Iterator[Followed]:
    """Yield each preflight of a session with what followed it.

    `bound` are the decisions that are or were bound to edited paths, by the paths' hashes.
    """
    session = _Session(stretch, bound)
    for position, row in session.preflights:
        yield session.follow(position, row)


class _Session:
    """One session's rows, indexed; positions are places in its list of rows."""

    def __init__(self, stretch: Stretch, bound: Bound) -> None:
        self.preflights: list[tuple[int, EventRow]] = []
        self._rows = stretch.rows
        self._bound = bound
        self._repository_id = stretch.repository_id
        self._first_shown: dict[str, int] = {}
        self._bypassed: dict[str, list[int]] = {}
        self._last_edit = -1
        self._edits: dict[Hash, list[int]] = {}
        self._by_id: dict[str, int] = {}
        self._names_preflights = any(row.is_explicit for row in stretch.engagements)
        self._doubles: dict[str, list[int]] = {}
        self._last_engaged = ""
        self._uses: dict[str, list[EngagementRow]] = {}
        self._first_engaged: dict[str, str] = {}
        self._attached: dict[int, list[EngagementRow]] = {}
        self._indexed: tuple[Positions, Positions] | None = None
        self._read_rows()
        if self.preflights:
            self._read_engagements(stretch)

    def follow(self, position: int, row: EventRow) -> Followed:
        """Return what followed the preflight at a position."""
        repository_id = row.repository_id or self._repository_id
        has_work = position < self._last_edit or row.ts <= self._last_engaged
        used = self._used(position, row) if row.surfaced_ids else ()
        engagements = self._attached.get(position)
        edits = self._edited(position, row, bool(used)) if self._edits else None
        if not (engagements or edits) or row.reason == MUTED:
            return Followed(row, repository_id, has_work, used)
        return Followed(
            row,
            repository_id,
            has_work,
            used,
            tuple(engagements or ()),
            tuple(edits or ()),
            {each: self._rows[at].ts for each, at in self._first_shown.items() if at > position},
            frozenset(each for each, ts in self._first_engaged.items() if ts < row.ts),
            self._changed(position, engagements or ()),
            self._asked_times,
        )

    def _read_rows(self) -> None:
        bound, edits = self._bound, self._edits
        for position, row in enumerate(self._rows):
            if row.event_type == PREFLIGHT:
                self.preflights.append((position, row))
                for decision_id in row.surfaced_ids:
                    self._first_shown.setdefault(decision_id, position)
                if row.preflight_id:
                    self._name(row.preflight_id, position)
            elif row.event_type == EDIT:
                self._last_edit = position
                if row.path_hash in bound:
                    edits.setdefault(row.path_hash, []).append(position)
            else:
                self._bypassed.setdefault(row.decision_id, []).append(position)

    def _name(self, preflight_id: str, position: int) -> None:
        known = self._by_id.setdefault(preflight_id, position)
        if known != position:  # a client may give one id to several preflights
            self._doubles.setdefault(preflight_id, [known]).append(position)

    def _read_engagements(self, stretch: Stretch) -> None:
        first = self.preflights[0][0]
        first_shown, uses = self._first_shown, self._uses
        for row in stretch.engagements:
            self._last_engaged = max(self._last_engaged, row.ts)
        for row in (*stretch.engagements, *stretch.foreign):
            shown = first_shown.get(row.decision_id, NEVER)
            if shown == NEVER:
                self._note_first(row)
            else:
                uses.setdefault(row.decision_id, []).append(row)
            if shown > first and row.tool not in READING:
                self._read_engagement(row, shown)

    def _note_first(self, row: EngagementRow) -> None:
        known = self._first_engaged.get(row.decision_id)
        if known is None or row.ts < known:
            self._first_engaged[row.decision_id] = row.ts

    def _read_engagement(self, row: EngagementRow, shown: int) -> None:
        """Give an engagement to the preflights that could have shown its decision first."""
        if row.tool == LINKING:
            for position in self._all_on_paths(row):
                self._attach(position, row, shown)
        owner = self._belongs_to(row, shown)
        for newest in self._by_order(row) if owner is None else (owner,):
            for position in self._asked_by(newest):
                self._attach(position, row, shown)

    def _attach(self, position: int, row: EngagementRow, shown: int) -> None:
        if shown > position:  # else it, or one before it, had told
            attached = self._attached.setdefault(position, [])
            if row not in attached:
                attached.append(row)

    def _belongs_to(self, row: EngagementRow, shown: int) -> int | None:
        if row.attribution == "explicit" and row.preflight_id:
            first = self._by_id.get(row.preflight_id)
            if first is None or row.preflight_id not in self._doubles:
                return first
            return self._newest(self._doubles[row.preflight_id], row, otherwise=first)
        if shown != NEVER and self._precedes(shown, row):
            return shown  # or a newer one: whichever it is, the session had been told
        shown_by, on_path = self._index()
        near = [self._newest(on_path.get(each, ()), row) for each in row.path_hashes]
        near.append(self._newest(shown_by.get(row.decision_id, ()), row))
        return max((each for each in near if each is not None), default=None)

    def _by_order(self, row: EngagementRow) -> Sequence[int]:
        """Return the newest preflight of each repository before a call that names none.

        A commit counts only where no path was asked about, or the session edited its code.
        """
        if self._names_preflights or row.is_explicit:
            return ()
        found: dict[str | None, int] = {}
        for position, asked in reversed(self.preflights):
            if self._precedes(position, row):
                found.setdefault(asked.repository_id, position)
            if len(found) == len(self._repositories):
                break
        if row.tool in DELIBERATE:
            return tuple(found.values())
        return tuple(
            position
            for position in found.values()
            if row.tool == LINKING
            and (not self._rows[position].path_hashes or self._changed(position, [row]))
        )

    def _changed(self, position: int, rows: Sequence[EngagementRow]) -> frozenset[Hash]:
        """Return the paths of these rows that the session itself edited after a position."""
        paths = (path for row in rows for path in row.path_hashes)
        return frozenset(path for path in paths if self._edits.get(path, (-1,))[-1] > position)

    def _asked_by(self, position: int) -> Iterator[int]:
        """Yield a preflight, and those before it that asked just the same."""
        at: int | None = position
        for _ in range(MOST_REPEATS):
            if at is None:
                break
            yield at
            at = self._same_before.get(at)

    @cached_property
    def _same_before(self) -> Mapping[int, int]:
        """For each preflight that repeats a question, the newest that asked it before."""
        found: dict[int, int] = {}
        newest: dict[tuple[str, ...], int] = {}
        for position, row in self.preflights:
            asked = (row.topic_hash, *row.path_hashes)
            if asked in newest:
                found[position] = newest[asked]
            newest[asked] = position
        return found

    @cached_property
    def _repositories(self) -> frozenset[str | None]:
        return frozenset(row.repository_id for _, row in self.preflights)

    @cached_property
    def _asked_times(self) -> Sequence[int]:
        """When the session was answered, in milliseconds and in order."""
        return sorted(asked_at(row) for _, row in self.preflights if row.reason != MUTED)

    def _newest(
        self, positions: Sequence[int], row: EngagementRow, *, otherwise: int | None = None
    ) -> int | None:
        return next((each for each in reversed(positions) if self._precedes(each, row)), otherwise)

    def _precedes(self, position: int, row: EngagementRow) -> bool:
        """Tell whether a preflight was there when the engagement was made."""
        if self._rows[position].ts <= row.ts:
            return True
        # Whoever named a preflight had it, and those before it, whatever the clock says.
        named = self._by_id.get(row.preflight_id or "")
        return named is not None and position <= named

    def _all_on_paths(self, row: EngagementRow) -> list[int]:
        _, on_path = self._index()
        found = {each for path in row.path_hashes for each in on_path.get(path, ())}
        return sorted(each for each in found if self._precedes(each, row))

    def _index(self) -> tuple[Positions, Positions]:
        """Return where each decision was shown and each path was asked about; built once."""
        if self._indexed is None:
            shown_by: dict[str, list[int]] = {}
            on_path: dict[Hash, list[int]] = {}
            for position, row in enumerate(self._rows):
                if row.event_type == PREFLIGHT:
                    for decision_id in row.surfaced_ids:
                        shown_by.setdefault(decision_id, []).append(position)
                    for path in row.path_hashes:
                        on_path.setdefault(path, []).append(position)
            self._indexed = shown_by, on_path
        return self._indexed

    def _edited(self, position: int, row: EventRow, is_used: bool) -> list[Edited]:
        """Return the first edit after a position of each bound path that it was asked about.

        Only where a decision is bound there that nobody had told, or that was shown here
        and left unused.
        """
        found = []
        for path in row.path_hashes:
            edits = self._edits.get(path)
            if edits and edits[-1] > position:
                concerned = tuple(
                    each
                    for each in self._bound[path]
                    if self._first_shown.get(each, NEVER) > position
                    or (not is_used and each in row.surfaced_ids)
                )
                if concerned:
                    edit = self._rows[edits[bisect_right(edits, position)]]
                    found.append(Edited(path, edit, concerned))
        return found

    def _used(self, position: int, row: EventRow) -> tuple[Evidence, ...]:
        """Return what was done after a preflight with the decisions that it showed."""
        found = []
        for decision_id in dict.fromkeys(row.surfaced_ids):
            after = [
                each
                for each in self._uses.get(decision_id, ())
                if (row.preflight_id and each.preflight_id == row.preflight_id)
                or self._precedes(position, each)
            ]
            if after:
                found.append(use_of(after))
            found += [
                bypass_of(self._rows[each])
                for each in self._bypassed.get(decision_id, ())
                if each > position
            ][:1]
        return tuple(found)
