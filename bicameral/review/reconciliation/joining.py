"""The joining of a session's engagements to its preflights. Pure, and asks no ledger.

An engagement that named a preflight belongs to it. Any other belongs to the newest preflight
before it that shares a path with it or showed its decision; where a client never names one,
a deliberate call that shares nothing belongs to the newest of all.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from bicameral.review.reconciliation.captured import EngagementRow
from bicameral.review.reconciliation.course import NEVER, Course, Positions
from bicameral.review.reconciliation.evidence import DELIBERATE, LINKING, READING, Hash

MOST_REPEATS = 20


class Joining:
    """The engagements of a session, and those of others that named one of its preflights.

    `attached` are those that belong to a preflight on decisions that nobody had shown by
    then, by its position. `uses` are those on decisions that some preflight showed,
    `first_engaged` is when any other was first engaged with, `last_engaged` when the session
    itself last called a tool on one.
    """

    def __init__(self, course: Course, edits: Positions) -> None:
        self.attached: dict[int, list[EngagementRow]] = {}
        self.uses: dict[str, list[EngagementRow]] = {}
        self.first_engaged: dict[str, str] = {}
        self.last_engaged = ""
        self._course = course
        self._edits = edits
        if course.preflights:
            self._read(course)

    def changed(self, position: int, rows: Sequence[EngagementRow]) -> frozenset[Hash]:
        """Return the paths of these rows that the session itself edited after a position."""
        edits = self._edits
        paths = (path for row in rows for path in row.path_hashes)
        return frozenset(path for path in paths if path in edits and edits[path][-1] > position)

    def _read(self, course: Course) -> None:
        stretch = course.stretch
        rows = stretch.engagements
        if rows:
            self.last_engaged = max([row.ts for row in rows])
        first = course.preflights[0][0]
        first_shown, uses = course.first_shown, self.uses
        for row in (*rows, *stretch.foreign) if stretch.foreign else rows:
            decision_id = row.decision_id
            shown = first_shown.get(decision_id, NEVER)
            if shown == NEVER:
                self._note_first(row)
            elif decision_id in uses:
                uses[decision_id].append(row)
            else:
                uses[decision_id] = [row]
            if shown > first and row.tool not in READING:
                self._join(row, shown)

    def _note_first(self, row: EngagementRow) -> None:
        known = self.first_engaged.get(row.decision_id)
        if known is None or row.ts < known:
            self.first_engaged[row.decision_id] = row.ts

    def _join(self, row: EngagementRow, shown: int) -> None:
        """Give an engagement to the preflights that could have shown its decision first."""
        if row.tool == LINKING:
            for position in self._all_on_paths(row, before=shown):
                self._attach(position, row, shown)
        owner = self._belongs_to(row, shown)
        same_before = self._course.same_before
        for newest in self._by_order(row) if owner is None else (owner,):
            self._attach(newest, row, shown)
            if newest in same_before:
                for position in self._asked_before(newest):
                    self._attach(position, row, shown)

    def _attach(self, position: int, row: EngagementRow, shown: int) -> None:
        if shown > position:  # else it, or one before it, had told
            attached = self.attached.setdefault(position, [])
            if row not in attached:
                attached.append(row)

    def _belongs_to(self, row: EngagementRow, shown: int) -> int | None:
        course = self._course
        if row.attribution == "explicit" and row.preflight_id:
            first = course.by_id.get(row.preflight_id)
            if first is None or row.preflight_id not in course.doubles:
                return first
            return course.newest(course.doubles[row.preflight_id], row, otherwise=first)
        if shown != NEVER and course.precedes(shown, row):
            return shown  # or a newer one: whichever it is, the session had been told
        near = [course.newest(course.on_path.get(each, ()), row) for each in row.path_hashes]
        near.append(course.newest(course.shown_by.get(row.decision_id, ()), row))
        return max((each for each in near if each is not None), default=None)

    def _by_order(self, row: EngagementRow) -> Sequence[int]:
        """Return the newest preflight of each repository before a call that names none.

        A commit counts only where no path was asked about, or the session edited its code.
        """
        if self._names_preflights or row.is_explicit:
            return ()
        course = self._course
        found: dict[str | None, int] = {}
        for position, asked in reversed(course.preflights):
            if course.precedes(position, row):
                found.setdefault(asked.repository_id, position)
            if len(found) == len(course.repositories_asked):
                break
        if row.tool in DELIBERATE:
            return tuple(found.values())
        return tuple(
            position
            for position in found.values()
            if row.tool == LINKING
            and (not course.rows[position].path_hashes or self.changed(position, [row]))
        )

    @cached_property
    def _names_preflights(self) -> bool:
        return any(row.is_explicit for row in self._course.stretch.engagements)

    def _asked_before(self, position: int) -> Iterator[int]:
        """Yield the preflights before one that asked just the same."""
        at = self._course.same_before.get(position)
        for _ in range(1, MOST_REPEATS):
            if at is None:
                break
            yield at
            at = self._course.same_before.get(at)

    def _all_on_paths(self, row: EngagementRow, *, before: int) -> list[int]:
        course = self._course
        near = {each for path in row.path_hashes for each in course.on_path.get(path, ())}
        return sorted(each for each in near if each < before and course.precedes(each, row))
