"""Sizes: how large what is stored may be, the same on every path that stores it.

Beyond a limit nothing is cut and nothing is stored: it is refused, and counted where telemetry
must not fail the call. Standard library only, for hooks come this way.
"""

import re

from bicameral.errors import InputRefused

LONGEST_SESSION_ID = 512
"""Characters."""
MOST_LINE_BYTES = 262_144
"""A line with all that it carries: 256 KiB."""
_KIND = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def check_session_id(session_id: str) -> None:
    """Refuse an id of a session that is empty or longer than 512 characters."""
    if not 0 < len(session_id) <= LONGEST_SESSION_ID:
        raise InputRefused(
            f"the session id has {len(session_id)} characters",
            next_step=f"give one of 1 to {LONGEST_SESSION_ID} characters",
        )


def check_kind(kind: str) -> None:
    """Refuse a name of a kind that is not 1 to 128 of letters, digits and `_ . : -`."""
    if not _KIND.fullmatch(kind):
        raise InputRefused(
            "the name of the kind is empty, too long, or has other characters than it may",
            next_step="use 1 to 128 of letters, digits and _ . : -",
        )


def check_line(line: bytes) -> None:
    """Refuse a line of more than 256 KiB."""
    if len(line) > MOST_LINE_BYTES:
        raise InputRefused(
            f"a row of {len(line)} bytes is too large to be stored",
            next_step="name fewer paths in one call, or shorten its texts",
        )
