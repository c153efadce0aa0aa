"""Captured rows as reconciliation reads them: only the fields that it needs, checked.

These are decoded a million at a time, so they are structs to the end and hold no cycles.
Whatever a row carries beyond them is not even turned into a value, and what it lacks costs
nothing: an empty tuple is shared, where each row would have an empty list of its own.
"""

from typing import Annotated, Literal, TypeVar

import msgspec

STAMP_WIDTH = 27
"""Stamps have one width, so that their order as text is their order in time."""
Stamp = Annotated[str, msgspec.Meta(min_length=STAMP_WIDTH, max_length=STAMP_WIDTH)]
SessionId = Annotated[str, msgspec.Meta(min_length=1)]
Row = TypeVar("Row")

PREFLIGHT = "preflight"
EDIT = "edit_observed"
BYPASS = "preflight_prompt_bypassed"
STARTED = "session_started"
ENDED = "session_ended"
KINDS = frozenset({PREFLIGHT, EDIT, BYPASS, STARTED, ENDED})
"""The kinds of event that say something to a reconciliation; others are passed over."""


class EventRow(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A row of `preflight_events.jsonl`, of whatever kind: each fills what it has."""

    ts: Stamp
    session_id: SessionId
    event_type: str
    repository_id: str | None = None
    preflight_id: str | None = None
    topic_hash: str = ""
    path_hashes: tuple[str, ...] = ()
    fired: bool = False
    surfaced_ids: tuple[str, ...] = ()
    reason: str = ""
    latency_ms: float | None = None
    path_hash: str = ""
    decision_id: str = ""
    tool: str | None = None
    ended_at: str = ""
    topic: str | None = None
    file_paths: list[str] | None = None


class EngagementRow(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A row of `engagements.jsonl`."""

    ts: Stamp
    session_id: SessionId
    tool: str
    decision_id: str
    preflight_id: str | None = None
    path_hashes: tuple[str, ...] = ()
    attribution: Literal["explicit", "fallback"] = "fallback"

    @property
    def is_explicit(self) -> bool:
        """Whether the caller itself named the preflight."""
        return self.attribution == "explicit" and self.preflight_id is not None


class _Kind(msgspec.Struct, gc=False):
    event_type: str


_events = msgspec.json.Decoder(EventRow)
_engagements = msgspec.json.Decoder(EngagementRow)
_kinds = msgspec.json.Decoder(_Kind)


def decode_events(lines: bytes) -> tuple[list[EventRow], int]:
    """Return the rows of complete lines, and how many lines were none."""
    return _decode(_events, lines)


def decode_engagements(lines: bytes) -> tuple[list[EngagementRow], int]:
    """Return the rows of complete lines, and how many lines were none."""
    return _decode(_engagements, lines)


def _decode(decoder: msgspec.json.Decoder[Row], lines: bytes) -> tuple[list[Row], int]:
    try:
        rows = decoder.decode_lines(lines)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_each(decoder, lines)
    # Two rows glued to one line, and blank lines, are for the careful way.
    return (rows, 0) if len(rows) == lines.count(b"\n") else _decode_each(decoder, lines)


def _decode_each(decoder: msgspec.json.Decoder[Row], lines: bytes) -> tuple[list[Row], int]:
    rows: list[Row] = []
    skipped = 0
    for line in lines.split(b"\n")[:-1]:
        try:
            rows.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            skipped += not _is_of_another_kind(line)
    return rows, skipped


def _is_of_another_kind(line: bytes) -> bool:
    """Tell whether a line is an event of a kind that is not known here, whatever it holds."""
    try:
        return _kinds.decode(line).event_type not in KINDS
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
