"""Which session a call belongs to: what the person calls one, where the client says it.

A pure function over what the wire and the process know, so that the order can be read,
and tested, in one place.
"""

from collections.abc import Callable, Mapping

from bicameral.capture.sizes import LONGEST_SESSION_ID

CLAUDE_CODE_SESSION = "CLAUDE_CODE_SESSION_ID"
CODEX_TURN = "x-codex-turn-metadata"
LEGACY_HEADER = "mcp-session-id"


def resolve_session(
    *,
    arguments: Mapping[str, object],
    meta: Mapping[str, object],
    variables: Mapping[str, str],
    headers: Mapping[str, str],
    minted: str,
) -> str:
    """Return the first usable of: argument, request `_meta`, environment, header, `minted`.

    Usable is text of 1 to 512 characters that is not blank; anything else is passed over.
    """
    turn = meta.get(CODEX_TURN)
    candidates = (
        arguments.get("session_id"),
        turn.get("session_id") if isinstance(turn, Mapping) else None,
        meta.get("sessionId"),
        variables.get(CLAUDE_CODE_SESSION),
        headers.get(LEGACY_HEADER),
    )
    return next((found for found in map(_usable, candidates) if found), minted)


def mint_session(random_bytes: Callable[[int], bytes]) -> str:
    """Make an id for this server process, for clients that give none."""
    return f"process-{random_bytes(16).hex()}"


def _usable(candidate: object) -> str | None:
    if not isinstance(candidate, str):
        return None
    text = candidate.strip()
    return text if len(text) <= LONGEST_SESSION_ID else None
