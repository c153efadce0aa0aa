"""What capture writes: the rows of `preflight_events.jsonl` and `engagements.jsonl`."""

from typing import get_args

from bicameral.capture import events
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.errors import ERROR_CODES, LedgerError
from bicameral.govern.kinds import Family, Field, Kind
from bicameral.grounding.index.question import Fallback
from bicameral.preflight.preflight import Reason
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

_EVENT_TYPE = Field(
    "event_type", "S0", "code", "which of the kinds it is", one_of=tuple(events.EVENT_KINDS)
)
_FALLBACKS = tuple(filter(None, get_args(Fallback)))
_SHARED = (TS, SESSION_ID, REPOSITORY_ID, SCHEMA)
_PATHS_HASH = Field("file_paths_hash", "S1", "hash", "one hash of all paths, whatever their order")
_PREFLIGHT_ID = Field("preflight_id", "S1", "id", "the preflight; null where none was named")
_PATH_HASH = Field("path_hash", "S1", "hash", "the hash of the path")
_CLIENTS_TOOL = Field("tool", "S1", "client", "the client's tool that makes the edit")


def _event(kind_id: str, family: Family, owner: str, *fields: Field, said: str) -> Kind:
    return Kind(
        id=kind_id,
        family=family,
        shape=events.EVENT_KINDS[kind_id],
        fields=(*_SHARED, *fields, _EVENT_TYPE),
        transmission="approved_upload",
        retention=kept(EVENTS_FILE),
        owner=f"bicameral.capture.{owner}",
        description=said,
        file=EVENTS_FILE,
    )


CAPTURED = (
    _event(
        "preflight",
        "capture",
        "telemetry",
        Field("preflight_id", "S1", "id", "the id that the answer carried"),
        TOPIC_HASH,
        _PATHS_HASH,
        PATH_HASHES,
        Field("fired", "S0", "flag", "whether there was something to act on"),
        Field("surfaced_ids", "S1", "id", "the ids of the decisions that were shown"),
        Field(
            "reason",
            "S0",
            "code",
            "one of the [reasons](../explanation/preflight.md#reasons), or `ledger_unavailable`",
            one_of=(*get_args(Reason), LedgerError.code),
        ),
        Field(
            "ledger_revision",
            "S1",
            "revision",
            "the state of the ledger that the answer rests on; null where it could not be read",
        ),
        Field("latency_ms", "S0", "number", "how long the answer took, in milliseconds"),
        TOPIC,
        FILE_PATHS,
        said="One for each call of `bicameral.preflight`, whatever it answered.",
    ),
    _event(
        "session_started",
        "session",
        "sessions",
        said="A process began to serve a session.",
    ),
    _event(
        "session_ended",
        "session",
        "sessions",
        Field(
            "ended_at",
            "S1",
            "stamp",
            "when it ended; for a process that vanished, the time of the session's last row",
        ),
        Field(
            "reason",
            "S0",
            "code",
            "`closed`, or `abandoned` when its process was gone",
            one_of=("closed", "abandoned"),
        ),
        said="A session is over.",
    ),
    _event(
        "preflight_prompt_bypassed",
        "bypass",
        "telemetry",
        Field(
            "preflight_id",
            "S1",
            "id",
            "the preflight that showed it; null where the caller named none",
        ),
        Field("decision_id", "S1", "id", "the decision"),
        # In one field, for the words and their hash are never both there.
        Field(
            "reason",
            "S3",
            "text",
            "the hash of the person's words; in raw mode the words themselves",
        ),
        Field("state_preserved", "S0", "flag", "whether the decision is as it was; always true"),
        said="A person waved a surfaced decision through.",
    ),
    _event(
        "ingest_refused",
        "refusal",
        "telemetry",
        Field("reason", "S0", "code", "the error's code", one_of=ERROR_CODES),
        Field("source_hash", "S1", "hash", "the hash of the paths that were named"),
        said="A call of `bicameral.ingest` was refused.",
    ),
    _event(
        "preflight_dedup_decision",
        "capture",
        "telemetry",
        _PREFLIGHT_ID,
        Field("invalidated_by_revision_bump", "S0", "flag", "the ledger changed since"),
        Field("bypassed_revision_unknown", "S0", "flag", "the ledger's revision could not be read"),
        said=(
            "A preflight was answered anew although something like it was asked within "
            "five minutes."
        ),
    ),
    _event(
        "graph_expansion_fallback",
        "capture",
        "telemetry",
        _PREFLIGHT_ID,
        Field("reason", "S0", "code", "why it was asked in part or not at all", one_of=_FALLBACKS),
        PATH_HASHES,
        said=(
            "The import graph could not be asked for all of the given files; the preflight "
            "answered without what it would have said. The reason is `index_cold` while the "
            "code index is not built yet, `out_of_time` where the files took longer to read "
            "than a preflight may wait, and `index_unavailable` where the index could not be "
            "read."
        ),
    ),
    _event(
        "edit_observed",
        "capture",
        "edits",
        _PATH_HASH,
        _CLIENTS_TOOL,
        said=("A client's after-edit hook (`bicameral-mcp hook after-edit`) saw a file change."),
    ),
    _event(
        "preflight_reminded",
        "capture",
        "reminders",
        _PATH_HASH,
        _CLIENTS_TOOL,
        said=(
            "A client's before-edit hook (`bicameral-mcp hook before-edit`) reminded the "
            "session that no preflight of it covers the file. There is at most one for a "
            "session."
        ),
    ),
    Kind(
        id="engagement",
        family="engagement",
        shape=events.Engagement,
        fields=(
            TS,
            SESSION_ID,
            Field("tool", "S0", "tool", "the tool that was called"),
            Field("decision_id", "S1", "id", "the decision"),
            Field(
                "preflight_id",
                "S1",
                "id",
                "the preflight that led to it: the one that the caller named, else the newest "
                "recent one on one of the same paths, else null",
            ),
            _PATHS_HASH,
            PATH_HASHES,
            Field(
                "attribution",
                "S0",
                "code",
                "`explicit` where the caller named the preflight, else `fallback`",
                one_of=get_args(events.Attribution),
            ),
        ),
        transmission="approved_upload",
        retention=kept(ENGAGEMENTS_FILE),
        owner="bicameral.capture.telemetry",
        description=(
            "A call that the client made concerned a decision. There is one for each "
            "decision that a call concerned, and none for the server's own work."
        ),
        file=ENGAGEMENTS_FILE,
    ),
)
