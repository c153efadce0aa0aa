"""Sessions that are over become review rows: surveyed, classified in batches, written.

The ledger is asked once for a whole batch. What is written depends on the sessions alone,
not on how they fell into batches.
"""

from collections.abc import Iterable, Mapping

from bicameral.review.reconciliation.classify import classify, decisions_concerned
from bicameral.review.reconciliation.course import Course
from bicameral.review.reconciliation.evidence import Bound, DecisionId, Hash
from bicameral.review.reconciliation.journal import Journal
from bicameral.review.reconciliation.knowledge import Past
from bicameral.review.reconciliation.lines import ReviewLine, review_line, review_row
from bicameral.review.reconciliation.stretches import Stretch
from bicameral.review.reconciliation.survey import survey
from bicameral.review.rows import ReviewRow

BATCH = 2_000
"""How many captured rows are judged together: few enough to stay in a processor's cache."""
NOTHING: Bound = {}
MOST_LISTED = 200


class Reviewing:
    """Takes sessions in the order in which they are over; `suspected` lists the first suspects."""

    def __init__(self, past: Past, journal: Journal) -> None:
        self.suspected: list[ReviewRow] = []
        self.journal = journal
        self._past = past
        self._batch: list[Stretch] = []
        self._size = 0

    def take(self, stretches: Iterable[Stretch]) -> None:
        """Add sessions that are over. Raises `LedgerError`, `SaltUnusable` and `OSError`."""
        for stretch in stretches:
            self._batch.append(stretch)
            self._size += stretch.size
            if self._size >= BATCH:
                self.finish()

    def finish(self) -> None:
        """Classify and write what has gathered. Raises as `take`."""
        batch, self._batch, self._size = self._batch, [], 0
        new = self.journal.append(self._lines([Course(each) for each in batch]))
        if len(self.suspected) < MOST_LISTED:
            self.suspected += [review_row(line) for line in new if line.classification != "normal"]

    def _lines(self, courses: Iterable[Course]) -> Iterable[ReviewLine]:
        """Return what is said of the preflights; a line that stands twice in a log is one."""
        bound = self._bound(courses)
        surveyed = [
            (course.stretch.ended_at, list(survey(course, _joined(bound, course))))
            for course in courses
        ]
        asking = [each for _, found in surveyed for each in found if each.engagements or each.edits]
        ids = [decision_id for each in asking for decision_id in decisions_concerned(each)]
        knowledge = self._past.ask(ids) if ids else None
        lines = [
            review_line(each.preflight, classify(each, knowledge), ended_at)
            for ended_at, found in surveyed
            for each in found
        ]
        return {line.id: line for line in lines}.values()

    def _bound(self, courses: Iterable[Course]) -> dict[str | None, Bound]:
        """Return what is bound to the paths that were edited, by repository: one question each."""
        edited: dict[str | None, set[Hash]] = {}
        for course in courses:
            if course.preflights and course.edited:
                for repository_id in course.repositories:
                    edited.setdefault(repository_id, set()).update(course.edited)
        return {each: self._past.bound(each, paths) for each, paths in edited.items()}


def _joined(bound: Mapping[str | None, Bound], course: Course) -> Bound:
    """Return what is bound to paths of all the repositories of a session."""
    if not (bound and course.edited):
        return NOTHING
    found = [bound[each] for each in sorted(course.repositories, key=str) if each in bound]
    if len(found) <= 1:
        return found[0] if found else NOTHING
    joined: dict[Hash, tuple[DecisionId, ...]] = {}
    for each in found:
        for path, decision_ids in each.items():
            joined[path] = (*joined.get(path, ()), *decision_ids)
    return joined
