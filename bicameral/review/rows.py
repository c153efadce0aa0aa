"""The rows of a review: what reconciliation suspects, and what people say about it.

`failure_review.jsonl` is written by reconciliation alone, `failure_labels.jsonl` by people.
Both are only ever appended to; the current state is a fold over the two (`triage/queue.py`).
"""

from typing import Literal

import msgspec

REVIEW_FILE = "failure_review.jsonl"
LABELS_FILE = "failure_labels.jsonl"
SCHEMA = 1

Classification = Literal["suspected_miss", "suspected_false_fire", "normal"]
Label = Literal["real_miss", "real_false_fire", "borderline", "not_a_failure"]
EvidenceKind = Literal[
    "engaged",  # a call of the client's concerned the decision
    "drifted",  # link_commit found that a commit changed the code it binds
    "edited",  # the client edited a path that the decision bound
    "bypassed",  # a person waved the decision through
    "read",  # the decision was read again
    "unused",  # the decision was shown, and nothing above followed
]


class Evidence(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One reason for a classification: ids, hashes and stamps, and the same in words.

    `at` is the stamp of the row it rests on; `attribution` says how that row was joined.
    """

    kind: EvidenceKind
    words: str
    decision_id: str
    at: str | None = None
    tool: str | None = None
    path_hash: str | None = None
    preflight_id: str | None = None
    attribution: Literal["explicit", "fallback"] | None = None


class ReviewRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What reconciliation says of one preflight.

    `id` is derived from the content of the preflight's row, so a second run adds nothing.
    `ts` is when the preflight ran. `confidence` lies between 0 and 1, `because` is its
    reason. `missed_ids` should have been shown and were not; `unused_ids` were shown for
    nothing. `topic` and `file_paths` stand here only where raw mode captured them.
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
    surfaced_ids: list[str]
    missed_ids: list[str] = []
    unused_ids: list[str] = []
    evidence: list[Evidence] = []
    topic_hash: str
    path_hashes: list[str]
    session_ended_at: str
    topic: str | None = None
    file_paths: list[str] | None = None
    schema: int = SCHEMA


class LabelRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person did with one review row; the newest row of a `review_id` holds.

    `undo` takes back the label that stood last; `promote` says that the row was written to
    a data set under `eval_row_id`, and leaves the label as it is.
    """

    ts: str
    review_id: str
    action: Literal["label", "undo", "promote"]
    who: str
    label: Label | None = None
    note: str = ""
    eval_row_id: str | None = None
    schema: int = SCHEMA
