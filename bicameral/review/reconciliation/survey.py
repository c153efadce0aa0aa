"""The survey of a session: what followed each of its preflights. Pure, and asks no ledger."""

from bisect import bisect_right
from collections.abc import Iterator

from bicameral.review.reconciliation.captured import EventRow
from bicameral.review.reconciliation.course import NEVER, Course
from bicameral.review.reconciliation.evidence import (
    MUTED,
    Bound,
    Edited,
    Followed,
    bypass_of,
    use_of,
)
from bicameral.review.reconciliation.joining import Joining
from bicameral.review.rows import Evidence


def survey(course: Course, bound: Bound) -> Iterator[Followed]:
    """Yield each preflight of a session with what followed it.

    `bound` are the decisions that are or were bound to edited paths, by the paths' hashes.
    """
    if course.preflights:
        surveying = _Survey(course, bound)
        for position, row in course.preflights:
            yield surveying.follow(position, row)


class _Survey:
    """One session, with its engagements joined and its edits of bound paths."""

    def __init__(self, course: Course, bound: Bound) -> None:
        self._course = course
        self._bound = bound
        self._edits = course.edits_of(bound)
        self._edited_paths = self._edits.keys()
        self._joining = Joining(course, self._edits)
        self._repository_id = course.stretch.repository_id

    def follow(self, position: int, row: EventRow) -> Followed:
        """Return what followed the preflight at a position."""
        course, joining = self._course, self._joining
        repository_id = row.repository_id or self._repository_id
        has_work = position < course.last_edit or row.ts <= joining.last_engaged
        used = self._used(position, row) if row.surfaced_ids else ()
        engagements = joining.attached.get(position, ())
        edits: tuple[Edited, ...] = ()
        if not self._edited_paths.isdisjoint(row.path_hashes):
            edits = tuple(self._edited(position, row, is_used=bool(used)))
        if not (engagements or edits) or row.reason == MUTED:
            return Followed(row, repository_id, has_work, used)
        shown = course.first_shown.items()
        return Followed(
            row,
            repository_id,
            has_work,
            used,
            tuple(engagements),
            edits,
            {each: course.rows[at].ts for each, at in shown if at > position},
            frozenset(each for each, ts in joining.first_engaged.items() if ts < row.ts),
            joining.changed(position, engagements),
            course.asked_times,
        )

    def _edited(self, position: int, row: EventRow, *, is_used: bool) -> Iterator[Edited]:
        """Yield the first edit after a position of each bound path that it was asked about.

        Only where a decision is bound there that nobody had told, or that was shown here
        and left unused.
        """
        first_shown = self._course.first_shown
        for path in row.path_hashes:
            edits = self._edits.get(path)
            if edits and edits[-1] > position:
                concerned = tuple(
                    each
                    for each in self._bound[path]
                    if first_shown.get(each, NEVER) > position
                    or (not is_used and each in row.surfaced_ids)
                )
                if concerned:
                    edit = self._course.rows[edits[bisect_right(edits, position)]]
                    yield Edited(path, edit, concerned)

    def _used(self, position: int, row: EventRow) -> tuple[Evidence, ...]:
        """Return what was done after a preflight with the decisions that it showed."""
        found = []
        uses, bypasses, precedes = self._joining.uses, self._course.bypasses, self._course.precedes
        for decision_id in dict.fromkeys(row.surfaced_ids):
            after = [
                each
                for each in uses.get(decision_id, ())
                if row.ts <= each.ts
                or (row.preflight_id and each.preflight_id == row.preflight_id)
                or precedes(position, each)
            ]
            if after:
                found.append(use_of(after))
            if decision_id in bypasses:
                waved = (each for at, each in bypasses[decision_id] if at > position)
                found += [bypass_of(each) for each in waved][:1]
        return tuple(found)
