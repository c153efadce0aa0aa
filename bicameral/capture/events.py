"""Events: the exact fields of every row, one msgspec Struct a kind.

Hashed mode stores ids, hashes, numbers and codes of ours; only raw mode adds plain text.
A session id, a repository id and the ledger's ids are opaque and stand as they are.
"""

from typing import Literal

import msgspec

from bicameral.capture.rows import SCHEMA, encode_row

Attribution = Literal["explicit", "fallback"]

_encoder = msgspec.json.Encoder()


class Row(msgspec.Struct, kw_only=True):
    """What every row of `preflight_events.jsonl` carries; `ts` is when it was written."""

    ts: str
    session_id: str
    repository_id: str | None
    schema: int = SCHEMA


class PreflightEvent(Row, kw_only=True):
    """A preflight: what it was asked about, as hashes, and which decisions it surfaced."""

    preflight_id: str | None
    topic_hash: str
    file_paths_hash: str
    path_hashes: list[str]
    fired: bool
    surfaced_ids: list[str]
    reason: str
    ledger_revision: str | None
    latency_ms: float | None
    event_type: Literal["preflight"] = "preflight"
    topic: str | msgspec.UnsetType = msgspec.UNSET
    file_paths: list[str] | msgspec.UnsetType = msgspec.UNSET


class SessionStarted(Row, kw_only=True):
    """A server began to serve a session."""

    event_type: Literal["session_started"] = "session_started"


class SessionEnded(Row, kw_only=True):
    """A session is over since `ended_at`; `reason` is `abandoned` when its process vanished."""

    ended_at: str
    reason: str
    event_type: Literal["session_ended"] = "session_ended"


class PreflightPromptBypassed(Row, kw_only=True):
    """A person waved a surfaced decision through; `reason` is a hash outside raw mode."""

    preflight_id: str | None
    decision_id: str
    reason: str
    state_preserved: bool
    event_type: Literal["preflight_prompt_bypassed"] = "preflight_prompt_bypassed"


class IngestRefused(Row, kw_only=True):
    """A document was not taken in; `reason` is a code, the source only a hash."""

    reason: str
    source_hash: str
    event_type: Literal["ingest_refused"] = "ingest_refused"


class PreflightDedupDecision(Row, kw_only=True):
    """Why an earlier answer to the same question did not silence this preflight."""

    preflight_id: str | None
    invalidated_by_revision_bump: bool
    bypassed_revision_unknown: bool
    event_type: Literal["preflight_dedup_decision"] = "preflight_dedup_decision"


class GraphExpansionFallback(Row, kw_only=True):
    """The import graph could not be asked; the answer rests on the given paths alone."""

    preflight_id: str | None
    reason: str
    path_hashes: list[str]
    event_type: Literal["graph_expansion_fallback"] = "graph_expansion_fallback"


class EditObserved(Row, kw_only=True):
    """A client's after-edit hook saw a file change."""

    path_hash: str
    tool: str | None
    event_type: Literal["edit_observed"] = "edit_observed"


class PreflightReminded(Row, kw_only=True):
    """A client's before-edit hook reminded the session that no preflight covers the path."""

    path_hash: str
    tool: str | None
    event_type: Literal["preflight_reminded"] = "preflight_reminded"


class Engagement(msgspec.Struct, kw_only=True):
    """A call of the client's that concerned one decision: the row of `engagements.jsonl`."""

    ts: str
    session_id: str
    tool: str
    decision_id: str
    preflight_id: str | None
    file_paths_hash: str
    path_hashes: list[str]
    attribution: Attribution


EVENT_KINDS: dict[str, type[Row]] = {
    "preflight": PreflightEvent,
    "session_started": SessionStarted,
    "session_ended": SessionEnded,
    "preflight_prompt_bypassed": PreflightPromptBypassed,
    "ingest_refused": IngestRefused,
    "preflight_dedup_decision": PreflightDedupDecision,
    "graph_expansion_fallback": GraphExpansionFallback,
    "edit_observed": EditObserved,
    "preflight_reminded": PreflightReminded,
}


def encode(row: Row | Engagement) -> bytes:
    """Return the row as one line of JSON; characters that have no UTF-8 become `?`."""
    try:
        return _encoder.encode(row)
    except UnicodeEncodeError:
        return encode_row(msgspec.to_builtins(row))
