"""What the review writes: suspicions, labels, calibrations and the rows of data sets."""

from bicameral.govern.kinds import Field, Kind
from bicameral.registry.common import (
    FILE_PATHS,
    PATH_HASHES,
    REPOSITORY_ID,
    SCHEMA,
    SESSION_ID,
    TOPIC,
    TOPIC_HASH,
    TS,
    kept,
)
from bicameral.review.calibration.gates import CALIBRATIONS_FILE, CalibrationRow
from bicameral.review.dataset import EvalRow
from bicameral.review.rows import LABELS_FILE, REVIEW_FILE, LabelRow, ReviewRow

_ID = Field("id", "S1", "id", "derived from the content, so that the same row has the same id")
_EVIDENCE = Field(
    "evidence",
    "S1",
    "open",
    "what the classification rests on",
    within=(
        Field("kind", "S0", "code", "what was observed"),
        Field("words", "S1", "words", "the same in words"),
        Field("decision_id", "S1", "id", "the decision it is about"),
        Field("at", "S1", "stamp", "the stamp of the row it rests on"),
        Field("tool", "S1", "client", "the tool that was called"),
        Field("path_hash", "S1", "hash", "the hash of the path it was observed on"),
        Field("preflight_id", "S1", "id", "the preflight that the row names"),
        Field("attribution", "S0", "code", "how the row was joined: `explicit` or `fallback`"),
    ),
)
_GATE = (
    Field("coverage", "S0", "number", "the share of the topic's weight that has to be shared"),
    Field("lone_coverage", "S0", "number", "the same where one word is shared"),
    Field("commonest", "S0", "number", "the share of decisions beyond which a word is common"),
    Field("always_rare", "S0", "number", "how many decisions may have a word that is rare"),
    Field("of_best", "S0", "number", "how near to the best a decision has to be"),
    Field("most", "S0", "number", "how many decisions may pass"),
)
_DECISION = (
    Field("key", "S1", "code", "its name within the row"),
    Field("title", "S3", "text", "its title, redacted"),
    Field("description", "S3", "text", "what was decided, redacted"),
    Field("rationale", "S3", "text", "why, redacted"),
    Field("feature_group", "S3", "text", "its group, redacted"),
    Field("signoff", "S0", "code", "`proposed` or `ratified`"),
    Field("paths", "S2", "path", "files that it is bound to, redacted"),
    Field("has_drifted", "S0", "flag", "whether the code at its first path was judged drifted"),
)

REVIEWED = (
    Kind(
        id="failure_review",
        family="review",
        shape=ReviewRow,
        fields=(
            _ID,
            Field("ts", "S1", "stamp", "when the preflight ran"),
            SESSION_ID,
            REPOSITORY_ID,
            Field("preflight_id", "S1", "id", "the preflight"),
            Field(
                "classification",
                "S0",
                "code",
                "`suspected_miss`, `suspected_false_fire` or `normal`",
            ),
            Field("confidence", "S0", "number", "how sure that is, between 0 and 1"),
            Field("because", "S1", "words", "why, in a sentence"),
            Field("fired", "S0", "flag", "whether the preflight had something to act on"),
            Field("reason", "S0", "code", "the preflight's reason"),
            Field("surfaced_ids", "S1", "id", "the decisions that were shown"),
            Field("missed_ids", "S1", "id", "those that should have been shown and were not"),
            Field("unused_ids", "S1", "id", "those that were shown for nothing"),
            _EVIDENCE,
            TOPIC_HASH,
            PATH_HASHES,
            Field("session_ended_at", "S1", "stamp", "when the session was over"),
            TOPIC,
            FILE_PATHS,
            SCHEMA,
        ),
        transmission="explicit_export",
        retention=kept(REVIEW_FILE),
        owner="bicameral.review.reconciliation.journal",
        description="What reconciliation says of one preflight, after its session ended.",
        file=REVIEW_FILE,
    ),
    Kind(
        id="failure_label",
        family="label",
        shape=LabelRow,
        fields=(
            TS,
            Field("review_id", "S1", "id", "the row of `failure_review.jsonl` that it is about"),
            Field("action", "S0", "code", "`label`, `undo` or `promote`"),
            Field("who", "S3", "text", "the person, as they are called here"),
            Field("label", "S0", "code", "the label that was given"),
            Field("note", "S3", "text", "what the person noted"),
            Field("eval_row_id", "S1", "id", "the row of a data set that it was promoted to"),
            SCHEMA,
        ),
        transmission="explicit_export",
        retention=kept(LABELS_FILE),
        owner="bicameral.review.triage.labels",
        description="What a person did with one suspected row.",
        file=LABELS_FILE,
    ),
    Kind(
        id="calibration",
        family="calibration",
        shape=CalibrationRow,
        fields=(
            Field("ts", "S1", "stamp", "from when on the gate holds"),
            Field("action", "S0", "code", "`apply` or `revert`"),
            Field("who", "S3", "text", "the person, as they are called here"),
            Field("gate", "S0", "number", "the gate that holds from then on", within=_GATE),
            Field("previous", "S0", "number", "the gate that held until then", within=_GATE),
            Field("package", "S0", "code", "the version that wrote it"),
            Field(
                "evidence",
                "S1",
                "open",
                "what it rests on: counts, costs, folds, and the ids of labelled rows",
            ),
            SCHEMA,
        ),
        transmission="explicit_export",
        retention=kept(CALIBRATIONS_FILE),
        owner="bicameral.review.calibration.records",
        description="A change of the topic gate.",
        file=CALIBRATIONS_FILE,
    ),
    Kind(
        id="dataset_row",
        family="dataset",
        shape=EvalRow,
        fields=(
            _ID,
            Field("origin", "S0", "code", "where it comes from: `labelled` for a promoted row"),
            Field("category", "S0", "code", "what kind of miss, false fire or hit it is"),
            Field("topic", "S3", "text", "what was asked, redacted"),
            Field("file_paths", "S2", "path", "the paths that were asked about, redacted"),
            Field("decisions", "S3", "text", "the decisions it is about", within=_DECISION),
            Field("expected", "S1", "code", "the keys of the decisions that must surface"),
            Field(
                "before",
                "S3",
                "text",
                "what was asked before in the same session",
                within=(
                    Field("topic", "S3", "text", "what was asked, redacted"),
                    Field("file_paths", "S2", "path", "the paths, redacted"),
                ),
            ),
            Field("label", "S0", "code", "the label that the row has"),
            Field("note", "S3", "text", "a note, redacted"),
            SCHEMA,
        ),
        transmission="explicit_export",
        retention=None,
        owner="bicameral.review.promotion.dataset_file",
        description=(
            "A row of `tests/eval/real_dataset.jsonl` in the repository under work. It is "
            "written by `triage promote` alone, redacted, when a person vouches for it."
        ),
    ),
)
