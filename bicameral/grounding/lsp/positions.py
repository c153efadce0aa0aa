"""Places in a text as language servers count them: lines from 0, and units within the line.

A unit is what the two sides agreed on: UTF-16 if nothing else was said, so that one emoji
counts as two there and as four bytes here.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from bicameral.grounding.sources import Source

Encoding = Literal["utf-8", "utf-16", "utf-32"]
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)


@dataclass(frozen=True, slots=True)
class Position:
    """A place: `line` from 0, `character` in units of the encoding agreed on."""

    line: int
    character: int


def encoding_named(name: object) -> Encoding | None:
    """Return the encoding of a server's answer; None for one that was not offered."""
    return next((each for each in ENCODINGS if each == name), None)


def position_at(source: Source, offset: int, encoding: Encoding) -> Position:
    """Return the place of a byte of the source's text."""
    line = source.line_at(offset)
    start = source.line_starts[line - 1] if source.line_starts else 0
    text = source.text[start:offset].decode("utf-8", "replace")
    return Position(line - 1, sum(_units(each, encoding) for each in text))


def offset_at(source: Source, position: Position, encoding: Encoding) -> int | None:
    """Return the byte at a place; None where the text has no such place."""
    if not 0 <= position.line < source.line_count:
        return None
    offset, end = source.span_of_lines(position.line + 1, position.line + 1)
    left = position.character
    for each in source.text[offset:end].decode("utf-8", "replace"):
        if left <= 0:
            break
        left -= _units(each, encoding)
        offset += len(each.encode("utf-8"))
    return offset if left == 0 else None


def _units(character: str, encoding: Encoding) -> int:
    if encoding == "utf-8":
        return len(character.encode("utf-8"))
    return 2 if encoding == "utf-16" and ord(character) > 0xFFFF else 1  # noqa: PLR2004
