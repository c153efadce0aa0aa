"""The shapes of lines that are written without msgspec, because a hook must not load it.

They are never written from here; a test holds each against lines that were really written.
"""

import msgspec

from bicameral.capture.rows import SCHEMA


class HookFailureLine(msgspec.Struct, kw_only=True):
    """What `capture/hook_failures.py` writes."""

    ts: str
    hook: str
    reason: str
    schema: int = SCHEMA


class SessionMarker(msgspec.Struct, kw_only=True):
    """What `capture/sessions.py` writes into the marker of a session."""

    session_id: str
    repository_id: str | None
    started_at: str


class RefusalDocument(msgspec.Struct, kw_only=True):
    """What a command with `--json` prints when it refuses."""

    error: str
    message: str
    next_step: str
