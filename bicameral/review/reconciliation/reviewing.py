"""Sessions that are over become review rows: surveyed, classified in batches, written.

The ledger is asked once for a whole batch. What is written depends on the sessions alone,
not on how they fell into batches.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from bicameral.review.reconciliation.captured import EventRow
from bicameral.review.reconciliation.classify import Verdict, classify, decisions_concerned
from bicameral.review.reconciliation.evidence import Bound, DecisionId, Hash
from bicameral.review.reconciliation.journal import Journal
from bicameral.review.reconciliation.knowledge import Past
from bicameral.review.reconciliation.stretches import Stretch
from bicameral.review.reconciliation.survey import survey
from bicameral.review.rows import ReviewRow

BATCH = 4_000
"""How many captured rows are judged together."""
NOTHING: Bound = {}
MOST_LISTED = 200
ID_DIGITS = 20


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
        bound = self._bound(batch)
        surveyed = [
            (stretch.ended_at, list(survey(stretch, _joined(bound, stretch)))) for stretch in batch
        ]
        asking = [each for _, found in surveyed for each in found if each.asks_ledger]
        ids = [decision_id for each in asking for decision_id in decisions_concerned(each)]
        knowledge = self._past.ask(ids) if ids else None
        rows = {}
        for ended_at, found in surveyed:
            for each in found:
                row = review_row(each.preflight, classify(each, knowledge), ended_at)
                rows[row.id] = row  # a line that stands twice in the log is one preflight
        new = self.journal.append(rows.values())
        if len(self.suspected) < MOST_LISTED:
            self.suspected += [row for row in new if row.classification != "normal"]

    def _bound(self, batch: Iterable[Stretch]) -> dict[str | None, Bound]:
        """Return what is bound to the paths that were edited, by repository: one question each."""
        edited: dict[str | None, set[Hash]] = {}
        for stretch in batch:
            paths = {row.path_hash for row in stretch.rows}
            if len(paths) > 1:  # rows that are no edits have the empty one
                for repository_id in _repositories(stretch):
                    edited.setdefault(repository_id, set()).update(paths)
        return {each: self._past.bound(each, paths) for each, paths in edited.items()}


def _repositories(stretch: Stretch) -> set[str | None]:
    """Return where a session worked; an edit's own row does not say in which of them it was."""
    return {row.repository_id for row in stretch.rows if row.repository_id} or {None}


def _joined(bound: Mapping[str | None, Bound], stretch: Stretch) -> Bound:
    """Return what is bound to paths of all the repositories of a session."""
    if not bound:
        return NOTHING
    found = [bound[each] for each in sorted(_repositories(stretch), key=str) if each in bound]
    if len(found) <= 1:
        return found[0] if found else NOTHING
    joined: dict[Hash, tuple[DecisionId, ...]] = {}
    for each in found:
        for path, decision_ids in each.items():
            joined[path] = (*joined.get(path, ()), *decision_ids)
    return joined


def review_row(preflight: EventRow, verdict: Verdict, ended_at: str) -> ReviewRow:
    """Return what is said of one preflight as it is written."""
    return ReviewRow(
        id=review_id(preflight),
        ts=preflight.ts,
        session_id=preflight.session_id,
        repository_id=preflight.repository_id,
        preflight_id=preflight.preflight_id,
        classification=verdict.classification,
        confidence=verdict.confidence,
        because=verdict.because,
        fired=preflight.fired,
        reason=preflight.reason,
        surfaced_ids=preflight.surfaced_ids,
        missed_ids=verdict.missed_ids,
        unused_ids=verdict.unused_ids,
        evidence=verdict.evidence,
        topic_hash=preflight.topic_hash,
        path_hashes=preflight.path_hashes,
        session_ended_at=ended_at,
        topic=preflight.topic,
        file_paths=preflight.file_paths,
    )


def review_id(preflight: EventRow) -> str:
    """Return the id of a preflight's review row, from what its own row holds."""
    paths = ",".join(preflight.path_hashes)
    content = (
        f"{preflight.ts}\0{preflight.session_id}\0{preflight.preflight_id}\0"
        f"{preflight.topic_hash}\0{paths}\0{preflight.reason}"
    )
    return "rev_" + sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:ID_DIGITS]
