"""The lines of the review file: review rows as they are written, a million at a time."""

from hashlib import sha256

import msgspec
from msgspec import UNSET, UnsetType

from bicameral.review.reconciliation.captured import EventRow
from bicameral.review.reconciliation.classify import Verdict
from bicameral.review.rows import Classification, Evidence, ReviewRow

ID_DIGITS = 20


class ReviewLine(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A `ReviewRow` as it is written: the same fields in the same order, made by position.

    That takes a sixth of the time that names take. Those behind `evidence` are always
    given: they have a default only because a field before them has one.
    """

    id: str
    ts: str
    session_id: str
    repository_id: str | None
    preflight_id: str | None
    classification: Classification
    confidence: float
    because: str
    fired: bool
    reason: str
    surfaced_ids: tuple[str, ...]
    missed_ids: list[str] = []
    unused_ids: list[str] = []
    evidence: list[Evidence] = []
    topic_hash: str | UnsetType = UNSET
    path_hashes: tuple[str, ...] | UnsetType = UNSET
    session_ended_at: str | UnsetType = UNSET
    topic: str | None = None
    file_paths: list[str] | None = None


def review_line(preflight: EventRow, verdict: Verdict, ended_at: str) -> ReviewLine:
    """Return what is said of one preflight as it is written."""
    return ReviewLine(
        review_id(preflight),
        preflight.ts,
        preflight.session_id,
        preflight.repository_id,
        preflight.preflight_id,
        verdict.classification,
        verdict.confidence,
        verdict.because,
        preflight.fired,
        preflight.reason,
        preflight.surfaced_ids,
        verdict.missed_ids,
        verdict.unused_ids,
        verdict.evidence,
        preflight.topic_hash,
        preflight.path_hashes,
        ended_at,
        preflight.topic,
        preflight.file_paths,
    )


def review_row(line: ReviewLine) -> ReviewRow:
    """Return the row that a line holds."""
    return msgspec.json.decode(msgspec.json.encode(line), type=ReviewRow)


def review_id(preflight: EventRow) -> str:
    """Return the id of a preflight's review row, from what its own row holds."""
    paths = ",".join(preflight.path_hashes)
    content = (
        f"{preflight.ts}\0{preflight.session_id}\0{preflight.preflight_id}\0"
        f"{preflight.topic_hash}\0{paths}\0{preflight.reason}"
    )
    return "rev_" + sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:ID_DIGITS]
