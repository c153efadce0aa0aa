"""Cursors: where the next page starts, as text that callers hand back unchanged."""

from bicameral.errors import InputRefused

_LARGEST = 2**62


def offset_of(cursor: str | None) -> int:
    """Return the number in a cursor, 0 for none; raises `InputRefused` for any other text."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) > _LARGEST:
        raise InputRefused(
            f"{cursor[:80]!r} is not a cursor",
            next_step="pass next_cursor of the previous page, or leave cursor out",
        )
    return int(cursor)
