"""Text as a column holds it: checked on the way in, alike for both databases.

One database keeps what the other refuses (a NUL, half a surrogate pair, a key too long for
its index). Such text is refused for both before it is sent, so that a ledger can always move.
"""

import re
from collections.abc import Sequence

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from bicameral.errors import InputRefused

# PostgreSQL takes 2,704 bytes in one index entry; no index holds more than one long key.
MOST_KEY_BYTES = 500
MOST_LONG_KEY_BYTES = 2_000

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class CheckedText(TypeDecorator[str]):
    """Text that both databases store and order alike, of at most `most_bytes` in UTF-8."""

    impl = Text
    cache_ok = True

    def __init__(self, most_bytes: int | None = None) -> None:
        super().__init__()
        self.most_bytes = most_bytes

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Order by code point on PostgreSQL too, whatever the database's locale."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Pass a text on, or raise `InputRefused`."""
        if value is not None:
            check_texts([value], most_bytes=self.most_bytes)
        return value


def prose() -> CheckedText:
    """Return the type of text of any length, which no index holds."""
    return CheckedText()


def key() -> CheckedText:
    """Return the type of identifiers and names."""
    return CheckedText(MOST_KEY_BYTES)


def long_key() -> CheckedText:
    """Return the type of paths and references; an index may hold one of them."""
    return CheckedText(MOST_LONG_KEY_BYTES)


def check_texts(values: Sequence[str], *, most_bytes: int | None = None) -> None:
    """Raise `InputRefused` where no column can hold one of these texts."""
    # All in one look: hardly ever is there anything to find.
    is_short = most_bytes is None or max(map(len, values), default=0) * 4 <= most_bytes
    if is_short and not _UNSTORABLE.search("".join(values)):
        return
    for value in values:
        if why := why_unstorable(value, most_bytes=most_bytes):
            raise InputRefused(
                f"the ledger cannot hold this text: {why}", next_step="correct it and try again"
            )


def why_unstorable(value: str, *, most_bytes: int | None = None) -> str | None:
    """Say why no column can hold a text; None when one can."""
    if found := _UNSTORABLE.search(value):
        return f"it holds the character U+{ord(found[0]):04X}"
    if most_bytes is not None and len(value.encode()) > most_bytes:
        return f"it is longer than {most_bytes} bytes and is used as a key"
    return None
